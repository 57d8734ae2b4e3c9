//! How the lines of files of other programs become lines of the log.
//!
//! Takes the flags and the settings; writes the records of a file as `import` would hand them to the log: zone,
//! patterns and masks are those of the settings, a line without a time has that of the line before it, the first
//! ones have the last change of the file, and both say so. The same file gives the same lines at any time.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use logloom_core::mask::Masker;
use logloom_intake::{Captured, Defaults, Line, LineAssembler, Recogniser, Stream, StreamOptions};
use logloom_query::LogFile;
use logloom_record::Value;
use logloom_ring::clock;

use super::own;
use crate::args::{FormatArguments, PlaceArguments};
use crate::commands::intake::{Bound, binary, has_path, is_binary, rendered, service_of, unpacked};
use crate::exit::{Failure, say};
use crate::output::counted;
use crate::{formats, place};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 256 << 10;

/// How lines are understood.
pub(in crate::commands) struct Reading {
    recogniser: Recogniser,
    defaults: Defaults,
    masker: Masker,
    /// Whether the format was named, and not to be found.
    is_named: bool,
    /// What was asked for, completed by the settings and the zone of the system.
    pub(in crate::commands) format: FormatArguments,
    /// How long files may be read.
    pub(in crate::commands) bound: Bound,
    /// What the masks are, for who compares.
    pub(in crate::commands) masks: String,
}

impl Reading {
    /// As the flags and the settings say.
    pub(in crate::commands) fn of(
        asked: &FormatArguments,
        place: &PlaceArguments,
    ) -> Result<Reading, Failure> {
        let settings = place::settings(place)?;
        let mut format = formats::over(asked, &settings.intake);
        let zone = formats::zone(&format)?;
        let recogniser = formats::recogniser(&format)?;
        let name = zone.iana_name().map_or_else(|| format!("{zone:?}"), str::to_owned);
        format.zone = Some(name);
        let defaults =
            Defaults { zone: Some(zone), arrival_ns: clock::real_time(), ..Defaults::default() };
        let masks = blake3::hash(format!("{:?}", settings.mask).as_bytes()).to_hex().to_string();
        let masker = Masker::new(&settings.mask);
        let is_named = asked.input_format.is_some();
        let bound = Bound::default();
        Ok(Reading { recogniser, defaults, masker, is_named, format, bound, masks })
    }

    /// The file as it stands, where it is a plain one of our own.
    pub(super) fn plain_own(&self, path: &Path) -> Option<io::Result<LogFile>> {
        if self.is_named || !path.is_file() {
            return None;
        }
        let mut head = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(CHUNK_BYTES as u64).read_to_end(&mut head));
        (read.is_ok() && own::is_own(path, &head)).then(|| own::open(path))
    }

    /// Writes the records of a file; gives the error by which its reading ended early.
    pub(super) fn convert(
        &self,
        path: &Path,
        out: &mut impl Write,
    ) -> io::Result<Option<io::Error>> {
        let (input, written_ns) = unpacked(path, &self.bound)?;
        let mut input: Box<dyn Read> = match own::committed(path) {
            Some(length) => Box::new(input.take(length)),
            None => input,
        };
        let mut head = Vec::new();
        if let Err(error) = input.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut head) {
            // Of what could be unpacked nothing is lost; the error comes behind it.
            input = Box::new(Broken(Some(error)));
        }
        if !self.is_named && own::is_own(path, &head) {
            let mut copy = Copy { out, outcome: Ok(()), last: b'\n' };
            let broken = self.each_chunk(head, input, &mut |bytes| copy.take(bytes));
            return copy.end().map(|()| broken);
        }
        if is_binary(&head) {
            return Ok(Some(binary()));
        }
        let mut records = Records::new(self, (path, written_ns), out);
        let mut lines = LineAssembler::new(0);
        let broken = self.each_chunk(head, input, &mut |bytes| {
            lines.push(bytes, &mut |line| records.take(line));
        });
        lines.finish_each(&mut |line| records.take(line));
        records.end().map(|()| broken)
    }

    /// Gives the bytes of a file whose first ones were read already; the error by which that ended, if any.
    fn each_chunk(
        &self,
        head: Vec<u8>,
        mut input: Box<dyn Read>,
        take: &mut dyn FnMut(&[u8]),
    ) -> Option<io::Error> {
        take(&head);
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            if let Err(over) = self.bound.check() {
                return Some(over);
            }
            match input.read(&mut chunk) {
                Ok(0) => return None,
                Ok(read) => take(&chunk[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Some(error),
            }
        }
    }
}

/// Writes the records of a file in the form of the log, all of them.
pub(in crate::commands) fn write_records(
    path: &Path,
    reading: &Reading,
    out: &mut impl Write,
) -> io::Result<()> {
    reading.convert(path, out).and_then(|broken| broken.map_or(Ok(()), Err))
}

/// What is left of something that could not be read on.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Lines that are taken as they stand. The last one gets its end where it lacks one.
struct Copy<'a, W> {
    out: &'a mut W,
    outcome: io::Result<()>,
    last: u8,
}

impl<W: Write> Copy<'_, W> {
    fn take(&mut self, bytes: &[u8]) {
        if self.outcome.is_ok() {
            self.outcome = self.out.write_all(bytes);
        }
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    fn end(self) -> io::Result<()> {
        self.outcome?;
        if self.last == b'\n' { Ok(()) } else { self.out.write_all(b"\n") }
    }
}

/// Lines that become records, in the form of the log.
struct Records<'a, W> {
    stream: Stream,
    sink: Sink<'a, W>,
    now_ns: i64,
}

struct Sink<'a, W> {
    out: &'a mut W,
    masker: &'a Masker,
    outcome: io::Result<()>,
    /// What records of the file have that say neither; none of the standard input.
    service: Option<String>,
    path: Option<String>,
    /// Lines that became several records.
    split: u64,
    /// The time of the last line that had one.
    last_ns: Option<i64>,
    arrival_ns: i64,
}

impl<'a, W: Write> Records<'a, W> {
    fn new(reading: &'a Reading, (path, written_ns): (&Path, Option<i64>), out: &'a mut W) -> Self {
        // What a file holds was there when it was last changed; that is the same whenever it is read.
        let now_ns = written_ns.unwrap_or(reading.defaults.arrival_ns);
        let defaults = Defaults { written_ns, ..reading.defaults.clone() };
        let recogniser = reading.recogniser.clone();
        let stream =
            Stream::new(StreamOptions { recogniser, defaults, ..StreamOptions::default() });
        let (masker, outcome) = (&reading.masker, Ok(()));
        let file = path.file_name().filter(|_| path != Path::new("-"));
        let service = file.map(|name| service_of(&name.to_string_lossy()));
        let path = file.map(|_| path.display().to_string());
        let (last_ns, arrival_ns, split) = (None, now_ns, 0);
        let sink = Sink { out, masker, outcome, service, path, split, last_ns, arrival_ns };
        Self { stream, sink, now_ns }
    }

    fn take(&mut self, line: Line) {
        let Self { stream, sink, now_ns } = self;
        stream.push(line, *now_ns, &mut |captured| sink.write(captured));
    }

    fn end(mut self) -> io::Result<()> {
        let Self { stream, sink, .. } = &mut self;
        stream.end(&mut |captured| sink.write(captured));
        if self.sink.split > 0 {
            let path = self.sink.path.as_deref().unwrap_or("-");
            let lines = counted(self.sink.split, "line");
            say(format_args!(
                "{path}: {lines} of more than 1 MiB became several records each, with the fields `part` and `parts`"
            ));
        }
        self.sink.outcome
    }
}

impl<W: Write> Sink<'_, W> {
    fn write(&mut self, captured: Captured) {
        if self.outcome.is_err() {
            return;
        }
        let mut record = captured.record;
        if record.time_ns.is_some() {
            self.last_ns = record.time_ns;
        } else {
            formats::date(&mut record, self.last_ns);
            record.time_ns = record.time_ns.or(Some(self.arrival_ns));
        }
        self.split += u64::from(record.fields.iter().any(|(name, _)| name == "parts"));
        if record.service.is_none() {
            record.service.clone_from(&self.service);
        }
        if let Some(path) = self.path.clone().filter(|_| !has_path(&record)) {
            record.fields.push(("path".to_owned(), Value::Text(path)));
        }
        let mut line = rendered(&record);
        self.masker.mask_lines(&mut line, usize::MAX);
        self.outcome = self.out.write_all(&line);
    }
}
