//! What an import tells: of each file, and in sum.
//!
//! Reports are written as the files are done, so that a million of them need no memory. On a
//! terminal a real import tells only of files of which there is something to tell, a dry one of
//! all. Problems go to the standard error, each once, in every format.

use std::io::{self, Write};
use std::time::Duration;

use logloom_record::time::format_rfc3339;

use super::job::{FileReport, Outcome};
use super::tally::{LEVELS, Tally};
use crate::args::ReportFormat;
use crate::exit::{Failure, say};
use crate::output::{bytes, counted, grouped, json_text};
use crate::terminal::safe_line;

/// Collects and writes.
pub(super) struct Reporter {
    format: ReportFormat,
    is_dry: bool,
    is_quiet: bool,
    sum: Tally,
    imported: u64,
    continued: u64,
    already: u64,
    /// Those of them that were told one by one.
    told: u64,
    failed: u64,
    is_begun: bool,
    broken: Option<io::Error>,
}

impl Reporter {
    pub(super) fn new(format: ReportFormat, is_dry: bool, is_quiet: bool) -> Self {
        Self {
            format,
            is_dry,
            is_quiet,
            sum: Tally::default(),
            imported: 0,
            continued: 0,
            already: 0,
            told: 0,
            failed: 0,
            is_begun: false,
            broken: None,
        }
    }

    /// Whether something could not be read.
    pub(super) fn has_failures(&self) -> bool {
        self.failed > 0
    }

    /// Takes the report of one file.
    pub(super) fn file(&mut self, report: &FileReport) {
        self.sum.add(&report.tally);
        if let Some(note) = &report.tally.note {
            say(format_args!("{}: {note}", report.name));
        }
        match &report.outcome {
            Outcome::Imported => self.imported += 1,
            Outcome::Continued(_) => self.continued += 1,
            Outcome::Already(_) => self.already += 1,
            Outcome::Stopped => {}
            Outcome::Failed(error) => {
                self.failed += 1;
                say(format_args!("{}: {error}{}", report.name, kept(&report.tally)));
            }
        }
        match self.format {
            ReportFormat::Pretty => self.pretty(report),
            _ => self.object(&file_json(report)),
        }
    }

    /// Tells of something that could not even be looked at.
    pub(super) fn problem(&mut self, name: String, error: io::Error) {
        let tally = Tally::default();
        self.file(&FileReport { name, outcome: Outcome::Failed(error), tally });
    }

    /// Tells the sum.
    pub(super) fn finish(mut self, elapsed: Duration) -> Result<(), Failure> {
        match self.format {
            ReportFormat::Pretty if self.is_quiet => {}
            ReportFormat::Pretty => {
                let text = self.summary(elapsed);
                self.write(&text);
            }
            _ => {
                let object = self.sum_json(elapsed);
                self.object(&object);
                if matches!(self.format, ReportFormat::Json) {
                    self.write("\n]\n");
                }
            }
        }
        match self.broken {
            Some(error) => Err(Failure::output(&error)),
            None => Ok(()),
        }
    }

    fn pretty(&mut self, report: &FileReport) {
        let tells = match &report.outcome {
            Outcome::Imported => self.is_dry,
            Outcome::Continued(_) => true,
            // The sum says as much; that another file had the same content is news.
            Outcome::Already(earlier) => *earlier != report.name,
            Outcome::Stopped | Outcome::Failed(_) => false,
        };
        if tells && !self.is_quiet {
            self.told += u64::from(matches!(report.outcome, Outcome::Already(_)));
            let text = format!("{}\n", file_text(report));
            self.write(&text);
        }
    }

    fn object(&mut self, object: &str) {
        let before = match (self.format, self.is_begun) {
            (ReportFormat::Json, false) => "[\n",
            (ReportFormat::Json, true) => ",\n",
            _ => "",
        };
        let after = if matches!(self.format, ReportFormat::Json) { "" } else { "\n" };
        self.is_begun = true;
        self.write(&format!("{before}{object}{after}"));
    }

    /// The import goes on when nobody reads the report any more.
    fn write(&mut self, text: &str) {
        if self.broken.is_none() {
            self.broken = io::stdout().write_all(text.as_bytes()).err();
        }
    }

    fn summary(&self, elapsed: Duration) -> String {
        let sum = &self.sum;
        if self.already > 0 && self.imported + self.continued + self.failed == 0 {
            return match self.already - self.told {
                0 => String::new(),
                1 => "nothing new: 1 file was already imported\n".to_owned(),
                files => {
                    let files = counted(files, "file");
                    format!("nothing new: {files} were already imported\n")
                }
            };
        }
        let verb = if self.is_dry { "would be imported" } else { "imported" };
        let mut text = format!(
            "{} of {} {verb} from {}",
            counted(sum.records, "record"),
            counted(sum.lines, "line"),
            counted(self.imported + self.continued, "file"),
        );
        if !self.is_dry {
            let rate = sum.bytes as f64 / elapsed.as_secs_f64().max(0.001);
            let seconds = elapsed.as_secs_f64();
            text += &format!(", {} in {seconds:.1} s ({}/s)", bytes(sum.bytes), bytes(rate as u64));
        }
        text.push('\n');
        let files = [
            (self.continued, "went on where an earlier import had left it"),
            (self.already, "already imported"),
            (self.failed, "not read, or not to the end"),
        ];
        for (count, what) in files.into_iter().filter(|(count, _)| *count > 0) {
            text += &format!("  {}: {what}\n", counted(count, "file"));
        }
        for line in facts(sum) {
            text += &format!("  {line}\n");
        }
        text
    }

    fn sum_json(&self, elapsed: Duration) -> String {
        format!(
            "{{\"sum\":true,\"files\":{},\"continued\":{},\"already\":{},\"failed\":{},\
             \"seconds\":{:.3},{}}}",
            self.imported + self.continued,
            self.continued,
            self.already,
            self.failed,
            elapsed.as_secs_f64(),
            tally_json(&self.sum)
        )
    }
}

/// What of a file that failed is in the log all the same.
fn kept(tally: &Tally) -> String {
    match tally.records {
        0 => String::new(),
        records => format!(" ({} before it were taken over)", counted(records, "record")),
    }
}

fn file_text(report: &FileReport) -> String {
    let name = safe_line(&report.name).into_owned();
    let tally = &report.tally;
    match &report.outcome {
        Outcome::Already(earlier) => {
            format!("{name}: already imported as {}", safe_line(earlier))
        }
        outcome => {
            let mut parts = vec![counted(tally.records, "record")];
            parts.extend(tally.formats.keys().map(|format| safe_line(format).into_owned()));
            if let Outcome::Continued(from) = outcome {
                parts.push(format!("from byte {} on", grouped(*from)));
            }
            parts.extend(facts(tally).into_iter().filter(|fact| !fact.starts_with("formats")));
            format!("{name}: {}", parts.join(", "))
        }
    }
}

/// What there is to say of counts beyond the records.
fn facts(tally: &Tally) -> Vec<String> {
    let mut facts = Vec::new();
    if !tally.formats.is_empty() {
        let formats = tally.formats.iter().map(|(name, files)| format!("{name} {files}"));
        facts.push(format!("formats: {}", formats.collect::<Vec<_>>().join(", ")));
    }
    if let Some((least, greatest)) = tally.span {
        let [least, greatest] = [least, greatest].map(|time| format_rfc3339(time, 0));
        facts.push(format!("from {least} to {greatest}"));
    }
    let levels = LEVELS.iter().zip(tally.levels).filter(|(_, count)| *count > 0);
    let levels: Vec<String> =
        levels.map(|(level, count)| format!("{} {}", level.as_str(), grouped(count))).collect();
    if !levels.is_empty() {
        facts.push(levels.join(" "));
    }
    let counts = [
        (tally.unrecognised, "not recognised, kept as plain text"),
        (tally.untimed, "without a time of their own that could be settled"),
        (tally.misplaced, "of days that the log directory has no room for, filed under today"),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        facts.push(format!("{} {what}", grouped(count)));
    }
    facts
}

fn file_json(report: &FileReport) -> String {
    let name = json_text(&report.name);
    let (state, more) = match &report.outcome {
        Outcome::Imported => ("imported", String::new()),
        Outcome::Continued(from) => ("continued", format!("\"from\":{from},")),
        Outcome::Already(earlier) => ("already", format!("\"as\":{},", json_text(earlier))),
        Outcome::Stopped => ("stopped", String::new()),
        Outcome::Failed(error) => {
            ("failed", format!("\"reason\":{},", json_text(&error.to_string())))
        }
    };
    format!("{{\"file\":{name},\"state\":\"{state}\",{more}{}}}", tally_json(&report.tally))
}

fn tally_json(tally: &Tally) -> String {
    let formats: Vec<String> =
        tally.formats.iter().map(|(name, files)| format!("{}:{files}", json_text(name))).collect();
    let levels: Vec<String> = LEVELS
        .iter()
        .zip(tally.levels)
        .map(|(level, count)| format!("\"{}\":{count}", level.as_str()))
        .collect();
    let span = tally.span.map_or_else(String::new, |(least, greatest)| {
        let [least, greatest] = [least, greatest].map(|time| format_rfc3339(time, 6));
        format!("\"first\":\"{least}\",\"last\":\"{greatest}\",")
    });
    format!(
        "\"bytes\":{},\"lines\":{},\"records\":{},\"unrecognised\":{},\"untimed\":{},\
         \"misplaced\":{},{span}\"levels\":{{{}}},\"formats\":{{{}}}",
        tally.bytes,
        tally.lines,
        tally.records,
        tally.unrecognised,
        tally.untimed,
        tally.misplaced,
        levels.join(","),
        formats.join(",")
    )
}
