#!/usr/bin/env bash
# Watches this machine's own logs and a loaded sample service, live, in one place.
#
# Builds the release binary, takes over what stands in /var/log, starts a service that logs through
# the library, and shows everything as it comes. Where nothing else is logged on this machine, a
# bundled writer of rotated files in several formats stands in, and that is said. Ctrl+C ends all of
# it, by process id, with a summary. Writes to the target directory only.
#
#   LOGLOOM_RUN_SECONDS=N    ends by itself after N seconds
#   LOGLOOM_RUN_RATE=N       records a second of the sample service (200)
#   LOGLOOM_RUN_BINARIES=DIR uses the binaries there instead of building
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
binaries=${LOGLOOM_RUN_BINARIES:-}
seconds=${LOGLOOM_RUN_SECONDS:-infinity}
rate=${LOGLOOM_RUN_RATE:-200}
# Files of /var/log beyond this are followed from their end.
history_bytes=67108864
service_pid='' follow_pid='' recent_pid='' samples_pid='' tail_pid='' clock_pid=''
is_ended=''
is_stood_in=''

# On a terminal the rate stands in the last row: the message takes its place.
say() {
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
    echo "run: $*" >&2
}

build() {
    if [ -n "$binaries" ]; then
        [ -x "$binaries/logloom" ] && [ -x "$binaries/examples/sample_service" ] && return
        say "$binaries holds no binaries"
        return 1
    fi
    say "building the release binary; the first time this takes some minutes"
    cargo build --locked --release -p logloom-cli --bin logloom \
        --example sample_service --example sample_files
    binaries=$target/release
}

# A fresh directory for this run; those of runs that have ended are removed.
prepare() {
    local old
    mkdir -p "$target/run"
    for old in "$target"/run/*/; do
        [ -f "$old/pid" ] && ! kill -0 "$(cat "$old/pid")" 2>/dev/null && rm -rf "$old"
    done
    folder=$(mktemp -d "$target/run/XXXXXX")
    echo $$ >"$folder/pid"
    log=$folder/log
    samples=$folder/samples
    mkfifo "$folder/silence"
}

# Text logs of this machine that may be read: small ones, then large ones.
list_files() {
    mapfile -t small < <(find_logs -size "-${history_bytes}c")
    mapfile -t large < <(find_logs -size "+$((history_bytes - 1))c")
}

find_logs() {
    find /var/log -maxdepth 3 -type f -readable "$@" \
        \( -name '*.log' -o -name syslog -o -name messages \) 2>/dev/null | sort || true
}

# Which files are followed, and the format that is found in the first part of each.
tell_files() {
    local file found
    say "of /var/log ${#small[@]} files are read from their beginning, ${#large[@]} larger ones from their end:"
    for file in "${small[@]}" "${large[@]}"; do
        found=$(head -c 65536 "$file" | "$binaries/logloom" intake test --lines 0 - 2>/dev/null |
            sed -n 's/^-: //p; s/^  recognised  */, taken apart: /p' | tr -d '\n') || true
        [ -s "$file" ] || found=empty
        say "  $file: ${found:-not read}"
    done
}

# How large everything is and when it was last written.
state_of_files() { stat -c '%n %s %Y' "${small[@]}" "${large[@]}" 2>/dev/null | cksum; }

follow() {
    "$binaries/logloom" follow --quiet --dir "$log" "${small[@]}" "$samples" &
    follow_pid=$!
    if [ ${#large[@]} -gt 0 ]; then
        "$binaries/logloom" follow --quiet --from end --dir "$log" "${large[@]}" &
        recent_pid=$!
    fi
}

# The catalogue is there once somebody has opened the directory.
await_log() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        [ -s "$log/.logloom/head" ] && return
        sleep 0.05
    done
    say "the log directory was not made within 10 seconds"
    return 1
}

# How many records are in the log.
count_records() { "$binaries/logloom" stats --dir "$log" --format json | grep -o '"records":[0-9]*' |
    head -n 1 | cut -d: -f2; }

# What was written before comes first, so that the live part begins with what happens now. Goes on
# without the rest of a history that takes longer than ten seconds.
await_history() {
    local before=-1 now=0 tries
    for ((tries = 0; tries < 20 && before != now; tries++)); do
        before=$now
        # A pause within this very process, so that ending it leaves nothing behind.
        read -r -t 0.5 _ <>"$folder/silence" || true
        now=$(count_records)
    done
    say "$now records of these files are in the log, with what was written before; what follows is new"
}

# Something must move: when no log of this machine did meanwhile, a writer stands in.
stand_in() {
    [ "$state_before" = "$(state_of_files)" ] || return 0
    is_stood_in=yes
    say "none of these files has grown meanwhile: bundled sample files, which do, are followed too"
    "$binaries/examples/sample_files" "$samples" &
    samples_pid=$!
}

# Whatever ends one of them ends all: where an interrupt is ignored, as in the background of a
# script, it reaches the service alone.
await_end() {
    local pids=("$tail_pid" "$service_pid" "$follow_pid")
    [ -z "$recent_pid" ] || pids+=("$recent_pid")
    [ -z "$samples_pid" ] || pids+=("$samples_pid")
    wait -n "${pids[@]}" "$clock_pid" || true
}

end_process() {
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# Ends everything in the order of the data: writers first, then who shows it.
finish() {
    [ -n "$is_ended" ] && return
    trap '' INT TERM HUP
    is_ended=yes
    local pid
    for pid in "$clock_pid" "$samples_pid" "$service_pid" "$follow_pid" "$recent_pid" "$tail_pid"; do
        end_process "$pid"
    done
    [ -d "${log:-/nonexistent}" ] && summary
}

summary() {
    local lost
    echo
    "$binaries/logloom" stats --dir "$log" || true
    lost=$({ "$binaries/logloom" query --dir "$log" --field event=logloom.loss --format jsonl || true; } |
        sed -n 's/.*"count":\([0-9]*\),"levels".*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }')
    echo
    echo "lost $lost"
    [ -z "$is_stood_in" ] || echo "no file of /var/log grew at the start: sample files were followed too"
    echo "still there: $binaries/logloom query --dir $log --level warn"
}

build
prepare
list_files
trap finish EXIT
# A second signal must not end the summary of the first.
trap 'trap "" INT TERM HUP; exit 0' INT TERM HUP
say "everything is kept in $log"
tell_files
state_before=$(state_of_files)
follow
await_log
await_history
stand_in
"$binaries/examples/sample_service" "$log" --rate "$rate" &
service_pid=$!
say "a sample service logs $rate records a second; all that comes from now on is shown, Ctrl+C ends"
"$binaries/logloom" tail --rate -n 0 --dir "$log" &
tail_pid=$!
sleep "$seconds" &
clock_pid=$!
await_end
