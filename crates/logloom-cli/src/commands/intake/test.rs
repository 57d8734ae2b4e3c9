//! `logloom intake test`: the lines of a file as the records that they would become.
//!
//! Takes a file or the standard input, packed or not, prints the first records and what came of all
//! of them: the format that was found, what was not recognised, levels, the span of times. Reads to
//! the end in bounded memory; nothing is kept.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Read};

use logloom_intake::{Captured, Defaults, Line, LineAssembler, Stream, StreamOptions};
use logloom_record::dialect::loom::{LoomOptions, TimestampCache, render_inline};
use logloom_record::time::format_rfc3339;
use logloom_record::wire::{RecordView, SiteReference, encode_record};
use logloom_record::{Level, Record, Value};
use logloom_ring::clock;

use super::{Bound, unpacked};
use crate::args::{Format, IntakeTestArguments, PlaceArguments};
use crate::exit::{Failure, Outcome, say};
use crate::output::{self, Clock, Printer, Stamp, counted, grouped, json_text};
use crate::terminal::{Paint, safe_line, shortened};
use crate::{formats, place};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 << 10;

/// The longest record that the log takes, in bytes.
const RECORD_BYTES: usize = 1 << 20;

/// Lines that were not recognised and are named in the summary.
const UNMATCHED_SHOWN: usize = 5;

pub(crate) fn run(arguments: &IntakeTestArguments) -> Result<Outcome, Failure> {
    let settings = place::settings(&PlaceArguments::default())?;
    let format = formats::over(&arguments.format, &settings.intake);
    let recogniser = formats::recogniser(&format)?;
    let zone = formats::zone(&format)?;
    let name = arguments.file.display().to_string();
    let failure = |error: io::Error| Failure::system(format!("read {name}"), error);
    let (mut input, written_ns) = unpacked(&arguments.file, &Bound::default()).map_err(failure)?;
    let defaults = Defaults { zone: Some(zone), written_ns, ..Defaults::default() };
    let stream = Stream::new(StreamOptions { recogniser, defaults, ..StreamOptions::default() });
    let mut test = Test::new(stream, arguments);
    let mut lines = LineAssembler::new(0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = input.read(&mut chunk).map_err(failure)?;
        if read == 0 {
            break;
        }
        lines.push(&chunk[..read], &mut |line| test.take(line));
        test.printed.take().map_or(Ok(()), Err)?;
    }
    lines.finish_each(&mut |line| test.take(line));
    test.finish(&name)
}

struct Test<'a> {
    stream: Stream,
    /// The formats that lines were read by, also while it is open which one the file has.
    formats: BTreeSet<String>,
    /// Those that the file was found to have, one after the other.
    settled: BTreeSet<String>,
    report: Report<'a>,
    /// Where each line ends that no record was made of yet.
    ends: VecDeque<(u64, u64)>,
    /// The failure to print, if there was one.
    printed: Option<Failure>,
}

impl<'a> Test<'a> {
    fn new(stream: Stream, arguments: &'a IntakeTestArguments) -> Self {
        let report = Report::new(arguments);
        let (formats, settled) = (BTreeSet::new(), BTreeSet::new());
        Self { stream, formats, settled, report, ends: VecDeque::new(), printed: None }
    }

    fn take(&mut self, line: Line) {
        self.report.lines += 1;
        self.ends.push_back((line.end, self.report.lines));
        let now = clock::real_time();
        let Self { stream, formats, settled, report, ends, printed } = self;
        stream.push(line, now, &mut |captured| hand_over(captured, report, ends, printed));
        if let Some(format) = stream.recent_format().filter(|format| !formats.contains(*format)) {
            formats.insert(format.to_owned());
        }
        if let Some(format) = stream.format().filter(|format| !settled.contains(*format)) {
            settled.insert(format.to_owned());
        }
    }

    fn finish(mut self, name: &str) -> Result<Outcome, Failure> {
        let Self { stream, report, ends, printed, .. } = &mut self;
        stream.end(&mut |captured| hand_over(captured, report, ends, printed));
        self.printed.map_or(Ok(()), Err)?;
        let formats = if self.settled.is_empty() { self.formats } else { self.settled };
        self.report.finish(name, &formats)
    }
}

fn hand_over(
    captured: Captured,
    report: &mut Report<'_>,
    ends: &mut VecDeque<(u64, u64)>,
    printed: &mut Option<Failure>,
) {
    let number = ends.front().map_or(0, |(_, number)| *number);
    if let Some(end) = captured.end {
        while ends.front().is_some_and(|(of_line, _)| *of_line <= end) {
            ends.pop_front();
        }
    }
    if let Err(failure) = report.add(&captured, number) {
        printed.get_or_insert(failure);
    }
}

/// What came of the lines so far.
struct Report<'a> {
    arguments: &'a IntakeTestArguments,
    printer: Option<Printer>,
    lines: u64,
    records: u64,
    recognised: u64,
    unsettled: u64,
    levels: [u64; Level::ALL.len()],
    span: Option<(i64, i64)>,
    unmatched: Vec<(u64, String)>,
    /// Objects of the JSON formats.
    objects: Vec<String>,
}

impl<'a> Report<'a> {
    fn new(arguments: &'a IntakeTestArguments) -> Self {
        let is_json = matches!(arguments.show.format(), Format::Json | Format::Jsonl);
        let printer = (!is_json).then(|| Printer::new(&arguments.show, Stamp::Date));
        Self {
            arguments,
            printer,
            lines: 0,
            records: 0,
            recognised: 0,
            unsettled: 0,
            levels: [0; Level::ALL.len()],
            span: None,
            unmatched: Vec::new(),
            objects: Vec::new(),
        }
    }

    fn add(&mut self, captured: &Captured, number: u64) -> Result<(), Failure> {
        let record = &captured.record;
        self.records += 1;
        self.recognised += u64::from(captured.is_recognised);
        self.levels[record.level as usize - 1] += 1;
        self.unsettled += u64::from(record.fields.iter().any(is_arrival));
        if let Some(time) = record.time_ns {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
        }
        if !captured.is_recognised && self.unmatched.len() < UNMATCHED_SHOWN {
            let first = record.message.lines().next().unwrap_or_default();
            self.unmatched.push((number, first.to_owned()));
        }
        if self.records <= self.arguments.lines {
            self.show(captured, number)?;
        }
        Ok(())
    }

    fn show(&mut self, captured: &Captured, number: u64) -> Result<(), Failure> {
        let line = rendered(&captured.record);
        let Some(printer) = &mut self.printer else {
            let is_recognised = captured.is_recognised;
            self.objects.push(format!(
                "{{\"line\":{number},\"recognised\":{is_recognised},\"record\":{}}}",
                String::from_utf8_lossy(&line).trim_end()
            ));
            return Ok(());
        };
        if matches!(self.arguments.show.format(), Format::Pretty) {
            let paint = Paint::of_stdout();
            let mark = if captured.is_recognised { ' ' } else { '?' };
            let (warning, off) = (paint.warning(), paint.off());
            printer.text(&format!("{number:>6} {warning}{mark}{off} "));
        }
        printer.row(&line)
    }

    fn finish(mut self, name: &str, formats: &BTreeSet<String>) -> Result<Outcome, Failure> {
        let outcome = if self.recognised > 0 { Outcome::Done } else { Outcome::Nothing };
        match self.printer.take() {
            Some(mut printer) => {
                printer.end_of_page();
                printer.text(&self.summary(name, formats));
                printer.finish()?;
            }
            None => {
                let format = formats.first().filter(|_| formats.len() == 1);
                self.objects.push(self.summary_object(format.map(String::as_str)));
                let text = match self.arguments.show.format() {
                    Format::Json => format!("[\n{}\n]\n", self.objects.join(",\n")),
                    _ => self.objects.iter().map(|object| format!("{object}\n")).collect(),
                };
                output::write_all(text.as_bytes())?;
            }
        }
        if self.lines == 0 {
            say(format_args!("{name} has no lines"));
        }
        Ok(outcome)
    }

    /// What came of the whole file, for reading.
    fn summary(&self, name: &str, formats: &BTreeSet<String>) -> String {
        let paint = Paint::of_stdout();
        let clock = Clock::new(self.arguments.show.utc, Stamp::Date);
        let format = named(formats);
        let hidden = self.records.saturating_sub(self.arguments.lines);
        let mut text = String::new();
        if hidden > 0 {
            text += &format!(
                "{}       and {}{}\n",
                paint.dim(),
                counted(hidden, "more record"),
                paint.off()
            );
        }
        let (bold, off) = (paint.bold(), paint.off());
        text += &format!("\n{bold}{}{off}: {bold}{format}{off}\n", safe_line(name));
        text += &format!("  lines       {}\n", grouped(self.lines));
        let matched =
            format!("{} of {}", grouped(self.recognised), counted(self.records, "record"));
        text += &format!("  recognised  {matched}\n");
        let levels = Level::ALL.iter().zip(self.levels).filter(|(_, count)| *count > 0);
        let levels: Vec<String> = levels
            .map(|(level, count)| {
                format!("{}{level}{} {}", paint.level(level.as_str()), paint.off(), grouped(count))
            })
            .collect();
        text += &format!("  levels      {}\n", levels.join(", "));
        text += &match self.span {
            Some((first, last)) => {
                format!("  times       {} to {}\n", clock.show(first), clock.show(last))
            }
            None => "  times       none; the records have the time of their arrival\n".to_owned(),
        };
        if self.unsettled > 0 {
            let noun = counted(self.unsettled, "record");
            text += &format!("              not settled in {noun}, see `time_source`\n");
        }
        for (number, line) in &self.unmatched {
            let line = safe_line(line);
            text += &format!("  line {number} is plain text: {}\n", shortened(&line, 100));
        }
        text
    }

    fn summary_object(&self, format: Option<&str>) -> String {
        let text = |text: Option<String>| text.map_or("null".to_owned(), |text| json_text(&text));
        let time =
            |pick: fn((i64, i64)) -> i64| text(self.span.map(|span| format_rfc3339(pick(span), 6)));
        let levels = Level::ALL.iter().zip(self.levels);
        let levels: Vec<String> =
            levels.map(|(level, count)| format!("\"{level}\":{count}")).collect();
        format!(
            "{{\"format\":{},\"lines\":{},\"records\":{},\"recognised\":{},\"unsettled_times\":{},\
             \"first\":{},\"last\":{},\"levels\":{{{}}}}}",
            text(format.map(str::to_owned)),
            self.lines,
            self.records,
            self.recognised,
            self.unsettled,
            time(|span| span.0),
            time(|span| span.1),
            levels.join(",")
        )
    }
}

/// The formats that were found, for reading.
fn named(formats: &BTreeSet<String>) -> String {
    let names: Vec<&str> = formats.iter().map(String::as_str).collect();
    match names[..] {
        [] => "no known format".to_owned(),
        [one] => one.to_owned(),
        _ => format!("several formats: {}", names.join(", ")),
    }
}

/// Whether the field says that the time is that of the arrival.
fn is_arrival((name, value): &(String, Value)) -> bool {
    name == "time_source" && matches!(value, Value::Text(source) if source == "arrival")
}

/// The line of the log that the record would become.
pub(crate) fn rendered(record: &Record) -> Vec<u8> {
    let (mut bytes, mut line) = (Vec::new(), Vec::new());
    encode_record(record, SiteReference::Inline, 0, &mut |_| 0, RECORD_BYTES, &mut bytes);
    let time = record.time_ns.unwrap_or_else(clock::real_time);
    if let Ok(view) = RecordView::parse(&bytes, 0) {
        let (options, mut cache) = (LoomOptions::default(), TimestampCache::default());
        render_inline(&options, &mut cache, time, None, &view, &(), &mut line);
    }
    line
}
