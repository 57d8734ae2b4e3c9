//! The real command, from outside: what it prints, what it keeps, how it ends.

#![allow(clippy::unwrap_used)]

mod actions;
mod clean;
mod compare;
mod configuration;
mod damage;
mod faults;
mod files;
mod follow;
mod full;
mod groups;
mod hostile;
mod import;
mod index;
mod intake;
mod journal;
mod keys;
mod limits;
mod logsql;
mod manual;
mod mask;
mod memory;
mod proofs;
mod query;
mod restart;
mod run;
mod script;
mod support;
mod tail;
mod terminal;
mod tui;
