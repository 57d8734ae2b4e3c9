//! A record's way from values to bytes to a line, with serde_json as the judge of the line.
#![allow(clippy::unwrap_used)]

mod document;
mod hostile;
mod line;
mod planned;
mod round_trip;
mod support;
