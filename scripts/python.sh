#!/usr/bin/env bash
# Builds, tests and measures the Python package. Everything it installs goes into environments beneath
# the build folder.
#
#   python.sh test     tests and type checks, on every interpreter from 3.10 up that is found
#   python.sh bench    the table of costs beside other loggers
#   python.sh soak     forks, processes and memory, as long as it takes to be sure
#   python.sh wheel    a wheel with the command in it, in the build folder's wheels
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
say() { echo "python: $*"; }
for_tests='pytest hypothesis'
for_all="$for_tests django fastapi uvicorn httpx gunicorn celery loguru structlog opentelemetry-sdk mypy pyright ruff"

# The newest first: its environment also has the type checkers.
interpreters() {
    local name path
    {
        for name in 3.14 3.13 3.12 3.11 3.10; do
            path=$(command -v "python$name" 2>/dev/null) && "$path" -c '' 2>/dev/null && echo "$path"
        done
        ls -1 "$HOME"/.pyenv/versions/3.1[0-9]*/bin/python 2>/dev/null || true
    } | while read -r path; do
        "$path" -c 'import sys; print("%d%02d %s" % (*sys.version_info[:2], sys.executable))'
    done | sort -ru -k1,1 | cut -d' ' -f2
}

# An environment of this interpreter with these packages; prints its python.
environment() {
    local path=$1 place
    shift
    place=$target/python/$("$path" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ ! -x "$place/bin/python" ]; then
        "$path" -m venv "$place" >/dev/null 2>&1 || return 1
    fi
    if [ "$(cat "$place/packages" 2>/dev/null)" != "$*" ]; then
        say "installing $* beneath $place with pip" >&2
        "$place/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2 || return 1
        echo "$*" >"$place/packages"
    fi
    echo "$place/bin/python"
}

# The package beside its native part, where the tests find it.
library() {
    local profile=$1
    cargo build --locked -p logloom-python ${profile:+--release}
    mkdir -p "$target/python/package"
    rm -rf "$target/python/package/logloom"
    cp -r python/logloom "$target/python/package/"
    cp "$target/${profile:-debug}/lib_core.so" "$target/python/package/logloom/_core.abi3.so"
}

tests() {
    library ''
    local path python tested=0 newest='' packages
    for path in $(interpreters); do
        # The web frameworks with the newest one only; elsewhere their tests skip.
        packages=$([ -n "$newest" ] && echo "$for_tests" || echo "$for_all")
        # shellcheck disable=SC2086 # a list of names
        if ! python=$(environment "$path" $packages); then
            say "$path has no venv or nothing to install from; the package is NOT tested with it"
            continue
        fi
        say "tests with $("$python" -V)"
        PYTHONPATH=$target/python/package "$python" -m pytest -c python/pyproject.toml \
            -o cache_dir="$target/python/cache" python/tests
        tested=$((tested + 1))
        newest=${newest:-$path}
    done
    if [ "$tested" -eq 0 ]; then
        say "no interpreter from 3.10 up; the package is NOT tested"
        return 0
    fi
    types "$newest"
}

types() {
    local python
    # shellcheck disable=SC2086 # a list of names
    if ! python=$(environment "$1" $for_all); then
        say "no mypy, pyright and ruff to be had; types and style are NOT checked"
        return 0
    fi
    (cd python && "$python" -m ruff check --no-cache . && "$python" -m ruff format --no-cache --check .)
    (cd examples/python && "$python" -m ruff check --no-cache --config ../../python/pyproject.toml . &&
        "$python" -m ruff format --no-cache --config ../../python/pyproject.toml --check .)
    (cd python && MYPYPATH=. "$python" -m mypy --strict --cache-dir "$target/python/mypy" logloom)
    # It brings its own program from the npm registry at its first call.
    if ! "$python" -m pyright --version >/dev/null 2>&1; then
        say "pyright cannot be started; types are checked by mypy alone"
        return 0
    fi
    (cd python && "$python" -m pyright -p pyproject.toml)
}

bench() {
    library release
    local path python peer
    path=$(interpreters | head -n 1)
    python=$(environment "$path" pip) || { say "no venv to be had"; return 1; }
    for peer in structlog orjson loguru python-json-logger picologging; do
        "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "$peer" \
            2>/dev/null || say "$peer does not install here; it is left out"
    done
    PYTHONPATH=$target/python/package "$python" python/bench/calls.py
}

soak() {
    library release
    local path python
    path=$(interpreters | head -n 1)
    python=$(environment "$path" pip) || { say "no venv to be had"; return 1; }
    local proof
    for proof in 'forks 10000' 'rotate 8 1000000' 'memory 100000000'; do
        # shellcheck disable=SC2086 # a name and numbers
        PYTHONPATH=$target/python/package "$python" python/bench/processes.py $proof
    done
}

wheel() {
    local path python
    path=$(interpreters | head -n 1)
    python=$(environment "$path" maturin) || { say "no maturin to be had"; return 1; }
    cargo build --locked --profile wheel -p logloom-cli
    mkdir -p python/logloom.data/scripts
    trap 'rm -rf python/logloom.data' EXIT
    cp "$target/wheel/logloom" python/logloom.data/scripts/
    rm -rf "$target/wheels"
    (cd python && "$python" -m maturin build --profile wheel --locked --out "$target/wheels")
    ls -l "$target"/wheels/*.whl
}

case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
case "${1:-}" in
test) tests ;;
bench) bench ;;
soak) soak ;;
wheel) wheel ;;
*)
    sed -n '2,9p' "$0" >&2
    exit 2
    ;;
esac
