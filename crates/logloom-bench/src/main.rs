//! Workloads and proofs: hot path, throughput, kills at marked steps.

fn main() {}
