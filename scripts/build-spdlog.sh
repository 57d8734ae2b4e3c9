#!/usr/bin/env bash
# Builds the spdlog side of the comparison into TARGET/spdlog-bench (TARGET: $1, else target/).
#
# Needs g++ and Debian's libspdlog-dev. Where they are missing it says so and leaves with status 4,
# and the comparison goes on without spdlog.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:-${CARGO_TARGET_DIR:-target}}
source=bench-compare/spdlog/main.cpp
binary=$target/spdlog-bench

if [ "$(uname -m)" != x86_64 ]; then
    echo "build-spdlog: only for x86-64; spdlog is left out" >&2
    exit 4
fi
if ! command -v g++ >/dev/null || ! pkg-config --exists spdlog 2>/dev/null; then
    echo "build-spdlog: g++, pkg-config or libspdlog-dev is missing; spdlog is left out" \
        "(apt-get install g++ pkg-config libspdlog-dev)" >&2
    exit 4
fi
if [ "$binary" -nt "$source" ]; then
    exit 0
fi
mkdir -p "$target"
# shellcheck disable=SC2046 # several words are wanted
g++ -std=c++17 -O3 -DNDEBUG -Wall -Wextra -Werror $(pkg-config --cflags spdlog) "$source" \
    -o "$binary.new" $(pkg-config --libs spdlog) -pthread
mv "$binary.new" "$binary"
