//! Generators, the protocol model, conformance suites and oracles for tests.

pub mod lifecycle;
pub mod model;
