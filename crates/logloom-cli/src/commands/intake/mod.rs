//! `logloom intake`: what becomes of the lines of a file, and which formats are known.
//!
//! Takes files and prints; writes nothing anywhere.

mod bound;
mod file;
mod test;
mod unpacked;

use logloom_intake::formats;

use crate::args::{IntakeArguments, IntakeCommand, ReportArguments};
use crate::exit::{Failure, Outcome};
use crate::output::{self, json_text};
use crate::terminal::{Paint, safe_line};

pub(crate) use bound::Bound;
pub(crate) use file::{binary, has_path, is_binary, service_of};
pub(crate) use test::rendered;
pub(crate) use unpacked::unpacked;

pub(crate) fn run(arguments: &IntakeArguments) -> Result<Outcome, Failure> {
    match &arguments.command {
        IntakeCommand::Test(arguments) => test::run(arguments),
        IntakeCommand::Formats(arguments) => list(arguments),
    }
}

/// Every format with a line of it.
fn list(arguments: &ReportArguments) -> Result<Outcome, Failure> {
    let plain = formats::FORMATS.iter().map(|format| (format.name, format.example, "text"));
    let json = formats::json_forms().map(|(name, example)| (name, example, "json"));
    let agents = formats::agents().map(|(name, example)| (name, example, "agent"));
    let mut all: Vec<_> = plain.chain(json).chain(agents).collect();
    all.sort_unstable();
    all.dedup_by_key(|(name, _, _)| *name);
    let objects = all.iter().map(|(name, example, kind)| {
        format!("{{\"name\":\"{name}\",\"kind\":\"{kind}\",\"example\":{}}}", json_text(example))
    });
    output::report(arguments.format(), objects, || {
        let paint = Paint::of_stdout();
        let width = all.iter().map(|(name, _, _)| name.len()).max().unwrap_or(0);
        let row = |(name, example, _): &(&str, &str, &str)| {
            let (bold, off) = (paint.bold(), paint.off());
            format!("{bold}{name:<width$}{off}  {}\n", safe_line(example))
        };
        all.iter().map(row).collect()
    })?;
    Ok(Outcome::Done)
}
