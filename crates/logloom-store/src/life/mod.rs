//! The life of closed files: sealed after their day, indexed, compressed after some days, deleted by age and size.
//!
//! In come settings and the time of the platform; out goes a report of what was done. One process at a time
//! does it (lock H); others are told that it is being done. A kill at any step leaves files that the next
//! pass finishes or removes. Never touched: a file that is open, one whose content is not what the catalogue
//! knows, and every name that is not that of a day file. Takes as long as packing does (about 6 s a GiB):
//! call it on a thread of low priority ([`crate::sys::lower_thread_priority`]).

mod compress;
mod delete;
pub mod glob;
mod index;
mod kept;
mod mend;
mod report;
pub mod rules;
mod sessions;
mod settings;

use std::collections::HashSet;
use std::sync::Arc;

pub use glob::Glob;
pub use report::{Compressed, Deleted, Indexed, Kept, LifeReport};
pub use rules::DeleteRule;
pub use settings::LifeSettings;

use crate::directory::{Directory, Shared};
use crate::error::StoreError;
use crate::head::Head;
use crate::head::lock::{Region, try_acquire};
use crate::head::slot::{FileSlot, FileState};
use crate::key::FileKey;
use crate::packed::{form_name, form_of_name};
use crate::redo::Segments;
use rules::{Candidate, age_days, choose};

const NS_A_DAY: i64 = 86_400_000_000_000;
/// After its day a file stays open for so long, for records that are under way.
const SEAL_AFTER_NS: i64 = 5 * 60 * 1_000_000_000;
/// A file of a past day that was written to within this time stays open, for at most another day.
const QUIET_NS: i64 = 10 * 60 * 1_000_000_000;

/// Whether a pass does what it finds or only tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Do,
    Tell,
}

/// One pass over a directory.
struct Pass<'a> {
    directory: &'a Directory,
    shared: &'a Arc<Shared>,
    /// `None` only in a plan, of a directory to which no program has logged yet.
    head: Option<Arc<Head>>,
    settings: &'a LifeSettings,
    segments: &'a dyn Segments,
    is_ending: &'a dyn Fn() -> bool,
    mode: Mode,
    now_ns: i64,
    report: LifeReport,
    /// Names of files that were deleted in this pass, or would have been.
    gone: HashSet<String>,
    /// Held while files without a slot are deleted.
    known: Option<delete::Known>,
}

impl Directory {
    /// Seals, compresses and deletes what is due. `is_ending` is asked between two steps, and about each
    /// millisecond while a file is compressed; a pass that ends early is completed by a later one.
    ///
    /// # Errors
    /// The catalogue cannot be read or locked. What concerns single files is in the report.
    pub fn keep_house(
        &self,
        settings: &LifeSettings,
        segments: &dyn Segments,
        is_ending: &dyn Fn() -> bool,
    ) -> Result<LifeReport, StoreError> {
        let head = self.shared.head()?;
        let Some(_house) = try_acquire(&head, Region::House)? else {
            return Ok(LifeReport { is_busy: true, ..LifeReport::default() });
        };
        let report = Pass::new(self, Some(head), settings, segments, is_ending, Mode::Do).run()?;
        if report.is_complete {
            self.note_house();
        }
        Ok(report)
    }

    /// What [`Directory::keep_house`] would do now, except that files are counted as long as they are: what
    /// compressing saves is not known. Changes nothing.
    ///
    /// # Errors
    /// The catalogue or the directory cannot be read.
    pub fn plan_house(&self, settings: &LifeSettings) -> Result<LifeReport, StoreError> {
        let head = self.shared.reader_head()?;
        Pass::new(self, head, settings, &crate::NoSegments, &|| false, Mode::Tell).run()
    }
}

impl<'a> Pass<'a> {
    fn new(
        directory: &'a Directory,
        head: Option<Arc<Head>>,
        settings: &'a LifeSettings,
        segments: &'a dyn Segments,
        is_ending: &'a dyn Fn() -> bool,
        mode: Mode,
    ) -> Pass<'a> {
        let shared = &directory.shared;
        let now_ns = shared.platform.realtime_ns();
        let report = LifeReport::default();
        let gone = HashSet::new();
        let known = None;
        Pass {
            directory,
            shared,
            head,
            settings,
            segments,
            is_ending,
            mode,
            now_ns,
            report,
            gone,
            known,
        }
    }

    /// Age first, since what is deleted need not be compressed; size last, when files are as small as they get.
    fn run(mut self) -> Result<LifeReport, StoreError> {
        if self.mode == Mode::Do {
            self.mend()?;
        }
        self.seal()?;
        self.delete_by(&self.settings.rules_of_age())?;
        self.compress()?;
        self.delete_by(&self.settings.rules_of_size())?;
        if self.mode == Mode::Do {
            if let Err(error) = self.delete_texts() {
                self.report.keep(".logloom/full", error.to_string());
            }
            self.pack_sessions();
            self.index()?;
        }
        self.report.is_complete = !(self.is_ending)();
        Ok(self.report)
    }

    fn slots(&self) -> Result<Vec<Option<FileSlot>>, StoreError> {
        let Some(head) = &self.head else { return Ok(Vec::new()) };
        let (_, catalogue) = head.catalogue()?;
        head.file_slots(catalogue.files_used)
    }

    fn head(&self) -> Result<Arc<Head>, StoreError> {
        match &self.head {
            Some(head) => Ok(head.clone()),
            None => self.shared.head(),
        }
    }

    /// Seals files whose day is over.
    fn seal(&mut self) -> Result<(), StoreError> {
        let open = |slot: &&FileSlot| slot.state == FileState::Open;
        let slots = self.slots()?;
        let mut files: Vec<&FileSlot> = slots.iter().flatten().filter(open).collect();
        files.sort_unstable_by_key(|slot| slot.key);
        for slot in files {
            if !self.is_over(slot)? || (self.is_ending)() {
                continue;
            }
            let key = slot.key;
            if self.mode == Mode::Tell {
                self.report.sealed.push(key);
                continue;
            }
            match self.directory.seal(key, self.segments) {
                Ok(()) => self.report.sealed.push(key),
                // It is in use, or its device fails: the next pass tries again.
                Err(error) => self.report.keep(&key.file_name(), error.to_string()),
            }
        }
        Ok(())
    }

    fn is_over(&self, slot: &FileSlot) -> Result<bool, StoreError> {
        let end = slot.key.day.start_ns().saturating_add(NS_A_DAY);
        if self.now_ns < end.saturating_add(SEAL_AFTER_NS) {
            return Ok(false);
        }
        // An import may be writing to a day long past.
        if self.now_ns >= end.max(slot.created_ns).saturating_add(NS_A_DAY) {
            return Ok(true);
        }
        let stat = self.shared.stat_form(slot.key, None)?;
        let quiet = stat.map_or(i64::MAX, |stat| self.now_ns.saturating_sub(stat.modified_ns));
        Ok(!(0..QUIET_NS).contains(&quiet))
    }

    /// All files, by key: those of the catalogue, and those that it has no room for.
    fn candidates(&self) -> Result<Vec<(Candidate, Option<u32>)>, StoreError> {
        let slots = self.slots()?;
        let mut files: Vec<(Candidate, Option<u32>)> = slots
            .iter()
            .enumerate()
            .filter_map(|(number, slot)| Some((candidate(slot.as_ref()?)?, Some(number as u32))))
            .collect();
        let known: HashSet<String> = files.iter().map(|(file, _)| file.name.clone()).collect();
        let names = self
            .shared
            .platform
            .list(self.shared.root.handle())
            .map_err(StoreError::io(format!("list {}", self.shared.path.display())))?;
        let keys: HashSet<FileKey> = files.iter().map(|(file, _)| file.key).collect();
        for name in names.into_iter().filter(|name| !known.contains(name)) {
            let Some((key, codec)) = form_of_name(&name).filter(|(key, _)| !keys.contains(key))
            else {
                continue;
            };
            let Some(stat) = self.shared.stat_form(key, codec)?.filter(|stat| stat.is_regular())
            else {
                continue;
            };
            let (bytes, is_packable) = (stat.size, codec.is_none() && stat.size > 0);
            let is_open = false;
            files.push((Candidate { key, name, bytes, created_ns: 0, is_open, is_packable }, None));
        }
        files.sort_unstable_by_key(|(file, _)| file.key);
        Ok(files)
    }

    fn delete_by(&mut self, rules: &[DeleteRule]) -> Result<(), StoreError> {
        if rules.is_empty() || (self.is_ending)() {
            return Ok(());
        }
        let (files, numbers): (Vec<_>, Vec<_>) = self.candidates()?.into_iter().unzip();
        let mut gone: Vec<bool> = files.iter().map(|file| self.gone.contains(&file.name)).collect();
        let mut choices = choose(&files, rules, self.now_ns, &mut gone);
        // Those without a slot last, many under one lock.
        choices.sort_by_key(|choice| numbers[choice.index].is_none());
        for choice in choices {
            let (file, rule) = (&files[choice.index], &rules[choice.rule]);
            let done = Deleted {
                name: file.name.clone(),
                bytes: file.bytes,
                reason: rule.reason(),
                is_test: rule.is_test,
            };
            let outcome = match self.mode == Mode::Tell || rule.is_test {
                true => Ok(None),
                false if (self.is_ending)() => break,
                false => self.delete(file, numbers[choice.index]),
            };
            match outcome {
                Ok(None) => {
                    if !done.is_test {
                        self.gone.insert(done.name.clone());
                    }
                    self.report.deleted.push(done);
                }
                Ok(Some(why)) => self.report.keep(&file.name, why),
                Err(error) => self.report.keep(&file.name, error.to_string()),
            }
        }
        self.known = None;
        Ok(())
    }

    /// Deletes full texts that were last needed before any file that is left was begun. Files that were found
    /// do not tell when that was: not before the day ahead of their own, as a record that comes early may.
    fn delete_texts(&mut self) -> Result<(), StoreError> {
        let begun = |file: &Candidate| {
            let created = Some(file.created_ns).filter(|created| *created > 0);
            let day = file.key.day.start_ns().saturating_sub(NS_A_DAY);
            created.map_or(day, |created| created.min(day))
        };
        let files = self.candidates()?;
        let yesterday = self.now_ns.saturating_sub(NS_A_DAY);
        let oldest = files.iter().map(|(file, _)| begun(file)).min().unwrap_or(yesterday);
        self.report.texts_deleted = self.shared.delete_texts(oldest, self.is_ending)?;
        Ok(())
    }

    /// Compresses sealed files that are old enough, the oldest first.
    fn compress(&mut self) -> Result<(), StoreError> {
        let Some(days) = self.settings.compress_after_days else { return Ok(()) };
        for (file, number) in self.candidates()? {
            let is_due = file.is_packable && age_days(&file, self.now_ns) >= i64::from(days);
            if !is_due || self.gone.contains(&file.name) {
                continue;
            }
            if (self.is_ending)() {
                return Ok(());
            }
            let packed = match (self.mode, number) {
                (Mode::Tell, _) => Ok(Some((0, None))),
                (Mode::Do, Some(number)) => self.compress_file(number, file.key),
                // One that the catalogue has no room for could not be found again.
                (Mode::Do, None) => continue,
            };
            let (name, before) = (file.name, file.bytes);
            match packed {
                Ok(Some((after, indexed))) => {
                    self.report.compressed.push(Compressed { name, before, after });
                    self.report.indexed.extend(indexed);
                }
                Ok(None) => return Ok(()),
                Err(error) => self.report.keep(&name, error.to_string()),
            }
        }
        Ok(())
    }
}

/// A slot's file as the rules see it; `None` when it is deleted.
fn candidate(slot: &FileSlot) -> Option<Candidate> {
    let codec = slot.packed.map(|packed| packed.codec);
    (slot.state != FileState::Gone).then(|| Candidate {
        key: slot.key,
        name: form_name(slot.key, codec),
        bytes: slot.packed.map_or(slot.committed, |packed| packed.bytes),
        created_ns: slot.created_ns,
        is_open: slot.state == FileState::Open || slot.pending.is_some(),
        is_packable: slot.state == FileState::Sealed && slot.committed > 0,
    })
}
