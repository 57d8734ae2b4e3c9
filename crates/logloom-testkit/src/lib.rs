//! What tests of several crates share: the protocol as an executable model, and the contract of
//! `Lifecycle` as a suite. Takes no part in any program.

pub mod lifecycle;
pub mod model;
