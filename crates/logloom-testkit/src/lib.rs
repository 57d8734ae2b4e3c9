//! What tests of several crates share: the protocol as an executable model, the contract of
//! `Lifecycle` as a suite, and a machine that has been started anew. Takes no part in any program.

pub mod boot;
pub mod lifecycle;
pub mod model;
