#!/usr/bin/env bash
# Installs what a target needs and this machine lacks, and says so; installs nothing that is there.
#
#   needs.sh build|run|test|bench    install what is missing (Debian packages; needs root or sudo)
#   needs.sh doctor                  only say what is here and what is missing
#
# Rust itself is not installed: which tool chain to use is the developer's choice.
set -euo pipefail
cd "$(dirname "$0")/.."

# A command, and the Debian packages it takes to have it, with commas between them.
build_needs=(cc:gcc,libc6-dev)
# strace shows that a call makes no system call; without it that one test is skipped.
# zstdcat, and Node, Java and DuckDB where they are, read compressed day files; without one it is not checked.
test_needs=("${build_needs[@]}" git:git python3:python3 strace:strace zstdcat:zstd)
bench_needs=("${build_needs[@]}" c++:g++ pkg-config:pkg-config)

missing_packages() {
    local need
    for need in "$@"; do
        command -v "${need%%:*}" >/dev/null || tr , '\n' <<<"${need#*:}"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "needs: not root and no sudo; run as root: $*" >&2
        return 1
    fi
}

install_missing() {
    local packages
    mapfile -t packages < <(missing_packages "$@")
    [ "${#packages[@]}" -eq 0 ] && return 0
    if ! command -v apt-get >/dev/null; then
        echo "needs: please install ${packages[*]} (no apt-get here to do it with)" >&2
        return 1
    fi
    echo "needs: installing ${packages[*]} with apt-get"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${packages[@]}"
}

# One of the loggers that Logloom is compared with; the comparison goes on without it.
install_spdlog() {
    pkg-config --exists spdlog && return 0
    echo "needs: installing libspdlog-dev with apt-get"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libspdlog-dev || echo "needs: without libspdlog-dev the comparison leaves spdlog out"
}

# What searches are compared with; what cannot be had is left out.
install_searchers() {
    local packages
    mapfile -t packages < <(missing_packages rg:ripgrep jq:jq)
    [ "${#packages[@]}" -eq 0 ] && return 0
    install_missing rg:ripgrep jq:jq ||
        echo "needs: without ${packages[*]} searches are NOT compared with them"
}

# The system log daemons that the import is compared with. They are only unpacked beneath the build
# folder: Debian has them exclude each other, and one may be this machine's own.
unpack_daemons() {
    local peers=${CARGO_TARGET_DIR:-target}/peers
    [ -d "$peers/rsyslog" ] && [ -d "$peers/syslog-ng" ] && return 0
    command -v apt-get >/dev/null || { echo "needs: no apt-get; the comparison leaves them out"; return 0; }
    echo "needs: unpacking rsyslog and syslog-ng beneath $peers"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-upgrade \
        libestr0 libfastjson4 liblognorm5 libivykis0 libjson-c5 libglib2.0-0 libnet1 libwrap0 libpcre3 ||
        echo "needs: without their libraries the comparison may leave them out"
    mkdir -p "$peers"
    for package in rsyslog syslog-ng-core; do
        (cd "$peers" && apt-get download -qq "$package" && dpkg -x "$package"_*.deb "${package%-core}" &&
            rm -f "$package"_*.deb) || echo "needs: the comparison leaves $package out"
    done
}

# A viewer that queries are compared with, unpacked beneath the build folder with the one library that it needs
# and few machines have.
unpack_lnav() {
    local peers=${CARGO_TARGET_DIR:-target}/peers
    command -v lnav >/dev/null || [ -d "$peers/lnav" ] && return 0
    command -v apt-get >/dev/null || { echo "needs: no apt-get; the comparison leaves lnav out"; return 0; }
    echo "needs: unpacking lnav beneath $peers"
    mkdir -p "$peers"
    (cd "$peers" && apt-get download -qq lnav libarchive13 && dpkg -x lnav_*.deb lnav &&
        dpkg -x libarchive13_*.deb lnav && rm -f lnav_*.deb libarchive13_*.deb) ||
        echo "needs: the comparison leaves lnav out"
}

# DuckDB reads compressed day files as tables; the tests pass over it where it is missing.
install_duckdb() {
    local place=${CARGO_TARGET_DIR:-target}/tools/python
    [ -d "$place/duckdb" ] && return 0
    if ! python3 -m pip --version >/dev/null 2>&1; then
        echo "needs: no pip; it is NOT checked that DuckDB reads compressed files"
        return 0
    fi
    echo "needs: installing DuckDB beneath $place with pip"
    python3 -m pip install --quiet --disable-pip-version-check --target "$place" duckdb ||
        echo "needs: without DuckDB it is NOT checked that it reads compressed files"
}

require_rust() {
    if ! command -v cargo >/dev/null; then
        echo "needs: cargo is missing; install Rust $(minimum_rust) or later, then try again" >&2
        return 1
    fi
}

minimum_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml; }

doctor() {
    local tool path
    for tool in cargo cargo-nextest cargo-deny cc c++ pkg-config git python3 node javac zstdcat rg jq make; do
        path=$(command -v "$tool" || echo missing)
        echo "$tool: $path"
    done
    echo "Rust wanted: $(minimum_rust) or later; here: $(rustc --version 2>/dev/null || echo none)"
    echo "cargo-nextest and cargo-deny are used where they are and not required"
}

case "${1:-}" in
build | run) require_rust && install_missing "${build_needs[@]}" ;;
test) require_rust && install_missing "${test_needs[@]}" && install_duckdb ;;
bench) require_rust && install_missing "${bench_needs[@]}" && install_spdlog && install_searchers &&
    unpack_daemons && unpack_lnav && install_duckdb ;;
doctor) doctor ;;
*)
    sed -n '2,7p' "$0" >&2
    exit 2
    ;;
esac
