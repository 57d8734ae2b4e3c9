//! What was imported into a log directory, and how far.
//!
//! Takes what happens to each file, notes it in `.logloom/import.ledger` before it happens, and
//! says of new content whether it was imported before. See `line` for what stands in the file and
//! docs/import.md for why a kill at any instruction neither skips nor repeats a line: how far a file
//! under way has been read is not in here, it travels with the records (`logloom_core::sources`),
//! counted in one sequence of bytes for each job, in which each file has its base.
//!
//! One import at a time: a second one is refused while the first holds the file's lock. Without a
//! log directory to write to (`--dry-run`) notes go to an unnamed file. A torn last line is cut off;
//! a line that makes no sense is passed over. Memory is 16 bytes for each file ever imported.

mod line;

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rustix::fs::{FlockOperation, flock};

use super::content::unnamed_file;
use super::identity::Digest;
use line::Line;
pub(super) use line::{Begun, Checks, Entry, label};

/// Name of the ledger beneath `.logloom`.
pub(super) const NAME: &str = "import.ledger";

/// Bit of a place that says: in the notes of this run, not in the ledger of earlier ones.
const OWN: u64 = 1 << 63;

/// Most entries of one key that are looked at, newest first: files that all begin alike.
const CANDIDATES_MAX: usize = 4_096;

/// The ledger of one run.
pub(super) struct Ledger {
    state: Mutex<State>,
    /// Told whenever a file is done.
    done: Condvar,
    id: u64,
}

struct State {
    /// What earlier runs noted, when it is not to be written to.
    earlier: Option<File>,
    /// What this run notes; the ledger itself unless that is not to be written to.
    own: File,
    own_length: u64,
    /// Key and place of each entry.
    index: BTreeSet<(u64, u64)>,
    /// Keys of what is being imported now.
    active: HashSet<u64>,
    /// For each job where its next file begins.
    bases: Vec<u64>,
}

/// How far each job came, by the positions that travelled with the records.
pub(super) type Reached<'a> = &'a dyn Fn(u64, usize) -> Option<u64>;

/// Something that was imported before and may be the beginning of this content.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) entry: Entry,
    place: u64,
}

impl Ledger {
    /// Opens the ledger of the log directory that has this `.logloom` folder, and notes what a
    /// killed import left half done.
    ///
    /// # Errors
    /// Another import holds it, or it cannot be read or written.
    pub(super) fn open(folder: &Path, jobs: usize, reached: Reached<'_>) -> io::Result<Self> {
        let path = folder.join(NAME);
        let own = File::options().read(true).append(true).create(true).mode(0o600).open(&path)?;
        if flock(&own, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "another import is under way"));
        }
        let found = Found::read(&own)?;
        own.set_len(found.length)?;
        let id = found.id.unwrap_or_else(new_id);
        let mut state = found.state(own, None);
        if found.id.is_none() {
            state.note(&Line::Id(id))?;
        }
        for (job, begun) in found.begun.into_iter().enumerate() {
            state.bases.push(0);
            let Some((begun, checks)) = begun else { continue };
            let end = reached(id, job).and_then(|at| at.checked_sub(begun.base));
            let entry = begun.left_at(end.unwrap_or(0), checks);
            state.close(job, entry)?;
        }
        for (job, base) in found.bases.iter().enumerate() {
            let past = reached(id, job).map_or(0, |at| at + 1);
            state.bases[job] = past.max(*base);
        }
        state.bases.resize(jobs.max(state.bases.len()), 0);
        Ok(Self { state: Mutex::new(state), done: Condvar::new(), id })
    }

    /// The same for a run that changes nothing: `scratch` is where an unnamed file may be made.
    pub(super) fn open_unchanged(folder: &Path, jobs: usize, scratch: &Path) -> io::Result<Self> {
        let own = unnamed_file(scratch)?;
        let earlier = match File::open(folder.join(NAME)) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let found = match &earlier {
            Some(file) => Found::read(file)?,
            None => Found::default(),
        };
        let mut state = found.state(own, earlier);
        state.bases.resize(jobs, 0);
        Ok(Self { state: Mutex::new(state), done: Condvar::new(), id: 0 })
    }

    /// Identifies this ledger among the positions of sources.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Announces content with these keys until the claim is dropped. Waits while content that
    /// begins alike is under way, since only its end tells whether both are the same.
    pub(super) fn claim(&self, keys: Vec<u64>) -> Claim<'_> {
        let mut state = self.lock();
        if let Some(own) = keys.last() {
            while state.active.contains(own) {
                state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.active.insert(*own);
        }
        Claim { ledger: self, keys }
    }

    /// Notes that a job begins a file, before the first record of it is handed over, and gives the
    /// base of its positions. `continues` is what it goes on with.
    pub(super) fn begin(
        &self,
        job: usize,
        mut begun: Begun,
        continues: Option<(&Candidate, Digest)>,
    ) -> io::Result<u64> {
        let mut state = self.lock();
        begun.base = state.bases.get(job).copied().unwrap_or(0);
        begun.job = job;
        if let Some((candidate, digest)) = continues {
            begun.from = candidate.entry.end;
            if !candidate.entry.is_whole {
                begun.replaces = candidate.place;
                state.index.remove(&(candidate.entry.key, candidate.place));
            }
            let base = begun.base;
            state.note(&Line::Begun(begun))?;
            state.note(&Line::Checked { job, position: candidate.entry.end, digest })?;
            return Ok(base);
        }
        let base = begun.base;
        state.note(&Line::Begun(begun))?;
        Ok(base)
    }

    /// Notes the digest of what a job has read of its file so far.
    pub(super) fn check(&self, job: usize, position: u64, digest: Digest) -> io::Result<()> {
        self.lock().note(&Line::Checked { job, position, digest })
    }

    /// Notes that a job is done with its file.
    pub(super) fn close(&self, job: usize, entry: Entry) -> io::Result<()> {
        self.lock().close(job, entry)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Content that is being looked at or imported.
pub(super) struct Claim<'a> {
    ledger: &'a Ledger,
    keys: Vec<u64>,
}

impl Claim<'_> {
    /// What the content may continue, longest first.
    pub(super) fn candidates(&self) -> io::Result<Vec<Candidate>> {
        let state = self.ledger.lock();
        let mut candidates = Vec::new();
        for key in &self.keys {
            let places = state.index.range((*key, 0)..=(*key, u64::MAX)).rev();
            for (_, place) in places.take(CANDIDATES_MAX) {
                if let Some(Line::Entry(entry)) = state.read(*place)? {
                    candidates.push(Candidate { entry, place: *place });
                }
            }
        }
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.entry.end));
        Ok(candidates)
    }
}

/// The content is done, or nothing came of it.
impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if let Some(own) = self.keys.last() {
            self.ledger.lock().active.remove(own);
        }
        self.ledger.done.notify_all();
    }
}

impl State {
    fn note(&mut self, line: &Line) -> io::Result<()> {
        let text = line.to_text();
        self.own.write_all(text.as_bytes())?;
        self.own_length += text.len() as u64;
        Ok(())
    }

    fn close(&mut self, job: usize, mut entry: Entry) -> io::Result<()> {
        entry.job = job;
        if let Some(base) = self.bases.get_mut(job) {
            *base = base.saturating_add(entry.end).saturating_add(1);
        }
        let place = self.own_length | if self.earlier_is_apart() { OWN } else { 0 };
        let key = entry.key;
        let is_empty = entry.end == 0;
        self.note(&Line::Entry(entry))?;
        if !is_empty {
            self.index.insert((key, place));
        }
        Ok(())
    }

    fn earlier_is_apart(&self) -> bool {
        self.earlier.is_some()
    }

    fn read(&self, place: u64) -> io::Result<Option<Line>> {
        let file = match &self.earlier {
            Some(earlier) if place & OWN == 0 => earlier,
            _ => &self.own,
        };
        let mut bytes = vec![0; line::BYTES_MAX];
        let length = file.read_at(&mut bytes, place & !OWN)?;
        let text = bytes[..length].split(|byte| *byte == b'\n').next().unwrap_or_default();
        Ok(std::str::from_utf8(text).ok().and_then(Line::parse))
    }
}

/// A job's file under way, with the last digests noted of it.
type UnderWay = Option<(Begun, Checks)>;

/// What stands in a ledger.
#[derive(Default)]
struct Found {
    id: Option<u64>,
    /// Bytes of whole lines.
    length: u64,
    index: BTreeSet<(u64, u64)>,
    begun: Vec<UnderWay>,
    bases: Vec<u64>,
}

impl Found {
    fn read(file: &File) -> io::Result<Self> {
        let mut found = Self::default();
        let mut lines = BufReader::new(file);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let length = lines.read_until(b'\n', &mut bytes)?;
            if length == 0 || !bytes.ends_with(b"\n") {
                return Ok(found);
            }
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            if let Some(line) = Line::parse(text.trim_end_matches('\n')) {
                found.take(line, file)?;
            }
            found.length += length as u64;
        }
    }

    fn take(&mut self, line: Line, file: &File) -> io::Result<()> {
        match line {
            Line::Id(id) => self.id = Some(id),
            Line::Begun(begun) => {
                if begun.from > 0 && begun.replaces > 0 {
                    self.forget(begun.replaces, file)?;
                }
                let job = self.job(begun.job);
                self.bases[job] = begun.base;
                self.begun[job] = Some((begun, Checks::default()));
            }
            Line::Checked { job, position, digest } => {
                let job = self.job(job);
                if let Some((_, checks)) = &mut self.begun[job] {
                    checks.add(position, digest);
                }
            }
            Line::Entry(entry) => {
                let job = self.job(entry.job);
                self.begun[job] = None;
                self.bases[job] = self.bases[job].saturating_add(entry.end).saturating_add(1);
                if entry.end > 0 {
                    self.index.insert((entry.key, self.length));
                }
            }
        }
        Ok(())
    }

    /// Forgets an entry that was gone on with.
    fn forget(&mut self, place: u64, file: &File) -> io::Result<()> {
        let mut bytes = vec![0; line::BYTES_MAX];
        let length = file.read_at(&mut bytes, place)?;
        let text = bytes[..length].split(|byte| *byte == b'\n').next().unwrap_or_default();
        if let Some(Line::Entry(entry)) = std::str::from_utf8(text).ok().and_then(Line::parse) {
            self.index.remove(&(entry.key, place));
        }
        Ok(())
    }

    /// Makes room for a job of this number.
    fn job(&mut self, job: usize) -> usize {
        if job >= self.begun.len() {
            self.begun.resize(job + 1, None);
            self.bases.resize(job + 1, 0);
        }
        job
    }

    fn state(&self, own: File, earlier: Option<File>) -> State {
        State {
            own_length: if earlier.is_some() { 0 } else { self.length },
            earlier,
            own,
            index: self.index.clone(),
            active: HashSet::new(),
            bases: Vec::new(),
        }
    }
}

/// A number that no other ledger has.
fn new_id() -> u64 {
    let seed = format!("{} {}", logloom_ring::clock::real_time(), std::process::id());
    let hash = blake3::hash(seed.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests;
