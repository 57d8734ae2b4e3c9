#!/usr/bin/env bash
# Runs one test suite and tells its minutes against its budget.
#
#   suite.sh begin                         forget earlier times
#   suite.sh run NAME MINUTES -- COMMAND…  run a suite; its exit status is handed on
#   suite.sh end COMPILE RUN               print all times against both budgets
#
# A budget is a measure, not a gate: a slow machine fails nothing, it is only told.
set -euo pipefail
cd "$(dirname "$0")/.."

times="${CARGO_TARGET_DIR:-target}/suite-times"

minutes() { awk -v s="$1" 'BEGIN { printf "%.1f", s / 60 }'; }

run_suite() {
    local name=$1 budget=$2 started=$SECONDS status=0
    shift 3
    echo "suite $name: $*"
    "$@" || status=$?
    local spent=$((SECONDS - started))
    printf '%s\t%s\n' "$name" "$spent" >>"$times"
    echo "suite $name: $(minutes $spent) of $budget minutes, exit status $status"
    return $status
}

summary() {
    local name spent compile=0 run=0
    while IFS=$'\t' read -r name spent; do
        if [ "$name" = compile ]; then
            compile=$((compile + spent))
        else
            run=$((run + spent))
        fi
        printf '  %-12s %6s minutes\n' "$name" "$(minutes "$spent")"
    done <"$times"
    line compile "$compile" "$1"
    line "all runs" "$run" "$2"
}

line() {
    local verdict=within
    if [ "$2" -gt $(($3 * 60)) ]; then verdict="OVER BUDGET"; fi
    echo "$1: $(minutes "$2") of $3 minutes, $verdict"
}

case "${1:-}" in
begin)
    mkdir -p "$(dirname "$times")"
    : >"$times"
    ;;
run)
    shift
    run_suite "$@"
    ;;
end) summary "$2" "$3" ;;
*)
    sed -n '2,8p' "$0" >&2
    exit 2
    ;;
esac
