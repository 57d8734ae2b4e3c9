//! `logloom mask diff`: a dry run of the masks over a file.
//!
//! Takes a file or the standard input, prints the lines that masking would change, as they are and as
//! they would be, with the kinds of what was found; a rule of one's own is told by its name. Reads in parts of some mebibytes, each of whole lines; a private key of many lines
//! is only found where it lies within one part. Nothing is kept.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use logloom_config::read_mask_rules;
use logloom_core::mask::{Hit, Masker, Syntax};
use logloom_core::settings::MaskSettings;

use crate::args::{MaskDiffArguments, ReportFormat};
use crate::exit::{Failure, Outcome};
use crate::output::{self, json_text};
use crate::place;
use crate::terminal::{Paint, safe_line};

/// Bytes that are read at once; a longer line is looked at in parts.
const PART_BYTES: usize = 4 << 20;

pub(crate) fn run(arguments: &MaskDiffArguments) -> Result<Outcome, Failure> {
    let masker = Masker::new(&settings(arguments)?);
    let name = arguments.file.display().to_string();
    let failure = |error: io::Error| Failure::system(format!("read {name}"), error);
    let mut input = open(&arguments.file).map_err(failure)?;
    let mut dry_run = DryRun::new(&masker, arguments.report.format());
    let mut part = Vec::new();
    loop {
        let wanted = (PART_BYTES - part.len()) as u64;
        let read = input.by_ref().take(wanted).read_to_end(&mut part).map_err(failure)?;
        let last_break = part.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        let whole = if read == 0 { part.len() } else { last_break.unwrap_or(part.len()) };
        let rest = part.split_off(whole);
        dry_run.part(&part)?;
        part = rest;
        if read == 0 {
            return dry_run.finish();
        }
    }
}

fn settings(arguments: &MaskDiffArguments) -> Result<MaskSettings, Failure> {
    let configured = place::settings(&arguments.place)?.mask;
    let mut settings = match arguments.strict {
        true => MaskSettings {
            fields: configured.fields,
            rules: configured.rules,
            ..MaskSettings::strictest()
        },
        false => configured,
    };
    if let Some(path) = &arguments.rules {
        let entries = read_mask_rules(path).map_err(Failure::Configuration)?;
        settings.rules = entries.into_iter().map(|entry| entry.rule).collect();
    }
    Ok(settings)
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    match path == Path::new("-") {
        true => Ok(Box::new(io::stdin().lock())),
        false => Ok(Box::new(File::open(path)?)),
    }
}

struct DryRun<'m> {
    masker: &'m Masker,
    format: ReportFormat,
    paint: Paint,
    /// Lines before the part.
    lines: usize,
    hits: usize,
    /// Whether an object was printed.
    has_printed: bool,
}

impl<'m> DryRun<'m> {
    fn new(masker: &'m Masker, format: ReportFormat) -> Self {
        Self { masker, format, paint: Paint::of_stdout(), lines: 0, hits: 0, has_printed: false }
    }

    fn part(&mut self, part: &[u8]) -> Result<(), Failure> {
        let syntax =
            if part.trim_ascii_start().starts_with(b"{") { Syntax::Json } else { Syntax::Text };
        let mut hits = Vec::new();
        self.masker.find(part, syntax, &mut hits);
        let mut rest = &hits[..];
        let (mut line, mut counted) = (self.lines, 0);
        let mut out = Vec::new();
        while !rest.is_empty() {
            let (start, end, count) = block(part, rest);
            line += breaks(&part[counted..start]);
            counted = start;
            let here: Vec<Hit> = rest[..count].iter().map(|hit| moved(hit, start)).collect();
            rest = &rest[count..];
            out.push(self.shown(&part[start..end], &here, line + 1));
        }
        self.lines += breaks(part);
        self.hits += hits.len();
        self.print(&out)
    }

    fn shown(&self, text: &[u8], hits: &[Hit], line: usize) -> String {
        let masked = self.masker.replaced(text, hits);
        match self.format {
            ReportFormat::Pretty => self.readable(text, hits, &masked, line),
            ReportFormat::Json | ReportFormat::Jsonl => {
                let kinds = hits.iter().map(|hit| json_text(self.masker.found_by(text, hit)));
                let kinds: Vec<String> = kinds.collect();
                let object = format!(
                    "{{\"line\":{line},\"kinds\":[{}],\"masked\":{}}}",
                    kinds.join(","),
                    json_text(&String::from_utf8_lossy(&masked))
                );
                object
            }
        }
    }

    fn readable(&self, text: &[u8], hits: &[Hit], masked: &[u8], line: usize) -> String {
        let (bad, good, dim, off) =
            (self.paint.bad(), self.paint.good(), self.paint.dim(), self.paint.off());
        let kinds = hits.iter().map(|hit| safe_line(self.masker.found_by(text, hit)).to_string());
        let kinds: Vec<String> = kinds.collect();
        let mut out = format!("{dim}line {line}: {}{off}\n", kinds.join(", "));
        for line in text.split(|byte| *byte == b'\n') {
            out += &format!("{bad}- {}{off}\n", safe_line(&String::from_utf8_lossy(line)));
        }
        for line in masked.split(|byte| *byte == b'\n') {
            out += &format!("{good}+ {}{off}\n", safe_line(&String::from_utf8_lossy(line)));
        }
        out
    }

    /// Blocks of lines one below the other, objects with commas between those of an array.
    fn print(&mut self, shown: &[String]) -> Result<(), Failure> {
        let mut out = String::new();
        for one in shown {
            out += match (self.format, std::mem::replace(&mut self.has_printed, true)) {
                (ReportFormat::Json, false) => "[\n",
                (ReportFormat::Json, true) => ",\n",
                _ => "",
            };
            out += one;
            out += if self.format == ReportFormat::Jsonl { "\n" } else { "" };
        }
        output::write_all(out.as_bytes())
    }

    fn finish(self) -> Result<Outcome, Failure> {
        if self.format == ReportFormat::Json {
            output::write_all(if self.has_printed { b"\n]\n" } else { b"[\n]\n" })?;
        }
        Ok(if self.hits > 0 { Outcome::Done } else { Outcome::Nothing })
    }
}

/// The whole lines that hold the first hits, and how many hits those are.
fn block(part: &[u8], hits: &[Hit]) -> (usize, usize, usize) {
    let start =
        part[..hits[0].start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut end = start;
    let mut count = 0;
    for hit in hits {
        if count > 0 && hit.start >= end {
            break;
        }
        let rest = part[hit.end..].iter().position(|byte| *byte == b'\n');
        end = end.max(rest.map_or(part.len(), |length| hit.end + length));
        count += 1;
    }
    (start, end, count)
}

fn moved(hit: &Hit, start: usize) -> Hit {
    Hit { start: hit.start - start, end: hit.end - start, ..*hit }
}

fn breaks(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}
