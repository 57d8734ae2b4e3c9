//! `logloom doctor`: whether logging works here, a line for each thing looked at, with the remedy
//! where it does not. Looks only: nothing is made, repaired or recovered.

mod directory;
mod orphans;
mod rings;
mod writers;

use logloom_core::settings::Settings;
use logloom_ring::Segment;

use crate::args::{DoctorArguments, ReportFormat};
use crate::exit::{Failure, Outcome};
use crate::output::{self, counted, json_text};
use crate::place;
use crate::terminal::{Paint, safe_line};

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Fine,
    /// Works, but somebody should know.
    Warning,
    /// Does not work.
    Fails,
}

/// One thing that was looked at.
#[derive(Debug)]
struct Finding {
    topic: &'static str,
    verdict: Verdict,
    text: String,
    /// What to do; empty where all is well.
    remedy: String,
}

impl Finding {
    fn fine(topic: &'static str, text: impl Into<String>) -> Self {
        Self { topic, verdict: Verdict::Fine, text: text.into(), remedy: String::new() }
    }

    fn warning(topic: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { topic, verdict: Verdict::Warning, text: text.into(), remedy: remedy.into() }
    }

    fn fails(topic: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { topic, verdict: Verdict::Fails, text: text.into(), remedy: remedy.into() }
    }
}

pub(crate) fn run(arguments: &DoctorArguments) -> Result<Outcome, Failure> {
    let resolved = place::resolve(&arguments.place)?;
    let mut findings = vec![match &resolved.file {
        Some(file) => Finding::fine("configuration", format!("{} can be used", file.display())),
        None => Finding::fine("configuration", "no file; defaults and environment"),
    }];
    for warning in &resolved.warnings {
        let remedy = "see `logloom config check`";
        findings.push(Finding::warning("configuration", warning.to_string(), remedy));
    }
    let is_detailed = arguments.verbose || arguments.report.format() != ReportFormat::Pretty;
    examine(&resolved.settings, is_detailed, &mut findings);
    let objects = findings.iter().map(json);
    output::report(arguments.report.format(), objects, || readable(&findings, Paint::of_stdout()))?;
    let fails = findings.iter().any(|finding| finding.verdict == Verdict::Fails);
    Ok(if fails { Outcome::Nothing } else { Outcome::Done })
}

fn examine(settings: &Settings, is_detailed: bool, findings: &mut Vec<Finding>) {
    findings.push(rings::clock());
    for path in &settings.store.dir {
        directory::examine(path, findings);
        rings::examine(path, settings, findings);
        // Why one cannot be opened is among the findings already.
        if let Ok(directory) = place::open_reader(path) {
            writers::examine(&directory, findings);
        }
    }
    orphans::examine(settings, is_detailed, findings);
}

fn json(finding: &Finding) -> String {
    let verdict = word(finding.verdict);
    format!(
        "{{\"topic\":\"{}\",\"verdict\":\"{verdict}\",\"text\":{},\"remedy\":{}}}",
        finding.topic,
        json_text(&finding.text),
        json_text(&finding.remedy)
    )
}

/// Bytes of records that wait in the rings of a segment.
fn waiting(segment: &Segment) -> u64 {
    let rings = (0..segment.ring_count()).filter_map(|index| segment.ring(index));
    rings.map(|ring| ring.waiting()).sum()
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fine => "ok",
        Verdict::Warning => "warn",
        Verdict::Fails => "fail",
    }
}

fn readable(findings: &[Finding], paint: Paint) -> String {
    let mut out = String::new();
    for finding in findings {
        let colour = match finding.verdict {
            Verdict::Fine => paint.good(),
            Verdict::Warning => paint.warning(),
            Verdict::Fails => paint.bad(),
        };
        let (word, off) = (word(finding.verdict), paint.off());
        out += &format!(
            "{colour}{word:<4}{off}  {:<13}  {}\n",
            finding.topic,
            safe_line(&finding.text)
        );
        if !finding.remedy.is_empty() {
            out += &format!("{:21}{}-> {}{off}\n", "", paint.bold(), safe_line(&finding.remedy));
        }
    }
    let count =
        |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count() as u64;
    let (warnings, fails) = (count(Verdict::Warning), count(Verdict::Fails));
    let (warnings, fails) = (counted(warnings, "warning"), counted(fails, "failure"));
    out += &format!("\n{} ok, {warnings}, {fails}\n", count(Verdict::Fine));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_is_a_line_with_its_remedy() {
        let findings = [Finding::fine("a", "well"), Finding::fails("b", "ill", "do this")];
        assert_eq!(
            readable(&findings, Paint::new(false)),
            "ok    a              well\nfail  b              ill\n                     -> do this\n\n\
             1 ok, 0 warnings, 1 failure\n"
        );
    }
}
