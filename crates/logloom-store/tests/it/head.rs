//! The head: made once by many, hostile bytes, refused directories.

use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use logloom_store::read::Order;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Access, CommitKind, Directory, NoSegments, Options, StoreError, Warning};
use proptest::prelude::*;

use crate::child::{self, Begun};
use crate::oracle;
use crate::redo::FileRedo;

fn head(root: &Path) -> std::path::PathBuf {
    root.join("log/.logloom/head")
}

fn append_one(root: &Path, directory: &Directory, number: u64) {
    let mut redo = FileRedo::create(child::redo_path(root, "w"));
    let writer = child::register(directory, &redo);
    redo.stage(&[child::line("w", number)]);
    redo.apply(&writer, &NoSegments);
    writer.release().unwrap();
}

#[test]
fn many_first_openers_make_one_head() {
    let root = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let openers = (0..8).map(|_| scope.spawn(|| child::open(root.path()).store_id().unwrap()));
        let openers: Vec<_> = openers.collect();
        let ids: Vec<_> = openers.into_iter().map(|opener| opener.join().unwrap()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    });
    let names = std::fs::read_dir(root.path().join("log/.logloom")).unwrap();
    assert_eq!(names.count(), 1);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&head(root.path())), 0o600);
    assert_eq!(mode(&root.path().join("log")), 0o700);
}

#[test]
fn a_damaged_head_is_set_aside_and_its_files_stay_readable() {
    let damages: [fn(&Path); 3] = [
        |path| std::fs::write(path, "").unwrap(),
        |path| std::fs::write(path, vec![0xff; 7 << 20]).unwrap(),
        |path| {
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.write_all_at(&[7; 1024], 4096).unwrap();
        },
    ];
    for damage in damages {
        let root = tempfile::tempdir().unwrap();
        append_one(root.path(), &child::open(root.path()), 0);
        damage(&head(root.path()));
        let directory = child::open(root.path());
        let warnings = directory.warnings();
        assert!(matches!(warnings[0], Warning::HeadSetAside { .. }), "{warnings:?}");
        assert!(matches!(warnings[1], Warning::FileRegistered { .. }), "{warnings:?}");
        let aside = std::fs::read_dir(root.path().join("log/.logloom/aside")).unwrap();
        assert_eq!(aside.count(), 1);
        append_one(root.path(), &directory, 1);
        let files = directory.snapshot(Order::OldestFirst).unwrap().files;
        assert_eq!(files.iter().map(|file| file.lines).collect::<Vec<_>>(), [1, 1]);
    }
}

#[test]
fn a_deleted_head_makes_writers_open_again() {
    let Begun { root, directory: _directory, writer, mut redo } = Begun::with_line();
    std::fs::remove_file(head(root.path())).unwrap();
    redo.stage(&[child::line("w", 1)]);
    assert!(writer.append(&redo, &NoSegments).unwrap_err().needs_reopen());
    let again = child::open(root.path());
    let writer = child::register(&again, &redo);
    redo.apply(&writer, &NoSegments);
    assert_eq!(oracle::faults(root.path(), &again), Vec::<String>::new());
}

#[test]
fn a_head_replaced_while_a_batch_is_written_takes_the_batch_again() {
    let root = tempfile::tempdir().unwrap();
    let directory = child::open(root.path());
    let mut redo = FileRedo::create(child::redo_path(root.path(), "w"));
    let writer = child::register(&directory, &redo);
    redo.stage(&[child::line("w", 0)]);
    let path = root.path().to_owned();
    redo.on_intent = Some(Box::new(move || {
        std::fs::remove_file(head(&path)).unwrap();
        // Registers the file as it is now: without the batch.
        child::open(&path);
    }));
    assert!(writer.append(&redo, &NoSegments).unwrap_err().needs_reopen());
    redo.on_intent = None;
    let again = child::open(root.path());
    let writer = child::register(&again, &redo);
    redo.apply(&writer, &NoSegments);
    let files = again.snapshot(Order::OldestFirst).unwrap().files;
    assert_eq!(files.iter().map(|file| file.lines).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(oracle::faults(root.path(), &again), Vec::<String>::new());
}

#[test]
fn a_catalogue_damaged_in_place_makes_writers_open_again() {
    let damages: [fn(&std::fs::File); 2] =
        [|file| file.set_len(0).unwrap(), |file| file.write_all_at(&[7; 16_384], 0).unwrap()];
    for damage in damages {
        let Begun { root, directory: _directory, writer, mut redo } = Begun::with_line();
        let file = std::fs::OpenOptions::new().write(true).open(head(root.path())).unwrap();
        damage(&file);
        redo.stage(&[child::line("w", 1)]);
        let error = writer.append(&redo, &NoSegments).unwrap_err();
        assert!(error.needs_reopen(), "{error}");
        let again = child::open(root.path());
        let writer = child::register(&again, &redo);
        redo.apply(&writer, &NoSegments);
        assert_eq!(oracle::faults(root.path(), &again), Vec::<String>::new());
    }
}

#[test]
fn a_batch_written_before_the_head_was_lost_is_not_written_again() {
    let Begun { root, redo, .. } = &Begun::with_line();
    std::fs::remove_file(head(root.path())).unwrap();
    let again = child::open(root.path());
    let writer = child::register(&again, redo);
    assert_eq!(redo.apply(&writer, &NoSegments).kind, CommitKind::AlreadyCommitted);
    assert_eq!(again.snapshot(Order::OldestFirst).unwrap().files[0].lines, 1);
}

#[test]
fn a_torn_copy_leaves_the_other() {
    let root = tempfile::tempdir().unwrap();
    let directory = child::open(root.path());
    append_one(root.path(), &directory, 0);
    let file = std::fs::OpenOptions::new().read(true).write(true).open(head(root.path())).unwrap();
    let mut copies = [0u8; 1024];
    file.read_exact_at(&mut copies, 8192).unwrap();
    let generation = |at: usize| u64::from_le_bytes(copies[at..at + 8].try_into().unwrap());
    let older = if generation(0) < generation(512) { 0 } else { 512 };
    file.write_all_at(&[0xaa; 100], 8192 + older).unwrap();
    assert_eq!(directory.snapshot(Order::OldestFirst).unwrap().files[0].lines, 1);
    append_one(root.path(), &directory, 1);
    assert_eq!(directory.snapshot(Order::OldestFirst).unwrap().files[0].lines, 2);
}

#[test]
fn old_leftovers_are_removed_and_young_ones_kept() {
    let root = tempfile::tempdir().unwrap();
    child::open(root.path());
    let control = root.path().join("log/.logloom");
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::create_dir(control.join("cursors")).unwrap();
    let leftovers = [
        ("head.new-1", true),
        ("sources.json.tmp-1", true),
        ("cursors/a.json.tmp-1", true),
        ("head.new-2", false),
    ];
    for (name, is_old) in leftovers {
        let file = std::fs::File::create(control.join(name)).unwrap();
        if is_old {
            file.set_modified(hour_ago).unwrap();
        }
    }
    child::open(root.path());
    assert!(control.join("head").exists());
    for (name, is_old) in leftovers {
        assert_eq!(control.join(name).exists(), !is_old, "{name}");
    }
}

#[test]
fn settings_of_the_directory_hold() {
    let root = tempfile::tempdir().unwrap();
    child::open(root.path());
    let path = root.path().join("log");
    let directory = Directory::open(&path, Options::default(), Arc::new(LinuxPlatform)).unwrap();
    assert_eq!(directory.settings().unwrap().max_file_size, 2000);
    let warnings = directory.warnings();
    assert!(
        matches!(&warnings[..], [Warning::SettingDiffers { setting: "max_file_size", .. }]),
        "{warnings:?}"
    );
}

#[test]
fn directories_that_others_can_change_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let open = |path: &Path| Directory::open(path, Options::default(), Arc::new(LinuxPlatform));
    let shared = root.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o777)).unwrap();
    let error = open(&shared).err().unwrap();
    assert!(error.to_string().contains("chmod go-w"), "{error}");
    symlink(root.path().join("own"), shared.join("link")).unwrap();
    let error = open(&shared.join("link")).err().unwrap();
    assert!(matches!(error, StoreError::Unsafe { .. }), "{error}");
    std::fs::create_dir(root.path().join("own")).unwrap();
    symlink(root.path().join("own"), root.path().join("good")).unwrap();
    assert!(open(&root.path().join("good")).is_ok());
    let missing = Options { access: Access::Read, ..Options::default() };
    let absent = root.path().join("absent");
    assert!(Directory::open(&absent, missing, Arc::new(LinuxPlatform)).is_err());
    assert!(!absent.exists());
}

#[test]
fn a_child_checks_again_only_what_was_lost() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("log");
    let join = || {
        let options = Options { access: Access::Join, ..Options::default() };
        Directory::open(&path, options, Arc::new(LinuxPlatform)).unwrap()
    };
    let first = join();
    append_one(root.path(), &first, 0);
    std::fs::write(path.join("2020-01-01.jsonl"), child::line("old", 1)).unwrap();
    let files = |directory: &Directory| directory.snapshot(Order::OldestFirst).unwrap().files.len();
    let child = join();
    assert_eq!((child.store_id(), files(&child)), (first.store_id(), 1));
    std::fs::remove_file(head(root.path())).unwrap();
    let child = join();
    assert!(child.store_id() != first.store_id() && files(&child) == 2, "made anew");
    append_one(root.path(), &child, 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]
    #[test]
    fn hostile_bytes_in_the_head_never_panic(
        places in proptest::collection::vec((0u64..16_384, any::<[u8; 40]>()), 1..20),
    ) {
        let root = tempfile::tempdir().unwrap();
        append_one(root.path(), &child::open(root.path()), 0);
        let file = std::fs::OpenOptions::new().write(true).open(head(root.path())).unwrap();
        for (offset, bytes) in &places {
            file.write_all_at(bytes, *offset).unwrap();
        }
        let path = root.path().join("log");
        let reader = Directory::open(&path, Options::reader(), Arc::new(LinuxPlatform));
        if let Ok(reader) = reader {
            let _ = reader.snapshot(Order::NewestFirst);
            let _ = reader.writers();
        }
        if let Ok(directory) = Directory::open(&path, child::options(), Arc::new(LinuxPlatform)) {
            append_one(root.path(), &directory, 1);
        }
        prop_assert!(path.join("2026-11-21.jsonl").exists());
    }
}
