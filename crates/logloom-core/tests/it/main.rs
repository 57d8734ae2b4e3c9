//! The runtime as a process sees it. Each case runs in a process of its own, because a process has
//! one runtime: the test re-executes its own binary with the name of a program.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod descriptors;
mod forked;
mod groups;
mod lives;
mod masks;
mod numbers;
mod order;
mod power;
mod program;
mod runtime;

/// Runs the program that a test asked for, instead of the tests.
#[test]
fn program() {
    if let Ok(name) = std::env::var("LOGLOOM_TEST_PROGRAM") {
        program::run(&name);
    }
}
