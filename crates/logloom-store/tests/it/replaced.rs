//! What stands in place of a file of ours: pipes, sockets, directories, links. Nothing of it may make a
//! process wait; day files go on in the next split; everything else is told or set aside.

use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use logloom_store::read::{Follow, Order, Start};
use logloom_store::sys::LinuxPlatform;
use logloom_store::{
    Directory, FileKey, FileState, NoSegments, Options, SourcePosition, StoreError, Warning,
};

use crate::child;
use crate::redo::FileRedo;

/// Something that is no regular file, to be put at a path.
type Obstacle = fn(&Path);

const OBSTACLES: [(&str, Obstacle); 4] = [
    ("pipe", |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success())),
    ("socket", |path| drop(UnixListener::bind(path).unwrap())),
    ("directory", |path| std::fs::create_dir(path).unwrap()),
    ("symbolic link", |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap()),
];

/// Runs `work` for each obstacle in a directory of its own; one that waits is a failure, not a hang.
fn with_each(work: fn(&Path, &str, Obstacle)) {
    for (name, obstacle) in OBSTACLES {
        let (done, is_done) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let root = tempfile::tempdir().unwrap();
            work(root.path(), name, obstacle);
            done.send(()).unwrap();
        });
        match is_done.recv_timeout(Duration::from_secs(20)) {
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("a {name} makes the process wait"),
            _ => thread.join().unwrap(),
        }
    }
}

fn key(split: u32) -> FileKey {
    FileKey { day: crate::redo::day(), split }
}

fn day_path(root: &Path) -> PathBuf {
    root.join("log").join(key(0).file_name())
}

fn replace(path: &Path, obstacle: Obstacle) {
    if path.exists() {
        std::fs::remove_file(path).unwrap();
    }
    obstacle(path);
}

fn try_open(root: &Path) -> Result<Directory, StoreError> {
    Directory::open(&root.join("log"), child::options(), Arc::new(LinuxPlatform))
}

#[test]
fn what_stands_in_place_of_the_head_is_told() {
    with_each(|root, name, obstacle| {
        child::open(root);
        replace(&root.join("log/.logloom/head"), obstacle);
        let reader = Directory::open(&root.join("log"), Options::reader(), Arc::new(LinuxPlatform));
        for error in [try_open(root).err().unwrap(), reader.err().unwrap()] {
            let text = error.to_string();
            assert!(text.contains(".logloom/head") && text.contains(name), "{text}");
            assert!(text.contains("move it away"), "{text}");
        }
    });
}

#[test]
fn a_day_file_that_is_none_is_passed_over() {
    with_each(|root, name, obstacle| {
        for is_open_again in [false, true] {
            let root = &root.join(is_open_again.to_string());
            std::fs::create_dir(root).unwrap();
            let mut directory = child::open(root);
            let mut redo = FileRedo::create(child::redo_path(root, "w"));
            let mut writer = child::register(&directory, &redo);
            redo.stage(&[child::line("w", 0)]);
            redo.apply(&writer, &NoSegments);
            replace(&day_path(root), obstacle);
            if is_open_again {
                writer.release().unwrap();
                directory = child::open(root);
                redo = FileRedo::create(child::redo_path(root, "w"));
                writer = child::register(&directory, &redo);
            }
            redo.stage(&[child::line("w", 1)]);
            assert_eq!(redo.apply(&writer, &NoSegments).file, Some(key(1)), "{name}");
            let files = child::open_reader(root).snapshot(Order::OldestFirst).unwrap().files;
            assert_eq!(files[0].state, FileState::Suspect, "{name}");
            assert!(directory.open_file(&files[0]).unwrap().is_none(), "{name}");
        }
    });
}

#[test]
fn readers_pass_over_a_day_file_that_is_none() {
    with_each(|root, name, obstacle| {
        let directory = child::open(root);
        let mut redo = FileRedo::create(child::redo_path(root, "w"));
        let writer = child::register(&directory, &redo);
        redo.stage(&[child::line("w", 0)]);
        redo.apply(&writer, &NoSegments);
        directory.seal(key(0), &NoSegments).unwrap();
        redo.stage(&[child::line("w", 1)]);
        redo.apply(&writer, &NoSegments);
        replace(&day_path(root), obstacle);
        let read = |directory: &Directory| {
            let mut follow = Follow::new(directory, Start::Beginning).unwrap();
            let mut bytes = Vec::new();
            while let Some(batch) = follow.next_batch(Duration::ZERO).unwrap() {
                bytes.extend(batch.bytes);
            }
            String::from_utf8(bytes).unwrap()
        };
        // Slots are also read once more after the file was passed over.
        let with_head = child::open_reader(root);
        assert!([read(&with_head), read(&with_head)].contains(&child::line("w", 1)), "{name}");
        std::fs::remove_dir_all(root.join("log/.logloom")).unwrap();
        assert_eq!(read(&child::open_reader(root)), child::line("w", 1), "{name}");
    });
}

/// All lines that a reader is given.
fn lines_of(root: &Path) -> String {
    let directory = child::open_reader(root);
    let mut text = String::new();
    for file in directory.snapshot(Order::OldestFirst).unwrap().files {
        let reader = directory.open_file(&file).unwrap().expect("its lines are there");
        let mut bytes = vec![0; usize::try_from(file.committed).unwrap()];
        assert_eq!(reader.read_at(&mut bytes, 0).unwrap(), bytes.len());
        text += &String::from_utf8(bytes).unwrap();
    }
    text
}

#[test]
fn another_file_in_place_of_the_open_one_is_read() {
    type Change = fn(&Path) -> &'static [u64];
    let changes: [Change; 3] = [
        // As of a copied directory.
        |path| {
            std::fs::copy(path, path.with_extension("copy")).unwrap();
            std::fs::rename(path.with_extension("copy"), path).unwrap();
            &[0, 1]
        },
        // As an editor does it.
        |path| {
            std::fs::write(path.with_extension("new"), child::line("w", 7)).unwrap();
            std::fs::rename(path.with_extension("new"), path).unwrap();
            &[7]
        },
        |path| {
            std::fs::write(path, child::line("w", 0)).unwrap();
            &[0]
        },
    ];
    for (is_written_on, change) in
        [false, true].into_iter().flat_map(|on| changes.map(|change| (on, change)))
    {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let directory = child::open(root);
        let mut redo = FileRedo::create(child::redo_path(root, "w"));
        let writer = child::register(&directory, &redo);
        redo.stage(&[child::line("w", 0), child::line("w", 1)]);
        redo.apply(&writer, &NoSegments);
        let kept = change(&day_path(root));
        let mut expected: String = kept.iter().map(|number| child::line("w", *number)).collect();
        if is_written_on {
            // A program that has the directory open meanwhile goes on in the next file.
            redo.stage(&[child::line("w", 2)]);
            assert_eq!(redo.apply(&writer, &NoSegments).file, Some(key(1)));
            expected += &child::line("w", 2);
        }
        writer.release().unwrap();
        drop(directory);
        child::open(root);
        assert_eq!(lines_of(root), expected, "{is_written_on}");
        let files = child::open(root).snapshot(Order::OldestFirst).unwrap().files;
        assert_eq!((files[0].state, files[0].lines), (FileState::Sealed, kept.len() as u64));
    }
}

#[test]
fn a_batch_half_written_to_a_replaced_file_is_written_to_the_next() {
    with_each(|root, name, obstacle| {
        let killed = child::Role { kill_at: "append_half:1", ..child::Role::new(root, "killed") };
        assert!(!killed.spawn().wait().unwrap().success());
        replace(&day_path(root), obstacle);
        let directory = child::open(root);
        child::recover(&directory, &crate::redo::FileSegments);
        assert_eq!(crate::oracle::faults(root, &directory), Vec::<String>::new(), "{name}");
        directory.seal(key(0), &NoSegments).unwrap();
        let files = directory.snapshot(Order::OldestFirst).unwrap().files;
        assert_eq!(files.iter().map(|file| file.lines).collect::<Vec<_>>(), [0, 3], "{name}");
    });
}

#[test]
fn an_unknown_day_file_that_is_none_is_left_alone() {
    with_each(|root, name, obstacle| {
        child::open(root);
        obstacle(&day_path(root));
        let directory = child::open(root);
        let warnings = directory.warnings();
        let [Warning::Postponed { reason, .. }] = &warnings[..] else { panic!("{warnings:?}") };
        assert!(reason.contains(name), "{reason}");
        assert_eq!(directory.snapshot(Order::OldestFirst).unwrap().files.len(), 0);
    });
}

#[test]
fn metadata_takes_the_place_of_what_is_no_directory() {
    with_each(|root, name, obstacle| {
        let directory = child::open(root);
        obstacle(&root.join("log/metadata.json"));
        let hour_ago = Duration::from_secs(3600);
        let _ = Command::new("touch")
            .args(["-h", "-d", &format!("-{} seconds", hour_ago.as_secs())])
            .arg(root.join("log/metadata.json"))
            .status();
        let written = directory.write_metadata();
        assert_eq!(written.is_ok(), name != "directory", "{name}: {written:?}");
    });
}

fn position() -> SourcePosition {
    SourcePosition { device: 1, inode: 2, fingerprint: 3, path: "/var/log/a".into(), position: 4 }
}

#[test]
fn sources_that_cannot_be_read_are_set_aside() {
    with_each(|root, name, obstacle| {
        let directory = child::open(root);
        obstacle(&root.join("log/.logloom/sources.json"));
        sources_begin_anew(root, &directory, name);
    });
    let contents: [fn(&Path); 2] = [
        |path| std::fs::write(path, "{\"version\":").unwrap(),
        |path| std::fs::File::create(path).unwrap().set_len((64 << 20) + 1).unwrap(),
    ];
    for (number, write) in contents.into_iter().enumerate() {
        let root = tempfile::tempdir().unwrap();
        let directory = child::open(root.path());
        write(&root.path().join("log/.logloom/sources.json"));
        sources_begin_anew(root.path(), &directory, &number.to_string());
    }
}

fn sources_begin_anew(root: &Path, directory: &Directory, name: &str) {
    assert_eq!(child::open_reader(root).load_sources().unwrap().positions, [], "{name}");
    assert_eq!(directory.load_sources().unwrap().positions, [], "{name}");
    let warnings = directory.warnings();
    let [Warning::SourcesSetAside { name: aside }] = &warnings[..] else {
        panic!("{name}: {warnings:?}")
    };
    let aside = root.join("log/.logloom/aside").join(aside);
    assert!(aside.symlink_metadata().is_ok(), "{name}");
    directory.save_sources(&[position()]).unwrap();
    assert_eq!(directory.load_sources().unwrap().positions, [position()], "{name}");
    assert_eq!(directory.warnings(), [], "{name}");
}

#[test]
fn what_stands_in_place_of_the_control_directory_is_told() {
    let obstacles: [Obstacle; 3] = [
        |path| std::fs::write(path, "").unwrap(),
        |path| std::os::unix::fs::symlink("/tmp", path).unwrap(),
        |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
    ];
    for obstacle in obstacles {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("log")).unwrap();
        obstacle(&root.path().join("log/.logloom"));
        let path = root.path().join("log");
        let reader = Directory::open(&path, Options::reader(), Arc::new(LinuxPlatform));
        for error in [try_open(root.path()).err().unwrap(), reader.err().unwrap()] {
            let text = error.to_string();
            assert!(text.contains("log/.logloom is no directory"), "{text}");
            assert!(text.contains("move it away"), "{text}");
        }
    }
}
