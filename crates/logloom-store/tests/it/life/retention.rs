//! Which files are deleted, and which never are.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use logloom_store::life::{DeleteRule, Glob, LifeSettings};
use logloom_store::read::Order;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Append, Day, Directory, NoSegments, TextId, WriterIdentity};

use super::{DAY, House, NOW, compressing, keep, lines, read_all};
use crate::child;
use crate::redo::FileRedo;

/// A closed file for each of the days before the tests' last one.
fn days(house: &House, count: u32) {
    let today = Day::from_unix_ns(NOW).number();
    for back in 1..=count {
        let day = Day::from_number(today - back).unwrap();
        std::fs::write(house.path(&format!("{day}.jsonl")), lines(5)).unwrap();
    }
}

fn by_age(days: u32) -> LifeSettings {
    LifeSettings { retention_days: Some(days), ..LifeSettings::none() }
}

fn by_size(bytes: u64) -> LifeSettings {
    LifeSettings { max_total_size: Some(bytes), ..LifeSettings::none() }
}

fn states(directory: &Directory) -> Vec<String> {
    let files = directory.snapshot(Order::OldestFirst).unwrap().files;
    files.iter().map(|file| format!("{} {}", file.key, file.state.name())).collect()
}

#[test]
fn age_goes_first_then_size_and_the_oldest_first() {
    let house = House::new();
    days(&house, 10);
    let directory = house.open();
    let size = lines(5).len() as u64;
    let both = LifeSettings { retention_days: Some(6), ..by_size(4 * size) };
    let deleted = |directory: &Directory, settings: &LifeSettings| -> Vec<String> {
        let report = keep(directory, settings);
        report.deleted.iter().map(|one| format!("{} {}", one.name, one.reason)).collect()
    };
    let plan = directory.plan_house(&both).unwrap();
    let expected = [
        "2026-11-11.jsonl older than 6 days",
        "2026-11-12.jsonl older than 6 days",
        "2026-11-13.jsonl older than 6 days",
        "2026-11-14.jsonl older than 6 days",
        "2026-11-15.jsonl beyond the newest 2500 bytes",
    ];
    let expected = expected.map(|text| text.replace("2500", &(4 * size).to_string()));
    assert_eq!(plan.deleted.len(), 6, "{:?}", plan.deleted);
    assert_eq!(house.names().len(), 10, "a plan changes nothing");
    assert_eq!(deleted(&directory, &both)[..5], expected);
    assert_eq!(house.names().len(), 4);
    assert_eq!(states(&directory)[0], "2026-11-17.jsonl sealed");
    assert!(deleted(&directory, &both).is_empty());
}

/// A text that records of two days need lives as long as the later one.
#[test]
fn full_texts_go_with_the_last_records_that_could_need_them() {
    let house = House::new();
    for name in ["2026-11-21.jsonl", "2026-12-11.jsonl"] {
        std::fs::write(house.path(name), lines(5)).unwrap();
    }
    let directory = house.open();
    let path = "/none/segment.llr".to_owned();
    let identity = WriterIdentity::of_this_process(&LinuxPlatform, path, 7);
    let writer = directory.register(identity).unwrap();
    let need = |text: &str, time: i64| {
        let id = TextId::of(text.as_bytes());
        house.platform.now_ns.store(time, Ordering::Relaxed);
        let is_new = directory.full_text(&id).unwrap().is_none();
        writer.keep_text(&id, text.as_bytes(), 1 << 30).unwrap();
        let digits = id.to_string();
        let path = house.path(".logloom/full").join(&digits[..2]).join(format!("{digits}.gz"));
        let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(time as u64);
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        if is_new {
            file.set_modified(time).unwrap();
        }
        assert_eq!(file.metadata().unwrap().modified().unwrap(), time);
    };
    let is_kept = |text: &str| directory.full_text(&TextId::of(text.as_bytes())).unwrap().is_some();
    need("early", NOW);
    need("both", NOW);
    need("both", NOW + 20 * DAY);
    need("late", NOW + 20 * DAY);
    house.platform.now_ns.store(NOW + 21 * DAY, Ordering::Relaxed);
    assert_eq!(keep(&directory, &by_age(30)).texts_deleted, 0);
    let report = keep(&directory, &by_age(15));
    assert_eq!((report.deleted.len(), report.texts_deleted), (1, 1), "{report:?}");
    assert!(!is_kept("early") && is_kept("both") && is_kept("late"));
    house.platform.now_ns.store(NOW + 60 * DAY, Ordering::Relaxed);
    assert_eq!(keep(&directory, &by_age(15)).texts_deleted, 2, "no record is left");
}

#[test]
fn a_text_that_finds_no_room_leaves_nothing_behind() {
    let house = House::new();
    let directory = house.open();
    let identity = WriterIdentity::of_this_process(&LinuxPlatform, "/none/s.llr".to_owned(), 7);
    let writer = directory.register(identity).unwrap();
    let id = TextId::of(b"a text");
    house.platform.disk_full.store(true, Ordering::Relaxed);
    writer.keep_text(&id, b"a text", 1 << 30).unwrap_err();
    assert_eq!(directory.full_text(&id).unwrap(), None);
    let part = house.path(".logloom/full").join(&id.to_string()[..2]);
    assert_eq!(std::fs::read_dir(part).unwrap().count(), 0);
    house.platform.disk_full.store(false, Ordering::Relaxed);
    writer.keep_text(&id, b"a text", 1 << 30).unwrap();
    assert_eq!(directory.full_text(&id).unwrap().unwrap(), b"a text");
}

#[test]
fn rules_delete_what_fits_them_and_tests_delete_nothing() {
    let house = House::new();
    days(&house, 6);
    let directory = house.open();
    let name = Some(Glob::new("*-1[68].jsonl").unwrap());
    let rule = DeleteRule { name, older_than_days: Some(1), ..DeleteRule::default() };
    let test = DeleteRule { is_test: true, ..rule.clone() };
    let report = keep(&directory, &LifeSettings { delete: vec![test], ..LifeSettings::none() });
    assert!(report.deleted.len() == 2 && report.deleted.iter().all(|one| one.is_test));
    assert_eq!(house.names().len(), 6);
    keep(&directory, &LifeSettings { delete: vec![rule], ..LifeSettings::none() });
    assert_eq!(house.names().len(), 4);
}

#[test]
fn an_open_file_is_sealed_after_its_day_and_never_deleted_before() {
    let house = House::new();
    let directory = house.open();
    let mut redo = FileRedo::create(child::redo_path(house.root.path(), "w"));
    let writer = child::register(&directory, &redo);
    redo.stage(&[child::line("w", 0)]);
    redo.apply(&writer, &NoSegments);
    let all = LifeSettings { compress_after_days: Some(0), ..by_size(0) };
    assert!(keep(&directory, &all).deleted.is_empty());
    assert_eq!(states(&directory), ["2026-11-21.jsonl open"]);
    house.platform.now_ns.store(NOW + DAY / 2 + 1_000_000_000, Ordering::Relaxed);
    keep(&directory, &LifeSettings::none());
    assert_eq!(states(&directory), ["2026-11-21.jsonl open"], "records may be under way");
    house.platform.now_ns.store(NOW + 2 * DAY, Ordering::Relaxed);
    let report = keep(&directory, &compressing(logloom_store::Codec::Gzip));
    assert_eq!((report.sealed.len(), report.compressed.len()), (1, 1));
    // A late record opens a new split, which is as open as any.
    redo.stage(&[child::line("w", 1)]);
    redo.apply(&writer, &NoSegments);
    assert_eq!(states(&directory), ["2026-11-21.jsonl gz", "2026-11-21.001.jsonl open"]);
    assert_eq!(read_all(&directory).len(), 2);
}

#[test]
fn a_day_in_the_future_and_a_clock_set_back_lose_nothing() {
    let house = House::new();
    days(&house, 3);
    std::fs::write(house.path("2099-01-01.jsonl"), lines(3)).unwrap();
    let directory = house.open();
    let strict = LifeSettings { compress_after_days: Some(1), ..by_age(1) };
    house.platform.now_ns.store(NOW - 400 * DAY, Ordering::Relaxed);
    let report = keep(&directory, &strict);
    assert!(report.deleted.is_empty() && report.compressed.is_empty(), "{report:?}");
    assert!(directory.is_house_due(3600), "the last pass is yet to come");
    house.platform.now_ns.store(NOW, Ordering::Relaxed);
    keep(&directory, &strict);
    assert_eq!(house.names(), ["2026-11-20.jsonl", "2099-01-01.jsonl"]);
}

#[test]
fn strange_files_stay_whatever_they_are() {
    let house = House::new();
    let strange = |n: usize| match n % 5 {
        0 => format!("notes-{n}.txt"),
        1 => format!("2026-11-{n}.jsonl"),
        2 => format!("2026-11-10.jsonl.{n}"),
        3 => format!("app-{n}.jsonl.gz"),
        _ => format!("2026-11-10.jsonl.gz.life-{n}"),
    };
    for n in 100..1100 {
        std::fs::write(house.path(&strange(n)), "mine").unwrap();
    }
    std::fs::create_dir(house.path("2026-11-09.jsonl")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", house.path("2026-11-08.jsonl")).unwrap();
    days(&house, 3);
    let directory = house.open();
    assert_eq!(keep(&directory, &by_size(0)).deleted.len(), 3);
    // The link is a name as well; a directory is not listed.
    assert_eq!(house.names().len(), 1001);
    assert!(house.path("2026-11-09.jsonl").is_dir());
}

#[test]
fn another_file_under_the_name_of_a_closed_one_stays() {
    let house = House::new();
    days(&house, 2);
    let directory = house.open();
    std::fs::remove_file(house.path("2026-11-20.jsonl")).unwrap();
    std::fs::write(house.path("other"), "mine\n").unwrap();
    std::fs::rename(house.path("other"), house.path("2026-11-20.jsonl")).unwrap();
    let report = keep(&directory, &by_size(0));
    assert_eq!((report.deleted.len(), report.kept.len()), (1, 1), "{report:?}");
    assert_eq!(std::fs::read(house.path("2026-11-20.jsonl")).unwrap(), b"mine\n");
}

#[test]
fn without_rights_or_room_everything_stays_and_is_told() {
    let house = House::new();
    days(&house, 3);
    let directory = house.open();
    let before = house.names();
    house.platform.no_rights.store(true, Ordering::Relaxed);
    let all = LifeSettings { compress_after_days: Some(0), ..by_size(0) };
    let report = keep(&directory, &all);
    assert_eq!(report.kept.len(), 6, "each could not be compressed, nor deleted: {report:?}");
    house.platform.no_rights.store(false, Ordering::Relaxed);
    house.platform.disk_full.store(true, Ordering::Relaxed);
    let report = keep(&directory, &compressing(logloom_store::Codec::Gzip));
    assert_eq!(report.kept.len(), 3, "{report:?}");
    assert_eq!(house.names(), before);
    house.platform.disk_full.store(false, Ordering::Relaxed);
    assert_eq!(keep(&directory, &compressing(logloom_store::Codec::Gzip)).compressed.len(), 3);
    let left = super::names(&house.path(".logloom"));
    assert!(left.iter().all(|name| !name.contains(".life-")), "{left:?}");
}

#[test]
fn the_settings_of_a_directory_hold_while_somebody_else_writes_to_it() {
    let house = House::new();
    let directory = house.open();
    let (first, second) = (by_age(90), by_age(1));
    assert_eq!(directory.agree_on_life(&first).unwrap(), first);
    assert_eq!(directory.agree_on_life(&second).unwrap(), second, "nobody else is there");
    let other = logloom_store::WriterIdentity {
        pid: std::os::unix::process::parent_id(),
        start_time: 0,
        pid_namespace: 0,
        ..logloom_store::WriterIdentity::of_this_process(
            &logloom_store::sys::LinuxPlatform,
            String::new(),
            0,
        )
    };
    let _writer = house.open().register(other).unwrap();
    assert_eq!(directory.agree_on_life(&first).unwrap(), second);
    let warnings = directory.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].to_string().contains("store.retention.days is 1 "), "{}", warnings[0]);
}
