//! The same workloads on other loggers.

fn main() {}
