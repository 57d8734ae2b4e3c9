# The front door for developers. `make` alone prints the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

SUITE := scripts/suite.sh
# Compiling may take 15 minutes; all that runs shares 40.
COMPILE_MINUTES := 15
RUN_MINUTES := 40

# cargo nextest runs each test in a process of its own; plain cargo test serves where it is missing.
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
ifeq ($(NEXTEST),yes)
BUILD_TESTS := cargo nextest run --locked --no-run
RUN_TESTS := cargo nextest run --locked
else
BUILD_TESTS := cargo test --locked --no-run --lib --bins --tests --examples
RUN_TESTS := cargo test --locked --lib --bins --tests --examples
endif

.PHONY: help build run test bench bench-python soak-python wheel check torture doctor-deps

help: ## print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
	  while IFS=$$'\t' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

build: ## build the release binary, target/release/logloom
	scripts/needs.sh build
	cargo build --locked --release -p logloom-cli

run: ## watch this machine's logs and a loaded sample service, live
	scripts/needs.sh run
	scripts/run.sh

test: ## run all tests; works on a bare Debian 12 with Rust, Python 3.11 and Node 20
	scripts/needs.sh test
	$(SUITE) begin
	$(SUITE) run compile $(COMPILE_MINUTES) -- $(BUILD_TESTS)
	$(SUITE) run tests $(RUN_MINUTES) -- $(RUN_TESTS)
	$(SUITE) run python $(RUN_MINUTES) -- scripts/python.sh test
	$(SUITE) run doc-tests $(RUN_MINUTES) -- cargo test --locked --doc
	$(SUITE) end $(COMPILE_MINUTES) $(RUN_MINUTES)

check: ## formatting, lints, documentation, dependencies
	cargo fmt --all -- --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	@if cargo deny --version >/dev/null 2>&1; then \
	  cargo deny check bans licenses sources; \
	else \
	  echo "check: cargo-deny is not installed; licences and sources were NOT checked" \
	    "(cargo install cargo-deny --locked)"; \
	fi

bench: ## measure calls and throughput against other loggers
	scripts/needs.sh bench
	cargo run --locked --release -p logloom-bench -- hotpath --json
	cargo run --locked --release -p logloom-bench -- throughput --json
	cargo run --locked --release -p logloom-bench -- intake --json
	cargo run --locked --release -p logloom-bench -- life --json

bench-python: ## measure the Python package against other loggers
	scripts/needs.sh build
	scripts/python.sh bench

soak-python: ## prove the Python package over 10,000 forks, 8 processes and 100 million records
	scripts/needs.sh build
	scripts/python.sh soak

wheel: ## build the Python package with the command in it, target/wheels
	scripts/needs.sh build
	scripts/python.sh wheel

torture: ## kill at every marked step, 2,000 times at random, in a crowd; fork; stall the disk
	scripts/needs.sh build
	cargo run --locked --release -p logloom-bench -- steps --json
	cargo run --locked --release -p logloom-bench -- sigkill --kills 2000 --json
	cargo run --locked --release -p logloom-bench -- crowd --json
	cargo run --locked --release -p logloom-bench -- forks --json
	cargo run --locked --release -p logloom-bench -- stall --json

doctor-deps: ## say which tools are here and which are missing; installs nothing
	@scripts/needs.sh doctor
