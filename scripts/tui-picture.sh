#!/usr/bin/env bash
# Draws the pictures of docs/tui.md from the real screen, over the sample shop.
#
# The log lies in a folder that is deleted afterwards. Needs Python 3.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
cargo build --quiet --locked -p logloom-cli --bin logloom
program=$(cd "${CARGO_TARGET_DIR:-target}/debug" && pwd)/logloom
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
cd "$home"
export HOME=$home LANG=C.UTF-8
unset LC_ALL LC_MESSAGES
python3 "$root/scripts/sample_shop.py" log

python3 "$root/scripts/picture.py" -o "$root/docs/images/tui.svg" --columns 132 --rows 40 --seconds 60 \
    --shown "logloom tui ./log" --step 'await:live' --step 'keys:f' --step 'await:gateway' \
    --step 'keys:/level:>=warn\r' --step 'await:831 errors' --step 'keys:t14:07:30\r' --step 'await:14:07:3' \
    --step 'keys:e' --step 'keys:\r' --step 'await:caused by' -- "$program" tui log --utc
python3 "$root/scripts/picture.py" -o "$root/docs/images/tui-filter.svg" --columns 100 --rows 24 --seconds 60 \
    --shown "logloom tui ./log" --step 'await:live' --step 'await:errors' --step 'keys:/service:' \
    --step 'await:catalog' --step 'keys:\x1b[B\x1b[B' -- "$program" tui log --utc
