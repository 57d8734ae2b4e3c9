//! One job: takes files one after the other and hands their records to the log.
//!
//! Takes a place, says what came of it ([`FileReport`]). Content that was imported before is told
//! by the ledger and not taken again; content that was begun or has grown is gone on with. Blocks
//! while the log cannot be written, so that nothing piles up here. A file that cannot be read on is
//! given up where its last whole line ends, and its reason is told; of a packed file that is damaged
//! all that could be unpacked is taken, the line that the damage cuts included; only a ledger that cannot be
//! written ends the import, because then nothing could tell later what was taken.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use logloom_core::{Emitter, emit};
use logloom_intake::unpack::UnpackLimits;
use logloom_intake::{
    Captured, Encoding, LineAssembler, Stream, StreamCounts, StreamOptions, recycle,
};
use logloom_record::{Record, SourcePosition, Value};

use super::content::Content;
use super::days::{Days, LastDay, put_aside};
use super::identity::{HEAD_BYTES, TELLING_BYTES, key_of, keys_of};
use super::ledger::{Begun, Candidate, Checks, Entry, Ledger, label};
use super::origin::{Container, Place};
use super::reading::{Read, Reading};
use super::tally::Tally;
use crate::commands::intake::{binary, has_path, is_binary};
use crate::formats;

/// What all jobs share.
pub(super) struct Work<'a> {
    pub(super) ledger: &'a Ledger,
    /// The folder beneath which unnamed files are made.
    pub(super) folder: &'a Path,
    pub(super) days: &'a Days,
    /// How lines become records.
    pub(super) options: StreamOptions,
    /// The service of every record, in place of the file's name.
    pub(super) service: Option<String>,
    pub(super) limits: UnpackLimits,
    /// Nothing is handed to the log.
    pub(super) is_dry: bool,
    /// What was imported before is imported again.
    pub(super) is_again: bool,
    pub(super) stop: &'a AtomicBool,
    /// Packed bytes read and records handed over so far.
    pub(super) read: Arc<AtomicU64>,
    pub(super) records: AtomicU64,
}

/// What became of a file.
#[derive(Debug)]
pub(super) enum Outcome {
    /// All of it is taken over.
    Imported,
    /// It goes on what an earlier import took over up to this position.
    Continued(u64),
    /// An earlier import took it over whole, under this name.
    Already(String),
    /// The import was stopped in the middle of it.
    Stopped,
    /// It could not be read, or not to its end.
    Failed(io::Error),
}

/// A file and what came of it.
#[derive(Debug)]
pub(super) struct FileReport {
    pub(super) name: String,
    pub(super) outcome: Outcome,
    pub(super) tally: Tally,
}

/// Why an import cannot go on.
pub(super) struct LedgerFailed(pub(super) io::Error);

impl From<io::Error> for LedgerFailed {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

/// A job's part in the work.
pub(super) struct Job<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) number: usize,
    /// The number of its sequence of bytes in the segment.
    pub(super) source: Option<u32>,
    /// `None` in a dry run.
    pub(super) emitter: Option<Emitter>,
    pub(super) last_day: LastDay,
}

impl Job<'_> {
    /// Takes one file.
    pub(super) fn take(&mut self, place: &Place) -> Result<FileReport, LedgerFailed> {
        let mut tally = Tally::default();
        let outcome = match Content::open(place, self.work.limits, &self.work.read) {
            Ok(content) if is_binary(content.head()) => Outcome::Failed(binary()),
            Ok(content) => self.claim(place, content, &mut tally)?,
            Err(error) => Outcome::Failed(error),
        };
        Ok(FileReport { name: place.name(), outcome, tally })
    }

    fn claim(
        &mut self,
        place: &Place,
        mut content: Content<'_>,
        tally: &mut Tally,
    ) -> Result<Outcome, LedgerFailed> {
        let claim = self.work.ledger.claim(keys_of(content.head()));
        let known = match self.work.is_again {
            true => Ok(None),
            false => self.recognise(place, &mut content, claim.candidates()?),
        };
        match known {
            Ok(known) => self.import(place, &mut content, known, tally),
            Err(error) => Ok(Outcome::Failed(error)),
        }
    }

    /// Finds what the content goes on with, and reads on to where that ended. Leaves the content
    /// at its start where there is nothing.
    fn recognise(
        &self,
        place: &Place,
        content: &mut Content<'_>,
        candidates: Vec<Candidate>,
    ) -> io::Result<Option<Candidate>> {
        let name = label(&place.name());
        let (container, head) = (content.container(), content.head().to_vec());
        let mut possible: Vec<Candidate> = candidates
            .into_iter()
            .filter(|candidate| is_possible(&candidate.entry, &head, &name, container))
            .filter(|candidate| is_telling(&candidate.entry, &head, place, container))
            .collect();
        let Some(furthest) = possible.iter().map(|candidate| candidate.entry.end).max() else {
            return Ok(None);
        };
        content.keep_up_to(furthest, self.work.folder)?;
        possible.sort_by_key(|candidate| candidate.entry.checked);
        let mut found: Option<Candidate> = None;
        for candidate in possible {
            let entry = &candidate.entry;
            if !content.skip_to(entry.checked)? {
                break;
            }
            let is_same = entry.checked == 0 || content.digest() == entry.digest;
            let is_better = found.as_ref().is_none_or(|found| found.entry.end <= entry.end);
            if is_same && is_better {
                found = Some(candidate);
            }
        }
        let end = found.as_ref().map_or(0, |found| found.entry.end);
        if content.position() > end {
            content.rewind()?;
        }
        if content.skip_to(end)? {
            return Ok(found);
        }
        // It is shorter than what was taken over of the other: it is another file.
        content.rewind()?;
        Ok(None)
    }

    fn import(
        &mut self,
        place: &Place,
        content: &mut Content<'_>,
        known: Option<Candidate>,
        tally: &mut Tally,
    ) -> Result<Outcome, LedgerFailed> {
        let from = known.as_ref().map_or(0, |known| known.entry.end);
        let digest = content.digest();
        if let Some(known) = &known
            && known.entry.is_whole
        {
            match content.is_at_end() {
                Ok(true) => return Ok(Outcome::Already(known.entry.name.clone())),
                Ok(false) => {}
                Err(error) => return Ok(Outcome::Failed(error)),
            }
        }
        let begun = Begun {
            key: key_of(content.head(), content.head().len() as u64),
            container: content.container(),
            name: label(&place.name()),
            ..Begun::default()
        };
        let continues = known.as_ref().map(|known| (known, digest));
        let base = self.work.ledger.begin(self.number, begun, continues)?;
        let (work, job) = (self.work, self.number);
        let mut taker = self.taker(place, content, base, from);
        taker.begin_behind(content);
        if from > 0 && work.options.recogniser.needs_history() {
            let remembered = content.rewind().and_then(|()| taker.remember(content, from));
            if let Err(error) = remembered {
                return Ok(Outcome::Failed(error));
            }
        }
        let read = Reading { work, job, content }.run(&mut taker, tally)?;
        let entry = entry(place, content, &taker, &read);
        tally.add(&taker.tally);
        tally.note = tally.note.take().or_else(|| taker.changes());
        work.ledger.close(job, entry)?;
        Ok(match read {
            Read::Whole if from > 0 => Outcome::Continued(from),
            Read::Whole => Outcome::Imported,
            Read::Stopped => Outcome::Stopped,
            Read::Failed(error) => Outcome::Failed(error),
        })
    }

    fn taker<'t>(
        &'t mut self,
        place: &Place,
        content: &Content<'_>,
        base: u64,
        from: u64,
    ) -> Taker<'t> {
        let mut options = self.work.options.clone();
        let service = self.work.service.clone().unwrap_or_else(|| of_agent(&options, place));
        let modified_ns = content.container().modified_ns;
        options.defaults.written_ns = place.is_lasting().then_some(modified_ns);
        Taker {
            stream: Stream::new(options),
            lines: lines(content, from),
            owner: Owner {
                work: self.work,
                emitter: self.emitter.as_mut(),
                service: Some(service),
                path: Some(("path".to_owned(), Value::Text(place.name()))),
                source: self.source,
                base,
                reached: from,
                last_day: &mut self.last_day,
                last_time: None,
                is_history: false,
                held: Vec::new(),
                tally: Tally::default(),
            },
            tally: Tally::default(),
            checks: Checks::default(),
            known: StreamCounts::default(),
            settled: Vec::new(),
        }
    }
}

/// The service of records that name none: the agent whose session it is, else the file.
fn of_agent(options: &StreamOptions, place: &Place) -> String {
    let agent = options.recogniser.format().filter(|_| options.recogniser.needs_history());
    agent.map_or_else(|| place.service(), str::to_owned)
}

/// What is noted of a file that is done.
fn entry(place: &Place, content: &Content<'_>, taker: &Taker<'_>, read: &Read) -> Entry {
    let is_whole = matches!(read, Read::Whole);
    let (end, (checked, digest)) = match is_whole {
        true => (content.position(), (content.position(), content.digest())),
        false => (taker.owner.reached, taker.checks.at(taker.owner.reached).unwrap_or_default()),
    };
    let key = key_of(content.head(), content.position());
    let container = content.container();
    let name = label(&place.name());
    Entry { is_whole, end, checked, digest, key, container, name, ..Entry::default() }
}

/// Lines from the position on. Which encoding they have is told at the start of the file; a line that
/// was taken although it lacked its end is over.
fn lines(content: &Content<'_>, from: u64) -> LineAssembler {
    if from == 0 {
        return LineAssembler::new(0);
    }
    let encoding = Encoding::of_head(content.head()).0;
    let is_within = !encoding.ends_line(&content.last());
    LineAssembler::new(from).with_encoding(encoding).within_line(is_within)
}

/// Whether what an entry says of is enough to tell content by. Content so short that any other may
/// begin like it is gone on with only in the very file that it was noted of, by whatever name.
fn is_telling(entry: &Entry, head: &[u8], place: &Place, container: Container) -> bool {
    let has_grown = entry.end < head.len() as u64;
    let known = entry.container;
    let is_same_file = matches!(place, Place::File(_))
        && (known.device, known.inode) == (container.device, container.inode);
    !has_grown || entry.end >= TELLING_BYTES as u64 || is_same_file
}

/// Whether an entry may be the beginning of this content. One without a digest holds only for the
/// very file that it was noted of, grown at most.
fn is_possible(entry: &Entry, head: &[u8], name: &str, container: Container) -> bool {
    if head.len() < HEAD_BYTES && entry.end > head.len() as u64 {
        return false;
    }
    let is_same_file = entry.container == container
        || (entry.name == name && entry.container.size <= container.size);
    entry.checked > 0 || is_same_file
}

/// Makes records of the bytes of one file.
pub(super) struct Taker<'a> {
    stream: Stream,
    lines: LineAssembler,
    owner: Owner<'a>,
    tally: Tally,
    checks: Checks,
    /// What of the stream's counts an earlier import has told.
    known: StreamCounts,
    /// The formats that the lines were found to have, one after the other.
    settled: Vec<String>,
}

/// Most formats of one file that are told.
const FORMATS_TOLD_MAX: usize = 8;

impl Taker<'_> {
    /// Notes what stands before the place that an import goes on at.
    fn begin_behind(&mut self, content: &Content<'_>) {
        let mut before = Vec::new();
        let encoding = Encoding::of_head(content.head()).0;
        let mut lines = LineAssembler::new(1).with_encoding(encoding);
        lines.push(content.tail(), &mut |line| before.push(line));
        self.stream.begin_behind(&before);
    }

    /// Shows the stream what an earlier import took over, for formats whose lines depend on those
    /// before them; nothing of it is handed over again.
    fn remember(&mut self, content: &mut Content<'_>, end: u64) -> io::Result<()> {
        self.owner.is_history = true;
        self.lines = lines(content, 0);
        while content.position() < end {
            let bytes = content.next(end - content.position())?;
            if bytes.is_empty() {
                break;
            }
            self.take(bytes);
        }
        self.end();
        self.owner.is_history = false;
        self.known = self.stream.counts();
        self.lines = lines(content, end);
        Ok(())
    }

    /// Takes the next bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let Self { stream, lines, owner, settled, .. } = self;
        let now_ns = owner.work.options.defaults.arrival_ns;
        let before = stream.counts().records;
        lines.push(bytes, &mut |line| {
            stream.push(line, now_ns, &mut |captured| owner.hand_over(captured));
            if let Some(format) = stream.format()
                && settled.iter().all(|known| known != format)
                && settled.len() < FORMATS_TOLD_MAX
            {
                settled.push(format.to_owned());
            }
        });
        if !owner.is_history {
            owner.work.records.fetch_add(stream.counts().records - before, Ordering::Relaxed);
        }
    }

    /// The file has ended: its last line may lack its end.
    pub(super) fn end(&mut self) {
        let Self { stream, lines, owner, .. } = self;
        let now_ns = owner.work.options.defaults.arrival_ns;
        lines.finish_each(&mut |line| {
            stream.push(line, now_ns, &mut |captured| owner.hand_over(captured));
        });
        stream.end(&mut |captured| owner.hand_over(captured));
    }

    /// What is to be told of a file whose format changes on the way.
    fn changes(&self) -> Option<String> {
        let formats = || self.settled.join(", then ");
        (self.settled.len() > 1).then(|| format!("its format changes: {}", formats()))
    }

    /// Closes the counts, once nothing more comes.
    pub(super) fn finish(&mut self, checks: Checks) {
        self.checks = checks;
        self.tally = std::mem::take(&mut self.owner.tally);
        self.tally.finish(&self.stream);
        self.tally.lines -= self.known.lines;
        self.tally.records -= self.known.records;
        self.tally.unrecognised -= self.known.unrecognised;
    }
}

/// What the import adds to each record.
struct Owner<'a> {
    work: &'a Work<'a>,
    emitter: Option<&'a mut Emitter>,
    service: Option<String>,
    path: Option<(String, Value)>,
    source: Option<u32>,
    base: u64,
    /// The position behind the last record handed over.
    reached: u64,
    last_day: &'a mut LastDay,
    last_time: Option<i64>,
    /// What comes was handed over by an earlier import.
    is_history: bool,
    /// Records that belong into the log together with the one that has their position.
    held: Vec<Record>,
    tally: Tally,
}

impl Owner<'_> {
    fn hand_over(&mut self, captured: Captured) {
        if self.is_history {
            self.last_time = captured.record.time_ns.or(self.last_time);
            return;
        }
        let Captured { mut record, end, .. } = captured;
        self.tally.count(&record);
        self.settle_time(&mut record);
        if let Some(end) = end {
            self.reached = end;
        }
        if self.emitter.is_none() {
            return;
        }
        record.source = self
            .source
            .zip(end)
            .map(|(source, end)| SourcePosition { source, end: self.base.saturating_add(end) });
        match end {
            Some(_) if self.held.is_empty() => self.emit(record),
            _ => self.hold(record, end.is_some()),
        }
    }

    /// Keeps a record for the last one of its group, and hands all of them over with that.
    fn hold(&mut self, mut record: Record, is_last: bool) {
        if record.service.is_none() {
            record.service.clone_from(&self.service);
        }
        if !has_path(&record) {
            record.fields.extend(self.path.clone());
        }
        self.held.push(record);
        if is_last {
            emit::together(&self.held);
            self.held.drain(..).for_each(recycle);
        }
    }

    fn emit(&mut self, mut record: Record) {
        let Some(emitter) = self.emitter.as_deref_mut() else { return };
        // Lent to the record and taken back, so that no copy is made for each.
        let lends_service = record.service.is_none();
        if lends_service {
            record.service = self.service.take();
        }
        let lends_path = !has_path(&record);
        if lends_path {
            record.fields.extend(self.path.take());
        }
        emitter.record(&record);
        if lends_path {
            self.path = record.fields.pop();
        }
        if lends_service {
            self.service = record.service.take();
        }
        recycle(record);
    }

    /// A record without a time of its own has that of the one before it, and says so: it belongs
    /// where it stands in its file. The first ones of a file have the time of their arrival.
    fn settle_time(&mut self, record: &mut Record) {
        match record.time_ns {
            Some(time_ns) if self.last_day.admits(self.work.days, time_ns) => {
                self.last_time = Some(time_ns);
            }
            Some(_) => {
                self.tally.misplaced += 1;
                put_aside(record);
                formats::date(record, None);
            }
            None => formats::date(record, self.last_time),
        }
    }
}
