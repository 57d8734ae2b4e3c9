//! An application that closes all descriptors that it did not open, as daemons do, and gives their
//! numbers to files of its own: logging goes on, and the application's files are left alone.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use logloom_ring::process;
use tempfile::TempDir;

use super::program::{error, info, lines, settings, started};
use super::runtime::{assert_each_once, assert_succeeds};

const OWN: &[u8] = b"the application's own";
const THREADS: u64 = 4;

fn files() -> Vec<(PathBuf, File)> {
    let dir = PathBuf::from(std::env::var_os("LOGLOOM_TEST_DIR").unwrap());
    let open = |number| {
        let path = dir.join(format!("application-{number}"));
        let mut options = File::options();
        let mut file = options.read(true).write(true).create(true).open(&path).unwrap();
        file.write_all(OWN).unwrap();
        (path, file)
    };
    (0..30).map(open).collect()
}

/// Logs before and after, from a thread that has its rings and from others that need theirs.
pub(crate) fn closes() {
    let handle = started(settings());
    (0..100).for_each(info);
    assert!(handle.flush(Duration::from_secs(5)).is_empty());
    if let Err(error) = process::close_descriptors(3) {
        println!("skipped: descriptors cannot be closed at once: {error}");
        return;
    }
    let files = files();
    std::thread::scope(|scope| {
        for thread in 1..=THREADS {
            scope.spawn(move || (thread * 100..thread * 100 + 99).for_each(info));
        }
    });
    (1..=THREADS).for_each(|thread| error(thread * 100 + 99));
    assert!(handle.flush(Duration::from_secs(5)).is_empty());
    assert!(handle.metrics().rings > 3, "the threads got rings: {}", handle.metrics().rings);
    assert!(handle.stop(Duration::from_secs(5)).is_empty());
    for (path, mut file) in files {
        assert_eq!(std::fs::read(&path).unwrap(), OWN, "{}", path.display());
        assert!(file.write_all(OWN).is_ok(), "{} was closed", path.display());
    }
    println!("logged on");
}

#[test]
fn logging_goes_on_when_the_application_closes_all_descriptors() {
    let dir = TempDir::new().unwrap();
    let text = assert_succeeds("closes", dir.path(), &[]);
    if text.contains("logged on") {
        assert_each_once(&lines(dir.path()), 0..100 * (THREADS + 1));
    }
}
