//! Which file takes the next batch of a day, and making a new one. In come a day and the files ruled
//! out; out goes a slot number. Refused when the catalogue has no slot left.

use std::io as std_io;
use std::sync::Arc;

use crate::directory::{Shared, lock};
use crate::error::StoreError;
use crate::head::lock::{Region, acquire};
use crate::head::slot::{Catalogue, FileSlot, FileState, Tally};
use crate::head::{Copies, FILE_SLOTS, FILE_SLOTS_FIRST, Head, io};
use crate::key::{Day, FileKey};
use crate::register::Seat;
use crate::steps::{Step, reached};
use crate::sys::OpenMode;

// Splits are counted from those below: a file that somebody named with a greater number would leave none.
const SPLITS_COUNTED: u32 = 1 << 31;

/// Slot of a file.
pub(crate) fn find_slot(head: &Head, key: FileKey) -> Result<Option<u32>, StoreError> {
    let (_, catalogue) = head.catalogue()?;
    let slots = head.file_slots(catalogue.files_used)?;
    let of_key = |slot: &Option<FileSlot>| {
        slot.is_some_and(|slot| slot.key == key && slot.state != FileState::Gone)
    };
    Ok(slots.iter().position(of_key).map(|number| number as u32))
}

impl Seat {
    pub(crate) fn find_slot(&self, key: FileKey) -> Result<Option<u32>, StoreError> {
        find_slot(&self.head, key)
    }

    /// Slot of the newest open split of `day` that is not ruled out, made if there is none. `full` is a file
    /// that reached its size limit: it is sealed on the way.
    pub(crate) fn newest_open(
        &self,
        day: Day,
        ruled_out: &[u32],
        full: Option<u32>,
    ) -> Result<u32, StoreError> {
        if let Some(number) = self.newest_known(day, ruled_out)? {
            return Ok(number);
        }
        let _catalogue = acquire(&self.head, Region::Catalogue, self.shared.deadline())?;
        if let Some(number) = full {
            crate::seal::seal_if_free(&self.shared, &self.head, number)?;
        }
        let (mut copies, catalogue) = self.head.catalogue()?;
        let slots = self.head.file_slots(catalogue.files_used)?;
        match newest(&slots, day, ruled_out) {
            Some(number) => Ok(number),
            None => create(&self.shared, &self.head, &mut copies, &slots, day),
        }
    }
}

/// What the last look at all slots found, so that an append reads one slot and not all.
#[derive(Default)]
pub(crate) struct OpenFiles {
    head_inode: u64,
    generation: u64,
    open: Vec<(FileKey, u32)>,
}

impl Seat {
    /// Files open when the catalogue last changed. One that was closed since shows when it is locked;
    /// with files ruled out, all slots are read again.
    fn newest_known(&self, day: Day, ruled_out: &[u32]) -> Result<Option<u32>, StoreError> {
        let (copies, catalogue) = self.head.catalogue()?;
        let mut known = lock(&self.shared.open_files);
        let is_fresh = known.head_inode == self.head.inode && known.generation == copies.generation;
        if !is_fresh || !ruled_out.is_empty() {
            let slots = self.head.file_slots(catalogue.files_used)?;
            let open = slots.iter().enumerate().filter_map(|(number, slot)| {
                let slot = slot.filter(|slot| slot.state == FileState::Open)?;
                Some((slot.key, number as u32))
            });
            known.open = open.collect();
            known.head_inode = self.head.inode;
            known.generation = copies.generation;
        }
        let fits = |(key, number): &&(FileKey, u32)| key.day == day && !ruled_out.contains(number);
        Ok(known.open.iter().filter(fits).max().map(|(_, number)| *number))
    }
}

fn newest(slots: &[Option<FileSlot>], day: Day, ruled_out: &[u32]) -> Option<u32> {
    let candidates = slots.iter().enumerate().filter_map(|(number, slot)| {
        let slot = slot.as_ref()?;
        let number = number as u32;
        let fits = slot.key.day == day && slot.state == FileState::Open;
        (fits && !ruled_out.contains(&number)).then_some((slot.key.split, number))
    });
    candidates.max().map(|(_, number)| number)
}

/// Makes the next split of `day`. The catalogue lock is held.
fn create(
    shared: &Shared,
    head: &Arc<Head>,
    copies: &mut Copies<Catalogue>,
    slots: &[Option<FileSlot>],
    day: Day,
) -> Result<u32, StoreError> {
    let place = reserve(head, copies, slots)?;
    reached(Step::SplitReserved);
    let splits = slots.iter().flatten().filter(|slot| slot.key.day == day);
    let used = splits.map(|slot| slot.key.split).filter(|split| *split < SPLITS_COUNTED);
    let first = used.max().map_or(0, |split| split + 1);
    let (key, inode) = create_file(shared, FileKey { day, split: first })?;
    reached(Step::SplitCreated);
    let slot = FileSlot {
        state: FileState::Open,
        key,
        birth: place.birth,
        inode,
        committed: 0,
        tally: Tally::default(),
        last: None,
        pending: None,
        created_ns: shared.platform.realtime_ns(),
        packed: None,
    };
    fill(head, copies, place.number, slot)?;
    reached(Step::SplitSlot);
    Ok(place.number)
}

/// A reserved place for a new file.
pub(crate) struct Reserved {
    pub(crate) number: u32,
    pub(crate) birth: u64,
}

/// Takes an empty slot and a birth number. The catalogue lock is held; a kill afterwards leaves the
/// slot empty and the number unused.
pub(crate) fn reserve(
    head: &Head,
    copies: &mut Copies<Catalogue>,
    slots: &[Option<FileSlot>],
) -> Result<Reserved, StoreError> {
    let (_, catalogue) = head.catalogue()?;
    let number = free_slot(head, slots)?;
    head.make_room(number)?;
    let birth = catalogue.next_birth;
    let files_used = catalogue.files_used.max(number + 1);
    head.write(copies, Some(Catalogue { next_birth: birth + 1, files_used, ..catalogue }))?;
    Ok(Reserved { number, birth })
}

/// An empty slot, or that of the file that was deleted first. Slots that a `head` is made with are taken one
/// after the other; before it is made longer, those of deleted files are used again, since readers go through
/// all that were ever used.
pub(crate) fn free_slot(head: &Head, slots: &[Option<FileSlot>]) -> Result<u32, StoreError> {
    let used = slots.len() as u32;
    let empty = (0..used).filter(|number| slots[*number as usize].is_none());
    if let Some(number) = first_blank(head, empty.chain(used..FILE_SLOTS_FIRST))? {
        return Ok(number);
    }
    let gone = slots.iter().enumerate().filter_map(|(number, slot)| {
        let slot = slot.as_ref().filter(|slot| slot.state == FileState::Gone)?;
        Some((slot.birth, number as u32))
    });
    if let Some((_, number)) = gone.min() {
        return Ok(number);
    }
    first_blank(head, used.max(FILE_SLOTS_FIRST)..FILE_SLOTS)?.ok_or(StoreError::Full {
        what: "all 65,536 file slots of .logloom/head are taken: delete or move away old day files, \
               then open the log directory again",
    })
}

fn first_blank(head: &Head, numbers: impl Iterator<Item = u32>) -> Result<Option<u32>, StoreError> {
    for number in numbers {
        match head.read(io::file_place(number)) {
            Ok(copies) if copies.value.is_none() => return Ok(Some(number)),
            Ok(_) | Err(StoreError::Damaged { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Writes a reserved slot and tells the others that the catalogue changed.
pub(crate) fn fill(
    head: &Head,
    copies: &mut Copies<Catalogue>,
    number: u32,
    slot: FileSlot,
) -> Result<(), StoreError> {
    let mut file_copies = head.read(io::file_place(number))?;
    head.write(&mut file_copies, Some(slot))?;
    let catalogue = copies.value;
    head.write(copies, catalogue)
}

/// Creates the file of the first free split from `key` on.
fn create_file(shared: &Shared, mut key: FileKey) -> Result<(FileKey, u64), StoreError> {
    loop {
        let name = key.file_name();
        match shared.root.open(&name, OpenMode::CreateNew) {
            Ok(file) => {
                let stat = file.stat().map_err(StoreError::io(format!("look at {name}")))?;
                return Ok((key, stat.inode));
            }
            // A file that the catalogue does not know: the next opener registers it.
            Err(error) if error.kind() == std_io::ErrorKind::AlreadyExists => key.split += 1,
            Err(error) => return Err(StoreError::io(format!("create {name}"))(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Options, WriterIdentity, sys::LinuxPlatform};

    /// Takes every place in the catalogue for a sealed file.
    fn take_all(head: &Head) {
        let slot = |number: u32| FileSlot {
            state: FileState::Sealed,
            key: FileKey { day: Day::from_number(1).unwrap(), split: number },
            birth: u64::from(number) + 1,
            inode: 1,
            committed: 0,
            tally: Tally::default(),
            last: None,
            pending: None,
            created_ns: 0,
            packed: None,
        };
        for number in 0..FILE_SLOTS {
            head.make_room(number).unwrap();
            let mut copies = head.read(io::file_place(number)).unwrap();
            head.write(&mut copies, Some(slot(number))).unwrap();
        }
        let (mut copies, catalogue) = head.catalogue().unwrap();
        let full = Catalogue { files_used: FILE_SLOTS, next_birth: 70_000, ..catalogue };
        head.write(&mut copies, Some(full)).unwrap();
    }

    #[test]
    fn without_a_place_nothing_is_begun_and_what_to_do_is_told() {
        let root = tempfile::tempdir().unwrap();
        let platform = Arc::new(LinuxPlatform);
        let directory =
            crate::Directory::open(root.path(), Options::default(), platform.clone()).unwrap();
        let head = directory.shared.head().unwrap();
        take_all(&head);
        let identity = WriterIdentity::of_this_process(&*platform, String::new(), 0);
        let writer = directory.register(identity).unwrap();
        let day = Day::from_number(20_000).unwrap();
        let error = writer.seat.newest_open(day, &[], None).unwrap_err();
        assert!(error.to_string().contains("65,536"), "{error}");
        assert!(!root.path().join(format!("{day}.jsonl")).exists());
        let mut copies = head.read(io::file_place(50_000)).unwrap();
        let gone = copies.value.map(|slot| FileSlot { state: FileState::Gone, ..slot });
        head.write(&mut copies, gone).unwrap();
        assert_eq!(writer.seat.newest_open(day, &[], None).unwrap(), 50_000);
    }
}
