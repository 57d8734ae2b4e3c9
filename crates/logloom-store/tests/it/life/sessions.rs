//! Sessions that have been silent for long give up their files and keep their numbers.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use logloom_store::life::LifeSettings;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{
    Append, Directory, NoSegments, NumbersWanted, Options, SessionKey, Warning, WriterHandle,
    WriterIdentity,
};

use super::{DAY, House, NOW, keep};

const SESSIONS: u32 = 600;

fn id(session: u32) -> String {
    format!("session-{session}")
}

fn register(directory: &Directory) -> WriterHandle {
    let path = "/none/segment.llr".to_owned();
    directory.register(WriterIdentity::of_this_process(&LinuxPlatform, path, 7)).unwrap()
}

/// Takes numbers of a session for the batch and gives the first.
fn take(writer: &WriterHandle, session: u32, count: u32, batch: u64) -> u64 {
    let session = id(session);
    let wanted = NumbersWanted { session: session.as_bytes(), count, batch, at_least: 0 };
    let ranges = writer.reserve_numbers(&wanted).unwrap();
    assert_eq!(ranges.iter().map(|range| range.count).sum::<u32>(), count, "{ranges:?}");
    ranges[0].from
}

/// Each session has had as many numbers as its own tells, all of them in the log.
fn fill(directory: &Directory) {
    let writer = register(directory);
    for session in 1..=SESSIONS {
        assert_eq!(take(&writer, session, session, 1), 1);
        writer.return_numbers(SessionKey::of(id(session).as_bytes()), 1).unwrap();
    }
    writer.release().unwrap();
}

fn files(house: &House) -> usize {
    std::fs::read_dir(house.path(".logloom/sessions")).unwrap().count()
}

fn house() -> (House, Directory) {
    let house = House::new();
    let directory = house.open();
    fill(&directory);
    (house, directory)
}

/// Makes all files of sessions look as if last written to then.
fn date(path: &Path, time: SystemTime) {
    for entry in std::fs::read_dir(path.join(".logloom/sessions")).unwrap() {
        let file = std::fs::OpenOptions::new().write(true).open(entry.unwrap().path()).unwrap();
        file.set_modified(time).unwrap();
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(NOW as u64)
}

#[test]
fn a_session_that_comes_back_goes_on_with_its_next_number() {
    let (house, directory) = house();
    date(&house.path(""), now());
    keep(&directory, &LifeSettings::none());
    assert_eq!(files(&house), SESSIONS as usize, "none is silent yet");
    house.platform.now_ns.store(NOW + 7 * DAY, Ordering::Relaxed);
    keep(&directory, &LifeSettings::none());
    assert_eq!(files(&house), 0);
    let writer = register(&directory);
    for session in 1..=SESSIONS {
        assert_eq!(take(&writer, session, 2, 1), u64::from(session) + 1);
    }
    assert_eq!(take(&writer, SESSIONS + 1, 1, 1), 1, "one that is new");
    writer.release().unwrap();
    // Silent once more, with other numbers than are known of them.
    date(&house.path(""), now());
    keep(&directory, &LifeSettings::none());
    assert_eq!(files(&house), 0);
    let writer = register(&house.open());
    for session in 1..=SESSIONS {
        assert_eq!(take(&writer, session, 1, 1), u64::from(session) + 3);
    }
    assert_eq!(directory.warnings(), []);
}

#[test]
fn numbers_that_may_not_be_in_the_log_keep_their_file() {
    let (house, directory) = house();
    let (alive, given_back) = (register(&directory), register(&directory));
    take(&alive, 1, 5, 1);
    take(&given_back, 2, 5, 1);
    take(&alive, 2, 1, 1);
    given_back.return_numbers(SessionKey::of(id(2).as_bytes()), 0).unwrap();
    date(&house.path(""), now() - Duration::from_secs(8 * 86_400));
    keep(&directory, &LifeSettings::none());
    assert_eq!(files(&house), 2, "a batch under way, and numbers that were given back");
    // The first batch was never staged; of the second session five numbers are free.
    assert_eq!(take(&alive, 1, 1, 1), 2);
    assert_eq!(take(&given_back, 2, 5, 1), 3);
    assert_eq!(take(&given_back, 2, 1, 2), 9);
}

#[test]
fn a_session_that_comes_back_while_they_are_packed_keeps_its_file() {
    let (house, directory) = house();
    date(&house.path(""), now() - Duration::from_secs(8 * 86_400));
    let writer = register(&house.open());
    let came_back = std::cell::Cell::new(false);
    // Asked between two removals.
    let is_ending = || {
        if house.path(".logloom/sessions.past").exists() && !came_back.replace(true) {
            assert_eq!(take(&writer, 7, 3, 1), 8);
        }
        false
    };
    directory.keep_house(&LifeSettings::none(), &NoSegments, &is_ending).unwrap();
    assert!(came_back.get() && files(&house) == 1);
    assert_eq!(take(&writer, 7, 1, 2), 11);
}

#[test]
fn few_silent_sessions_stay_as_they_are() {
    let house = House::new();
    let directory = house.open();
    let writer = register(&directory);
    (0..100).for_each(|session| assert_eq!(take(&writer, session, 1, 1), 1));
    writer.release().unwrap();
    date(&house.path(""), now() - Duration::from_secs(8 * 86_400));
    keep(&directory, &LifeSettings::none());
    assert_eq!(files(&house), 100);
}

#[test]
fn damage_is_told_and_costs_only_the_sessions_it_hit() {
    let (house, directory) = house();
    date(&house.path(""), now() - Duration::from_secs(8 * 86_400));
    keep(&directory, &LifeSettings::none());
    let path = house.path(".logloom/sessions.past");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[48 + 48 * 300 + 20] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let writer = register(&directory);
    let went_on = |session: &u32| take(&writer, *session, 1, 1) == u64::from(*session) + 1;
    assert_eq!((1..=SESSIONS).filter(went_on).count(), SESSIONS as usize - 1);
    let warnings = directory.warnings();
    assert!(matches!(&warnings[..], [Warning::Damaged { .. }]), "{warnings:?}");
    writer.release().unwrap();
    date(&house.path(""), now() - Duration::from_secs(8 * 86_400));
    keep(&directory, &LifeSettings::none());
    assert!(super::names(&house.path(".logloom/aside"))[0].starts_with("sessions.past."));
    assert_eq!(files(&house), 0);
}

/// Not a test of its own: the process that is killed.
#[test]
fn entry() {
    let Some(path) = std::env::var_os("SESSIONS_TEST_DIRECTORY") else { return };
    let directory =
        Directory::open(Path::new(&path), Options::default(), Arc::new(LinuxPlatform)).unwrap();
    directory.keep_house(&LifeSettings::none(), &NoSegments, &|| false).unwrap();
}

#[test]
fn a_kill_while_they_are_packed_changes_no_number() {
    for step in ["numbers_packed", "numbers_forgotten", "numbers_forgotten:300"] {
        let (house, directory) = house();
        house.platform.now_ns.store(0, Ordering::Relaxed);
        date(&house.path(""), SystemTime::now() - Duration::from_secs(8 * 86_400));
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["life::sessions::entry", "--exact", "--nocapture", "--quiet"])
            .env("SESSIONS_TEST_DIRECTORY", house.path(""))
            .env("LOGLOOM_KILL_AT", step)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(9), "{step}");
        let writer = register(&directory);
        for session in (1..=SESSIONS).step_by(2) {
            assert_eq!(take(&writer, session, 1, 1), u64::from(session) + 1, "{step}");
        }
        writer.release().unwrap();
        date(&house.path(""), SystemTime::now() - Duration::from_secs(8 * 86_400));
        keep(&directory, &LifeSettings::none());
        let left = super::names(&house.path(".logloom"));
        assert!(left.iter().all(|name| !name.contains(".life-")), "{left:?}");
        let writer = register(&directory);
        for session in 1..=SESSIONS {
            let next = u64::from(session) + 1 + u64::from(session % 2);
            assert_eq!(take(&writer, session, 1, 1), next, "{step}");
        }
    }
}
