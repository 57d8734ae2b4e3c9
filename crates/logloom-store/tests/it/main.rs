//! The store on real files, with real processes that are killed at marked steps.
#![allow(clippy::unwrap_used)]

mod child;
mod faults;
mod follow;
mod head;
mod kills;
mod life;
mod oracle;
mod owner;
mod platform;
mod redo;
mod replaced;
mod writers;
