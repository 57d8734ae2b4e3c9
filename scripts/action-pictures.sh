#!/usr/bin/env bash
# Draws the pictures of docs/action-log.md from what the example agent leaves.
#
# It runs once to its end and once until two Ctrl+C kill it, in a home directory that is deleted
# afterwards; each picture is what the command prints about that. Needs Python 3.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
cargo build --quiet --locked -p logloom-examples --bin 05_agent
cargo build --quiet --locked -p logloom-cli --bin logloom
programs=$(cd "${CARGO_TARGET_DIR:-target}/debug" && pwd)
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
cd "$home"
export HOME=$home
unset LOGLOOM_SETTINGS

await() { until grep -q "$1" said; do sleep 0.1; done; }

"$programs/05_agent" >/dev/null
"$programs/05_agent" wait >said &
await working
kill -INT $!
await "once more"
kill -INT $!
wait $! || true

picture() {
    local name=$1 columns=$2
    shift 2
    python3 "$root/scripts/picture.py" -o "$root/docs/images/action-$name.svg" --columns "$columns" \
        --rows 60 --shown "logloom $*" -- "$programs/logloom" "$@"
}

picture log 110 log --tail 16
picture summary 60 log --format summary
picture sessions 104 sessions
picture show 126 show last
picture report 104 report
