//! Directories that cannot be used, disks that are full, programs that were killed.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Place, Running, errors, printed};

#[test]
fn a_directory_that_cannot_be_made_is_told_before_anything_runs() {
    let place = Place::new();
    let file = place.path("file");
    std::fs::write(&file, "").unwrap();
    let marker = place.path("marker");
    for dir in [file.clone(), file.join("below")] {
        for arguments in [
            vec!["run", "--dir", dir.to_str().unwrap(), "--", "touch", marker.to_str().unwrap()],
            vec!["follow", "--dir", dir.to_str().unwrap(), "/nowhere"],
        ] {
            let output = place.command().args(&arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(3), "{arguments:?}");
            assert!(errors(&output).contains("--dir"), "{}", errors(&output));
        }
    }
    assert!(!marker.exists());
}

#[test]
fn a_killed_run_loses_nothing_that_it_took() {
    let place = Place::new();
    let script = "seq 1 5000; echo done; exec sleep 60";
    let mut command = place.ready("run", &["--", "sh", "-c", script]);
    let mut running = Running::start(command.stdout(Stdio::piped()));
    running.read_until("done\n");
    running.signal("KILL");
    running.end();
    assert!(printed(&place.logloom("doctor", &[] as &[&str])).contains("writers"));
    assert_eq!(place.messages().len(), 5_001);
    let output = place.logloom("recover", &[] as &[&str]);
    assert!(printed(&output).contains("nothing to recover"), "{output:?}");
}

/// A file system of 16 MiB, taken away again at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(path: &'a Path) -> Option<Self> {
        std::fs::create_dir(path).unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs"]).arg(path);
        let mounted = command.stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(path))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        // Lazily: somebody may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// Prints more than all memory between it and the full disk holds, until it waits.
fn start_on_full_disk(place: &Place, disk: &Path) -> Running {
    // Fails when the disk is full, as it should.
    let _ = std::fs::write(disk.join("ballast"), vec![0; 16 << 20]);
    let script = "seq -f '%010.0f' 1 100000 | cut -c5-10 | head -n 60000; echo end";
    let mut command = place.ready("run", &["--", "sh", "-c", script]);
    // Memory that the full disk is no part of, whatever this runs in.
    command.env("LOGLOOM__STORE__RING_DIR", place.path("ring"));
    let mut running = Running::start(command.stdout(Stdio::null()).stderr(Stdio::piped()));
    let mut told = String::new();
    let mut pipe = running.0.stderr.take().unwrap();
    while !told.contains("records wait in memory") {
        let mut chunk = [0; 256];
        let read = pipe.read(&mut chunk).unwrap();
        assert!(read > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&chunk[..read]));
    }
    assert!(running.0.try_wait().unwrap().is_none(), "it waits");
    running
}

#[test]
fn a_full_disk_makes_the_program_wait_and_loses_nothing() {
    let place = Place::new();
    let disk = place.path("log");
    let Some(_disk) = SmallDisk::mount(&disk) else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    assert!(place.run_script("echo before").status.success());
    let mut running = start_on_full_disk(&place, &disk);
    std::fs::remove_file(disk.join("ballast")).unwrap();
    let remount = ["-o", "remount,size=64m"];
    assert!(Command::new("mount").args(remount).arg(&disk).status().unwrap().success());
    assert!(running.end().success());
    let messages = place.messages();
    assert_eq!(messages.len(), 60_002);
    assert_eq!((messages[0].as_str(), messages[60_001].as_str()), ("before", "end"));
}

#[test]
fn signals_end_it_though_the_log_takes_nothing() {
    let place = Place::new();
    let disk = place.path("log");
    let Some(_disk) = SmallDisk::mount(&disk) else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    assert!(place.run_script("echo before").status.success());
    let mut running = start_on_full_disk(&place, &disk);
    // The first ends the program, whose lines cannot be kept; another one is for `run` itself.
    let status = crate::support::await_that("it ends", || {
        running.signal("TERM");
        running.0.try_wait().unwrap()
    });
    assert_eq!(status.code(), Some(128 + 15));
}
