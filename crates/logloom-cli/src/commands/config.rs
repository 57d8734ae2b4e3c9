//! `logloom config`: the configuration checked, shown with its origins, or described as a schema.

use std::path::Path;

use logloom_config::{Colours, Report, Shown};

use crate::args::{ConfigArguments, ConfigCommand, PlaceArguments, ReportFormat};
use crate::exit::{Failure, Outcome, say};
use crate::output::{self, json_text};
use crate::place;
use crate::terminal::{Paint, columns, padded, safe_line, stdout_is_coloured};

pub(crate) fn run(arguments: &ConfigArguments) -> Result<Outcome, Failure> {
    match &arguments.command {
        ConfigCommand::Check { file } => check(file.as_deref()),
        ConfigCommand::Show { report, place } => show(report.format(), place),
        ConfigCommand::Schema => {
            output::write_all(logloom_config::schema().as_bytes())?;
            Ok(Outcome::Done)
        }
    }
}

fn check(file: Option<&Path>) -> Result<Outcome, Failure> {
    let (name, report) = match file {
        Some(file) => (file.display().to_string(), logloom_config::check(file)),
        None => found()?,
    };
    if !report.is_ok() {
        return Err(Failure::Configuration(report));
    }
    let colours = if stdout_is_coloured() { Colours::Ansi } else { Colours::Plain };
    let text = format!("{}{}: can be used\n", report.text(colours), safe_line(&name));
    output::write_all(text.as_bytes())?;
    Ok(Outcome::Done)
}

/// What a program that starts here would use.
fn found() -> Result<(String, Report), Failure> {
    let resolved = place::resolve(&PlaceArguments::default())?;
    let name = match &resolved.file {
        Some(file) => file.display().to_string(),
        None => "no configuration file; defaults and environment".to_owned(),
    };
    Ok((name, Report { problems: Vec::new(), warnings: resolved.warnings }))
}

fn show(format: ReportFormat, place: &PlaceArguments) -> Result<Outcome, Failure> {
    let resolved = place::resolve(place)?;
    resolved.warnings.iter().for_each(say);
    let settings = logloom_config::show(&resolved);
    output::report(format, settings.iter().map(json), || readable(&settings))?;
    Ok(Outcome::Done)
}

fn json(setting: &Shown) -> String {
    format!(
        "{{\"key\":{},\"value\":{},\"origin\":{},\"in_force\":{}}}",
        json_text(&setting.key),
        json_text(&setting.value),
        json_text(&setting.origin.to_string()),
        setting.in_force
    )
}

fn readable(settings: &[Shown]) -> String {
    let paint = Paint::of_stdout();
    let width = |text: fn(&Shown) -> &str| {
        settings.iter().map(|setting| columns(&safe_line(text(setting)))).max().unwrap_or(0)
    };
    let keys = width(|setting| &setting.key);
    let values = width(|setting| &setting.value).min(48);
    let mut out = String::new();
    for setting in settings {
        let (key, value) = (safe_line(&setting.key), safe_line(&setting.value));
        let (dim, off, bold) = (paint.dim(), paint.off(), paint.bold());
        let origin = setting.origin.to_string();
        let origin = safe_line(&origin);
        let (key, value) = (padded(&key, keys), padded(&value, values));
        let note = if setting.in_force { "" } else { "  not in force in this version" };
        out += &format!("{bold}{key}{off}  {value}  {dim}{origin}{note}{off}\n");
    }
    out
}
