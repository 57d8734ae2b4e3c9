//! `logloom completions`: a script for a shell, made from the definition of the arguments.

use clap::CommandFactory;

use crate::args::{Arguments, CompletionsArguments};
use crate::exit::{Failure, Outcome};
use crate::output;

pub(crate) fn run(arguments: &CompletionsArguments) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "logloom", &mut script);
    output::write_all(&script)?;
    Ok(Outcome::Done)
}
