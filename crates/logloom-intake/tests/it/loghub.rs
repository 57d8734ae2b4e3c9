//! The sample logs against their hand-made split: level, component and time of every line.
//!
//! The split names the host `Component` in one set and `Level` in another; it is compared with
//! what it holds.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use logloom_intake::{Defaults, LineAssembler, Recogniser};
use logloom_record::time::parse_timestamp;
use logloom_record::{Level, Record, Value};

/// What of a record a column has to equal.
type Read = fn(&Record) -> String;

/// One set: its name, the format that has to be found, and how its split is compared.
struct Set {
    name: &'static str,
    format: &'static str,
    /// Column of the split, and what of the record it has to equal.
    columns: &'static [(&'static str, Read)],
    time: fn(&[&str]) -> String,
    time_columns: &'static [&'static str],
}

fn module(record: &Record) -> String {
    record.module.clone()
}

fn message(record: &Record) -> String {
    record.message.trim().to_owned()
}

/// The split leaves the client in the message.
fn message_with_client(record: &Record) -> String {
    match field(record, "client") {
        client if client.is_empty() => message(record),
        client => format!("[client {client}] {}", message(record)),
    }
}

fn level(record: &Record) -> String {
    record.level.as_str().to_owned()
}

fn field(record: &Record, name: &str) -> String {
    match record.fields.iter().find(|(known, _)| known == name) {
        Some((_, Value::Text(text))) => text.clone(),
        Some((_, Value::I64(number))) => number.to_string(),
        _ => String::new(),
    }
}

fn host(record: &Record) -> String {
    field(record, "host")
}

fn pid(record: &Record) -> String {
    field(record, "pid")
}

/// `Mon`, day and time of the year 2005 or as given.
fn of_month(year: &str, month: &str, day: &str, time: &str) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = MONTHS.find(month).unwrap() / 3 + 1;
    format!("{year}-{month:02}-{:0>2}T{time}Z", day)
}

/// `yymmdd` or `yy/mm/dd`, and `HHMMSS` or `HH:MM:SS`.
fn of_short(day: &str, time: &str) -> String {
    let (day, time) = (day.replace('/', ""), time.replace(':', ""));
    let (y, m, d) = (&day[..2], &day[2..4], &day[4..]);
    format!("20{y}-{m}-{d}T{}:{}:{}Z", &time[..2], &time[2..4], &time[4..])
}

fn of_iso(parts: &[&str]) -> String {
    format!("{}T{}Z", parts[0], parts[1].replace(',', "."))
}

const SETS: &[Set] = &[
    Set {
        name: "Apache",
        format: "apache-error",
        columns: &[("Level", level), ("Content", message_with_client)],
        time: |parts| {
            let words: Vec<&str> = parts[0].split_ascii_whitespace().collect();
            of_month(words[4], words[1], words[2], words[3])
        },
        time_columns: &["Time"],
    },
    Set {
        name: "HDFS",
        format: "hdfs",
        columns: &[("Level", level), ("Component", module), ("Content", message), ("Pid", pid)],
        time: |parts| of_short(parts[0], parts[1]),
        time_columns: &["Date", "Time"],
    },
    Set {
        name: "Hadoop",
        format: "log4j",
        columns: &[("Level", level), ("Component", module), ("Content", message)],
        time: of_iso,
        time_columns: &["Date", "Time"],
    },
    Set {
        name: "Linux",
        format: "syslog",
        columns: &[("Level", host), ("Component", module), ("Content", message), ("PID", pid)],
        time: |parts| of_month("2005", parts[0], parts[1], parts[2]),
        time_columns: &["Month", "Date", "Time"],
    },
    Set {
        name: "OpenSSH",
        format: "syslog",
        columns: &[("Component", host), ("Content", message), ("Pid", pid)],
        time: |parts| of_month("2005", parts[0], parts[1], parts[2]),
        time_columns: &["Date", "Day", "Time"],
    },
    Set {
        name: "OpenStack",
        format: "openstack",
        columns: &[("Level", level), ("Component", module), ("Content", message), ("Pid", pid)],
        time: of_iso,
        time_columns: &["Date", "Time"],
    },
    Set {
        name: "Spark",
        format: "spark",
        columns: &[("Level", level), ("Component", module), ("Content", message)],
        time: |parts| of_short(parts[0], parts[1]),
        time_columns: &["Date", "Time"],
    },
    Set {
        name: "Zookeeper",
        format: "zookeeper",
        columns: &[("Level", level), ("Component", module), ("Content", message)],
        time: of_iso,
        time_columns: &["Date", "Time"],
    },
];

#[test]
fn sample_logs_are_split_as_by_hand() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/loghub");
    if !directory.is_dir() {
        eprintln!("skipped: the sample logs are not beside this checkout");
        return;
    }
    for set in SETS {
        check(set, &directory);
    }
}

fn check(set: &Set, directory: &Path) {
    let (records, format) = records(&directory.join(format!("{}.log", set.name)));
    assert_eq!(format.as_deref(), Some(set.format), "{}", set.name);
    let split = csv(&directory.join(format!("{}.structured.csv", set.name)));
    assert_eq!(records.len(), split.len() - 1, "{}: every line is kept", set.name);
    let (names, rows) = split.split_first().unwrap();
    let column = |name: &str| names.iter().position(|known| known == name).unwrap();
    for (name, read) in set.columns {
        let place = column(name);
        let pairs = records.iter().zip(rows).map(|(record, row)| {
            let expect = if *name == "Level" && set.format != "syslog" {
                Level::parse(&row[place]).unwrap().as_str().to_owned()
            } else {
                row[place].trim().to_owned()
            };
            (read(record), expect)
        });
        share(set.name, name, pairs);
    }
    let places: Vec<usize> = set.time_columns.iter().map(|name| column(name)).collect();
    let times = records.iter().zip(rows).map(|(record, row)| {
        let parts: Vec<&str> = places.iter().map(|place| row[*place].as_str()).collect();
        (record.time_ns, parse_timestamp(&(set.time)(&parts)))
    });
    share(set.name, "time", times);
}

/// At least 99 % of the pairs are equal.
fn share<T: PartialEq + std::fmt::Debug>(
    set: &str,
    column: &str,
    pairs: impl Iterator<Item = (T, T)>,
) {
    let (mut all, mut equal, mut example) = (0, 0, None);
    for (found, expect) in pairs {
        all += 1;
        if found == expect {
            equal += 1;
        } else {
            example.get_or_insert((found, expect));
        }
    }
    assert!(equal * 100 >= all * 99, "{set} {column}: {equal} of {all}, such as {example:?}");
}

fn records(path: &PathBuf) -> (Vec<Record>, Option<String>) {
    let mut assembler = LineAssembler::new(0);
    let mut lines = Vec::new();
    assembler.push(&std::fs::read(path).unwrap(), &mut |line| lines.push(line));
    assembler.finish_each(&mut |line| lines.push(line));
    // The end of 2005, the year that the system logs are from.
    let defaults = Defaults {
        zone: Some(TimeZone::UTC),
        arrival_ns: 1_795_255_200_000_000_000,
        written_ns: Some(1_136_073_600_000_000_000),
        ..Defaults::default()
    };
    let mut recogniser = Recogniser::default();
    let records = lines.iter().map(|line| recogniser.recognise_line(line, &defaults)).collect();
    (records, recogniser.format().map(str::to_owned))
}

/// Rows of a CSV file with quotes.
fn csv(path: &PathBuf) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    if !row.is_empty() || !cell.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}
