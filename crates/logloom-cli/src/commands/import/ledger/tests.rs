//! What a ledger remembers, through kills, torn lines and dry runs.

#![allow(clippy::unwrap_used)]
use tempfile::TempDir;

use super::*;
use crate::commands::import::identity::keys_of;
use crate::commands::import::origin::Container;

const HEAD: &[u8] = b"the first line of a file\n";

fn begun(name: &str) -> Begun {
    let key = keys_of(HEAD)[0];
    Begun { key, name: name.to_owned(), container: Container::default(), ..Begun::default() }
}

fn whole(name: &str, end: u64) -> Entry {
    let Begun { key, name, .. } = begun(name);
    Entry { is_whole: true, end, checked: end, digest: [7; 16], key, name, ..Entry::default() }
}

fn open(folder: &TempDir, reached: Option<u64>) -> Ledger {
    Ledger::open(folder.path(), 2, &|_, job| reached.filter(|_| job == 1)).unwrap()
}

fn found(ledger: &Ledger) -> Vec<(bool, u64, u64)> {
    let candidates = ledger.claim(keys_of(HEAD)).candidates().unwrap();
    let entry = |candidate: &Candidate| {
        let Entry { is_whole, end, checked, .. } = candidate.entry;
        (is_whole, end, checked)
    };
    candidates.iter().map(entry).collect()
}

#[test]
fn what_was_taken_is_found_again_by_the_next_run() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder, None);
    assert_eq!(found(&ledger), []);
    assert_eq!(ledger.begin(1, begun("a"), None).unwrap(), 0);
    ledger.close(1, whole("a", 25)).unwrap();
    assert_eq!(ledger.begin(1, begun("b"), None).unwrap(), 26);
    assert_eq!(found(&ledger), [(true, 25, 25)]);
    let id = ledger.id();
    drop(ledger);
    let ledger = open(&folder, Some(25));
    assert_eq!((ledger.id(), found(&ledger)), (id, vec![(true, 25, 25)]));
}

#[test]
fn a_killed_file_goes_on_where_the_log_has_it() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder, None);
    ledger.begin(1, begun("a"), None).unwrap();
    ledger.close(1, Entry { is_whole: false, end: 0, ..whole("a", 0) }).unwrap();
    assert_eq!(ledger.begin(1, begun("b"), None).unwrap(), 1);
    ledger.check(1, 10, [1; 16]).unwrap();
    ledger.check(1, 20, [2; 16]).unwrap();
    drop(ledger);
    let ledger = open(&folder, Some(1 + 15));
    assert_eq!(found(&ledger), [(false, 15, 10)]);
    // What it goes on with is no more to be found, from the next run on neither.
    let known = ledger.claim(keys_of(HEAD)).candidates().unwrap().remove(0);
    assert_eq!(ledger.begin(1, begun("b"), Some((&known, [3; 16]))).unwrap(), 17);
    assert_eq!(found(&ledger), []);
    drop(ledger);
    let ledger = open(&folder, Some(5));
    assert_eq!(found(&ledger), [(false, 15, 15)], "nothing of it was taken since");
    drop(ledger);
    assert_eq!(found(&open(&folder, None)), [(false, 15, 15)]);
}

#[test]
fn a_torn_line_is_cut_off_and_a_second_import_refused() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder, None);
    ledger.begin(0, begun("a"), None).unwrap();
    ledger.close(0, whole("a", 25)).unwrap();
    let again = Ledger::open(folder.path(), 1, &|_, _| None).err().unwrap();
    assert!(again.to_string().contains("another import"), "{again}");
    drop(ledger);
    let path = folder.path().join(NAME);
    let mut text = std::fs::read_to_string(&path).unwrap();
    let length = text.len();
    text.push_str("no such line\nbegin 0 26 0 0 123");
    std::fs::write(&path, &text).unwrap();
    let ledger = open(&folder, None);
    assert_eq!(found(&ledger), [(true, 25, 25)]);
    assert_eq!(std::fs::read(&path).unwrap().len(), length + "no such line\n".len());
}

#[test]
fn a_dry_run_finds_what_is_there_and_leaves_it() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder, None);
    ledger.begin(0, begun("a"), None).unwrap();
    ledger.close(0, whole("a", 25)).unwrap();
    let before = std::fs::read(folder.path().join(NAME)).unwrap();
    // The other import goes on.
    let dry = Ledger::open_unchanged(folder.path(), 1, folder.path()).unwrap();
    dry.begin(0, begun("b"), None).unwrap();
    dry.close(0, whole("b", 30)).unwrap();
    assert_eq!(found(&dry), [(true, 30, 30), (true, 25, 25)]);
    assert_eq!(std::fs::read(folder.path().join(NAME)).unwrap(), before);
    let empty = TempDir::new().unwrap();
    assert_eq!(found(&Ledger::open_unchanged(empty.path(), 1, folder.path()).unwrap()), []);
}
