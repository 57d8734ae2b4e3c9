//! The logloom command.

fn main() {}
