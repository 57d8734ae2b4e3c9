#!/usr/bin/env bash
# Builds the release binary and prints what it can do.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --release -p logloom-cli
exec "${CARGO_TARGET_DIR:-target}/release/logloom" --help
