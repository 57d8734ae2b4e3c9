//! `logloom mask`: what masking would hide, rules of one's own tried out, and the kinds there are.
//!
//! Takes files and prints; writes nothing anywhere.

mod diff;
mod test;

use logloom_core::mask::{NAMED_KINDS, PERSONAL, kinds};

use crate::args::{MaskArguments, MaskCommand, ReportArguments};
use crate::exit::{Failure, Outcome};
use crate::output::{self, json_text};
use crate::terminal::Paint;

pub(crate) fn run(arguments: &MaskArguments) -> Result<Outcome, Failure> {
    match &arguments.command {
        MaskCommand::Diff(arguments) => diff::run(arguments),
        MaskCommand::Test(arguments) => test::run(arguments),
        MaskCommand::Kinds(arguments) => list(arguments),
    }
}

/// Every kind with what it looks like: name, group, looks.
fn rows() -> Vec<(&'static str, &'static str, &'static str)> {
    let shapes = kinds().map(|kind| (kind.name, kind.group, kind.looks));
    let named = NAMED_KINDS.iter().map(|(name, looks)| (*name, "named", *looks));
    let personal = PERSONAL.iter().map(|kind| (kind.name, "personal", kind.looks));
    shapes.chain(named).chain(personal).collect()
}

fn list(arguments: &ReportArguments) -> Result<Outcome, Failure> {
    let rows = rows();
    let objects = rows.iter().map(|(name, group, looks)| {
        format!("{{\"name\":\"{name}\",\"group\":\"{group}\",\"looks\":{}}}", json_text(looks))
    });
    output::report(arguments.format(), objects, || {
        let paint = Paint::of_stdout();
        let width = |of: fn(&(&str, &str, &str)) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let (name_width, group_width) = (width(|row| row.0.len()), width(|row| row.1.len()));
        let (bold, dim, off) = (paint.bold(), paint.dim(), paint.off());
        let row = |(name, group, looks): &(&str, &str, &str)| {
            format!("{bold}{name:<name_width$}{off}  {dim}{group:<group_width$}{off}  {looks}\n")
        };
        rows.iter().map(row).collect()
    })?;
    Ok(Outcome::Done)
}
