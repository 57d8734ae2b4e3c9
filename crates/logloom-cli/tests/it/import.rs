//! `logloom import`: each line once, however packed, through kills, copies and damage.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Place, Running, errors, printed};

const KILLS: usize = 30;

/// Every line of every day file, by the name of the file: what is in the log, read by nothing of ours.
fn logged(place: &Place) -> Vec<(String, Value)> {
    let mut lines = Vec::new();
    let entries =
        fs::read_dir(place.log()).into_iter().flatten().map(|entry| entry.unwrap().path());
    for path in entries.filter(|path| path.extension().is_some_and(|end| end == "jsonl")) {
        let day = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "a torn line in {}", path.display());
        let line = |line: &str| (day.clone(), serde_json::from_str(line).unwrap());
        lines.extend(text.lines().map(line));
    }
    lines
}

/// How often each message is in the log.
fn counts(place: &Place) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    for (_, line) in logged(place) {
        *counts.entry(line["message"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

fn import(place: &Place, arguments: &[&str]) -> Output {
    place.logloom("import", arguments)
}

fn import_ok(place: &Place, arguments: &[&str]) -> String {
    let output = import(place, arguments);
    assert!(output.status.success(), "{output:?}");
    printed(&output)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The sum of a report in JSON.
fn sum(output: &Output) -> Value {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report.as_array().unwrap().last().unwrap().clone()
}

/// The lines of one file of the kill test: each has its own text and stays whole, days differ
/// between files, and errors go through a ring of their own.
fn numbered(file: usize, count: usize) -> Vec<String> {
    let level = |number: usize| ["INFO", "ERROR", "DEBUG"][number % 3];
    let line = |number: usize| {
        format!(
            "2025-01-{:02}T10:00:00Z worker [{}] file {file} line {number} {}",
            file + 1,
            level(number),
            "x".repeat(number % 80)
        )
    };
    (0..count).map(line).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn kills_at_random_neither_skip_nor_repeat_a_line() {
    let place = Place::new();
    let folder = place.path("source");
    fs::create_dir(&folder).unwrap();
    let mut lines = Vec::new();
    for file in 0..6 {
        let own = numbered(file, 40_000);
        let content = own.join("\n") + if file == 5 { "" } else { "\n" };
        let (name, bytes) = match file % 2 {
            0 => (format!("{file}.log"), content.into_bytes()),
            _ => (format!("{file}.log.gz"), gzip(content.as_bytes())),
        };
        fs::write(folder.join(name), bytes).unwrap();
        lines.extend(own);
    }
    let start = || {
        let flags = ["-q", "--jobs", "2", "--input-format", "plain", text(&folder)];
        let mut command = place.ready("import", &flags);
        Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
    };
    let (mut random, mut in_the_middle) = (88_172_645_463_325_252_u64, 0);
    for _ in 0..KILLS {
        let mut running = start();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::park_timeout(Duration::from_millis(15 + random % 100));
        running.signal("KILL");
        in_the_middle += u32::from(!running.end().success());
    }
    let before = counts(&place).len();
    assert!(start().end().success());
    let counts = counts(&place);
    let wrong: Vec<_> = lines.iter().filter(|line| counts.get(*line) != Some(&1)).take(5).collect();
    assert!(
        wrong.is_empty(),
        "not once: {wrong:?}, e.g. {:?}",
        wrong.first().map(|line| counts.get(*line))
    );
    assert_eq!(counts.len(), lines.len());
    // The kills were no formality.
    assert!(in_the_middle >= 3, "{in_the_middle} kills, {before} of {} lines", lines.len());
    let report = import_ok(&place, &[text(&folder)]);
    assert_eq!(report, "nothing new: 6 files were already imported\n");
}

/// A zip archive of stored members.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
        common.extend_from_slice(&(content.len() as u32).to_le_bytes());
        common.extend_from_slice(&(content.len() as u32).to_le_bytes());
        common.extend_from_slice(&(name.len() as u32).to_le_bytes());
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&common);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(content);
    }
    let (at, count) = (bytes.len() as u32, (members.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    bytes.extend_from_slice(&[count, count].concat());
    bytes.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&at.to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

fn packings(content: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let (head, tail) = content.split_at(content.len() / 2);
    let mut bz2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    bz2.write_all(content).unwrap();
    let mut xz =
        lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    xz.write_all(content).unwrap();
    vec![
        ("a.log", content.to_vec()),
        ("b.log.gz", gzip(content)),
        ("members.gz", [gzip(head), gzip(tail)].concat()),
        ("no-ending", zstd::encode_all(content, 3).unwrap()),
        ("d.bz2", bz2.finish().unwrap()),
        ("e.xz", xz.finish().unwrap()),
        ("f.zip", zip(&[("logs/a.log", content)])),
    ]
}

#[test]
fn each_packing_gives_the_same_records_and_is_known_by_its_content() {
    let lines = numbered(0, 3_000);
    let content = lines.join("\n");
    let together = Place::new();
    for (name, bytes) in packings(content.as_bytes()) {
        let alone = Place::new();
        let path = alone.path(name);
        fs::write(&path, &bytes).unwrap();
        import_ok(&alone, &["-q", "--input-format", "plain", text(&path)]);
        let found = counts(&alone);
        assert_eq!(found.len(), lines.len(), "{name}");
        assert!(lines.iter().all(|line| found.get(line) == Some(&1)), "{name}");
        let path = together.path(name);
        fs::write(&path, &bytes).unwrap();
        let report = import_ok(&together, &[text(&path)]);
        let is_known = report.contains("already imported as ");
        assert_eq!(is_known, name != "a.log", "{name}: {report}");
    }
    assert!(counts(&together).values().all(|count| *count == 1));
    // Asked for, it is imported again.
    import_ok(&together, &["-q", "--again", text(&together.path("a.log"))]);
    assert!(counts(&together).values().all(|count| *count == 2));
}

#[test]
fn copies_within_one_import_are_noticed() {
    let place = Place::new();
    let folder = place.path("source");
    fs::create_dir(&folder).unwrap();
    for (name, bytes) in packings(numbered(0, 5_000).join("\n").as_bytes()) {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let report = import_ok(&place, &["--jobs", "4", text(&folder)]);
    assert_eq!(report.matches("already imported as").count(), 6, "{report}");
    assert!(counts(&place).values().all(|count| *count == 1));
}

#[test]
fn a_line_that_gets_its_end_after_it_was_imported_gives_nothing_more() {
    let place = Place::new();
    let path = place.path("app.log");
    let parts = ["first", "\nsecond", "\r\n", "third\n", "\nfifth"];
    let mut content = String::new();
    for part in parts {
        content += part;
        fs::write(&path, &content).unwrap();
        import_ok(&place, &["-q", "--input-format", "plain", text(&path)]);
    }
    assert_eq!(place.messages(), ["first", "second", "third", "", "fifth"]);
}

#[test]
fn a_file_that_has_grown_is_gone_on_with_and_another_one_is_new() {
    let place = Place::new();
    let path = place.path("app.log");
    let name = text(&path);
    let all = numbered(0, 1_000).join("\n");
    let other = numbered(0, 700).join("\n").replace("line 400 ", "line 400b ");
    let half = all[..all.len() / 2].rfind('\n').unwrap() + 1;
    fs::write(&path, &all[..half]).unwrap();
    import_ok(&place, &["-q", name]);
    fs::write(&path, &all).unwrap();
    let report = import_ok(&place, &[name]);
    assert!(report.contains(&format!("from byte {} on", group(half))), "{report}");
    assert_eq!(import_ok(&place, &[name]), "nothing new: 1 file was already imported\n");
    assert_eq!(counts(&place).len(), 1_000);
    assert!(counts(&place).values().all(|count| *count == 1));
    // The same head and another rest: all of it is new.
    fs::write(&path, other).unwrap();
    import_ok(&place, &["-q", name]);
    assert_eq!(logged(&place).len(), 1_000 + 700);
}

#[test]
fn a_short_file_is_gone_on_with_in_the_same_file_alone() {
    let place = Place::new();
    let (path, other) = (place.path("app.log"), place.path("other.log"));
    let append = |text: &str| {
        let mut file = fs::File::options().create(true).append(true).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    append("started\n");
    import_ok(&place, &["-q", text(&path)]);
    append("one\n");
    import_ok(&place, &["-q", text(&path)]);
    append(&numbered(0, 100).join("\n"));
    fs::rename(&path, place.path("app.log.1")).unwrap();
    import_ok(&place, &["-q", text(&place.path("app.log.1"))]);
    assert!(counts(&place).values().all(|count| *count == 1), "{:?}", counts(&place));
    assert_eq!(counts(&place).len(), 102);
    // Another file that begins alike is another one; the same few bytes elsewhere are the same.
    fs::write(&other, "started\nother\n").unwrap();
    import_ok(&place, &["-q", text(&other)]);
    assert_eq!(counts(&place)["started"], 2);
    fs::write(place.path("third.log"), "started\n").unwrap();
    let report = import_ok(&place, &[text(&place.path("third.log"))]);
    let told: Vec<&str> = report.lines().collect();
    assert!(told.len() == 1 && told[0].contains("third.log: already imported as "), "{report}");
}

/// What is in the log but for the name of the file that it came from.
fn records(place: &Place) -> Vec<String> {
    let without_path = |(_, mut line): (String, Value)| {
        line.as_object_mut().unwrap().remove("path");
        line.to_string()
    };
    let mut records: Vec<String> = logged(place).into_iter().map(without_path).collect();
    records.sort();
    records
}

#[test]
fn a_long_file_gives_the_same_records_as_its_pieces() {
    // Traces of uneven length and line ends of every kind, so that chunks end anywhere in them.
    let trace = |number: usize| {
        let end = ["\n", "\r\n", "\r\r\n"][number % 3];
        let frame = |frame: usize| format!("\tat a.b.C.d{frame}(C.java:{number}){end}");
        let frames: String = (0..number % 7).map(frame).collect();
        let pad = "x".repeat(number % 97);
        format!(
            "2025-01-01 10:00:00,000 ERROR a.b.C: java.io.IOException: {number} {pad}{end}{frames}"
        )
    };
    let traces: Vec<String> = (0..15_000).map(trace).collect();
    let (whole, pieces) = (Place::new(), Place::new());
    let import_as = |place: &Place, name: String, content: String| {
        let path = place.path(&name);
        fs::write(&path, content).unwrap();
        import_ok(place, &["-q", "-s", "shop", text(&path)]);
    };
    import_as(&whole, "whole.log".to_owned(), traces.concat());
    for (number, piece) in traces.chunks(3_000).enumerate() {
        import_as(&pieces, format!("{number}.log"), piece.concat());
    }
    let records = (records(&whole), records(&pieces));
    assert_eq!(records.0.len(), traces.len());
    assert!(records.0 == records.1, "the records differ");
}

fn group(number: usize) -> String {
    format!("{},{:03}", number / 1_000, number % 1_000)
}

#[test]
fn the_standard_input_is_taken_like_a_file() {
    let place = Place::new();
    let content = numbered(0, 2_000).join("\n");
    let feed = |bytes: &[u8]| {
        let mut command = place.ready("import", &["-s", "shop", "-"]);
        let mut running = Running::start(
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()),
        );
        running.0.stdin.take().unwrap().write_all(bytes).unwrap();
        let mut report = String::new();
        std::io::Read::read_to_string(running.0.stdout.as_mut().unwrap(), &mut report).unwrap();
        assert!(running.end().success());
        report
    };
    feed(content.as_bytes());
    assert!(feed(&gzip(content.as_bytes())).contains("already imported"));
    // Begins as what is known, and is not: nothing of it is missing.
    let other = content.replace("file 0 line 1999", "file 0 line 9999");
    feed(other.as_bytes());
    let counts = counts(&place);
    assert_eq!(counts.values().sum::<u64>(), 4_000);
    assert_eq!(counts.len(), 2_001);
    assert!(
        logged(&place).iter().all(|(_, line)| line["service"] == "shop" && line["path"] == "-")
    );
}

fn bomb() -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(&vec![b'0'; 24 << 20]).unwrap();
    out.finish().unwrap()
}

#[test]
fn what_cannot_be_read_is_named_once_and_the_rest_goes_on() {
    let place = Place::new();
    let folder = place.path("source");
    fs::create_dir_all(folder.join("deep/er")).unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    put("binary", b"\x7fELF\0\0\0");
    put("bomb.gz", &bomb());
    put("cut.gz", &gzip(numbered(1, 500).join("\n").as_bytes())[..900]);
    put("encrypted.zip", &{
        let mut bytes = zip(&[("a.log", b"x\n")]);
        let entry = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        bytes[entry + 8] |= 1;
        bytes
    });
    put(".hidden", b"hidden\n");
    put("empty", b"");
    put("deep/er/good.log", b"2025-01-01T10:00:00Z good\nlast line without an end");
    std::os::unix::fs::symlink(place.path("nowhere"), folder.join("dangling")).unwrap();
    std::os::unix::fs::symlink(&folder, folder.join("loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap();
    assert!(pipe.success());
    std::os::unix::fs::symlink("/dev/null", folder.join("device")).unwrap();
    let output = import(&place, &["-q", text(&folder), text(&place.path("missing"))]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told = errors(&output);
    for (name, reason) in [
        ("binary", "it is binary"),
        ("bomb.gz", "as a bomb does"),
        ("cut.gz", "cut short"),
        ("encrypted.zip!a.log", "encrypted"),
        ("dangling", "No such file"),
        ("socket", "it is a socket"),
        ("pipe", "it is a pipe"),
        ("device", "it is a device"),
        ("missing", "No such file"),
    ] {
        let lines: Vec<&str> =
            told.lines().filter(|line| line.contains(&format!("/{name}: "))).collect();
        assert!(lines.len() == 1 && lines[0].contains(reason), "{name}: {told}");
    }
    assert!(!told.contains("loop") && !told.contains("hidden"), "{told}");
    let counts = counts(&place);
    assert_eq!(counts.get("last line without an end"), Some(&1));
    assert_eq!(counts.get("2025-01-01T10:00:00Z good"), Some(&1));
    assert!(!counts.contains_key("hidden"));
}

#[test]
fn what_could_be_unpacked_is_taken_whatever_follows() {
    let place = Place::new();
    let put = |name: &str, bytes: &[u8]| fs::write(place.path(name), bytes).unwrap();
    let content = |name: &str| format!("{name} 1\n{name} 2\n{name} 3 without an end").into_bytes();
    put("trailing.gz", &[gzip(&content("trailing")), b"GARBAGE".to_vec()].concat());
    put("zeros.gz", &[gzip(&content("zeros")), vec![0; 999]].concat());
    let mut wrong = gzip(&content("sum"));
    let at = wrong.len() - 8;
    wrong[at] ^= 1;
    put("sum.gz", &wrong);
    let member = gzip(&content("member"));
    put("member.gz", &[gzip(&content("first")), member[..5].to_vec()].concat());
    put("returns.log", b"2026-01-01 10:00:00 a\r2026-01-01 10:00:01 b\r2026-01-01 10:00:02 c");
    // One chunk, which the decoder takes only when it is whole.
    let many = numbered(0, 2_000).join("\n");
    let mut xz =
        lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    xz.write_all(many.as_bytes()).unwrap();
    let xz = xz.finish().unwrap();
    put("chunk.xz", &xz[..xz.len() / 2]);
    let take =
        |name: &str| import(&place, &["-q", "--input-format", "plain", text(&place.path(name))]);
    for (name, status, told) in [
        ("trailing.gz", 0, "something else stands behind the end of the gzip data"),
        ("zeros.gz", 0, ""),
        ("sum.gz", 3, "damaged gzip: the checksum"),
        ("member.gz", 3, "cut short"),
        ("chunk.xz", 3, "cut short"),
        ("returns.log", 0, ""),
    ] {
        let output = take(name);
        assert_eq!(output.status.code(), Some(status), "{name}: {output:?}");
        let said = errors(&output);
        assert!(said.contains(told) && said.is_empty() == told.is_empty(), "{name}: {said}");
    }
    for name in ["sum.gz", "trailing.gz"] {
        take(name);
    }
    let counts = counts(&place);
    let found = numbered(0, 2_000).iter().filter(|line| counts.get(*line) == Some(&1)).count();
    assert!(found > 500, "{found}");
    for name in ["trailing", "zeros", "sum", "first"] {
        for rest in ["1", "2", "3 without an end"] {
            let line = format!("{name} {rest}");
            assert_eq!(counts.get(&line), Some(&1), "{line}: {counts:?}");
        }
    }
    assert!(["a", "b", "c"].iter().all(|end| counts.keys().any(|line| line.ends_with(end))));
}

#[test]
fn a_short_file_is_told_by_the_format_of_its_lines() {
    let place = Place::new();
    let path = place.path("short.log");
    fs::write(&path, "17/06/09 20:10:40 INFO spark.App: up\nplain\n".repeat(2)).unwrap();
    let report = import_ok(&place, &["--dry-run", text(&path)]);
    assert!(report.contains("spark") && !report.contains("json"), "{report}");
}

#[test]
fn records_have_the_days_of_their_times() {
    let place = Place::new();
    let path = place.path("old.log");
    let lines = [
        "no time yet",
        "1971-02-03T04:05:06Z old",
        "no time of its own",
        "1969-12-31T23:59:59Z older than all days",
        "9999-12-31T23:59:59Z beyond all clocks",
        "2199-12-31T23:59:59Z far ahead",
    ];
    fs::write(&path, lines.join("\n")).unwrap();
    import_ok(&place, &["-q", text(&path)]);
    let found = logged(&place);
    let of = |message: &str| {
        found.iter().find(|(_, line)| line["message"].as_str() == Some(message)).cloned().unwrap()
    };
    let today = of(lines[0]).0;
    assert_eq!(of(lines[0]).1["time_source"], "arrival");
    assert_eq!(of(lines[1]).0, "1971-02-03");
    assert_eq!(of(lines[1]).1["timestamp"], "1971-02-03T04:05:06.000000Z");
    let (day, line) = of(lines[2]);
    assert_eq!((day.as_str(), &line["time_source"]), ("1971-02-03", &Value::from("previous")));
    let (day, line) = of(lines[3]);
    assert_eq!((day, &line["timestamp"]), (today, &Value::from("1969-12-31T23:59:59.000000Z")));
    assert!(of(lines[4]).1["time_source"].is_string());
    assert_eq!(of(lines[5]).0, "2199-12-31");
}

#[test]
fn utf_16_is_read_on_in_its_encoding() {
    let place = Place::new();
    let path = place.path("wide.log");
    let wide = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    fs::write(&path, wide("first \u{e9}\n")).unwrap();
    import_ok(&place, &["-q", text(&path)]);
    fs::write(&path, wide("first \u{e9}\nsecond \u{fc}\n")).unwrap();
    import_ok(&place, &["-q", text(&path)]);
    let counts = counts(&place);
    let mut found: Vec<&String> = counts.keys().collect();
    found.sort();
    assert_eq!(found, ["first \u{e9}", "second \u{fc}"]);
}

#[test]
fn a_dry_run_counts_as_the_real_one_and_writes_nothing() {
    let place = Place::new();
    let folder = place.path("source");
    fs::create_dir(&folder).unwrap();
    for (name, bytes) in packings(numbered(0, 1_000).join("\n").as_bytes()) {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let json: String = (0..500)
        .map(|number| {
            format!("{{\"ts\":17{number:08},\"lvl\":\"warn\",\"msg\":\"json {number}\"}}\n")
        })
        .collect();
    fs::write(folder.join("json.log"), json).unwrap();
    let trace =
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in b\nValueError: c\n";
    fs::write(folder.join("trace.log"), format!("plain words\n{trace}")).unwrap();
    fs::write(folder.join("binary"), b"\0\0").unwrap();
    let arguments = ["-q", "--jobs", "1", "--json", text(&folder)];
    let dry = import(&place, &[&["--dry-run"], &arguments[..]].concat());
    assert_eq!(dry.status.code(), Some(3), "{dry:?}");
    assert!(!place.log().exists());
    let real = import(&place, &arguments);
    let (mut expected, mut found) = (sum(&dry), sum(&real));
    for sum in [&mut expected, &mut found] {
        sum["seconds"] = Value::Null;
    }
    assert_eq!(expected, found);
    assert_eq!(found["records"], 1_000 + 500 + 2);
    assert_eq!(found["levels"]["WARN"], 500);
    assert_eq!(
        (&found["files"], &found["already"], &found["failed"]),
        (&3.into(), &6.into(), &1.into())
    );
    assert_eq!(logged(&place).len(), 1_502);
    let dry = import(&place, &[&["--dry-run"], &arguments[..]].concat());
    assert_eq!(sum(&dry)["already"], 9);
}

#[test]
fn many_small_files_are_one_import() {
    let place = Place::new();
    let folder = place.path("source");
    fs::create_dir(&folder).unwrap();
    for number in 0..1_500 {
        let name = folder.join(format!("{number}.log"));
        fs::write(name, format!("2025-03-0{}T00:00:00Z {number}\n", number % 5 + 1)).unwrap();
    }
    let report = import_ok(&place, &["--jobs", "3", text(&folder)]);
    assert!(
        report.starts_with("1,500 records of 1,500 lines imported from 1,500 files"),
        "{report}"
    );
    assert_eq!(counts(&place).len(), 1_500);
    assert!(import_ok(&place, &[text(&folder)]).contains("1,500 files were already imported"));
}

#[test]
fn days_that_alternate_are_written_without_a_pause_for_each() {
    const LINES: usize = 20_000;
    let place = Place::new();
    let path = place.path("merged.log");
    let line =
        |n: usize| format!("2025-03-{:02}T00:00:00Z line {n} {}\n", n % 20 + 1, "x".repeat(99));
    fs::write(&path, (0..LINES).map(line).collect::<String>()).unwrap();
    let start = std::time::Instant::now();
    import_ok(&place, &["-q", text(&path)]);
    // A pause of 4 ms for each line takes longer than this on any machine.
    assert!(start.elapsed() < Duration::from_secs(70), "{:?}", start.elapsed());
    assert_eq!(counts(&place).len(), LINES);
}

#[test]
fn the_log_itself_is_left_out_and_nothing_at_all_is_told() {
    let place = Place::new();
    fs::write(place.path("a.log"), "2025-03-01T00:00:00Z a\n").unwrap();
    import_ok(&place, &["-q", text(&place.path("a.log"))]);
    let output = import(&place, &[text(&place.log())]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    // The folder that holds it is fine: the log beneath it is passed over.
    let report = import_ok(&place, &[text(&place.path(""))]);
    assert_eq!(report.matches("already imported").count(), 1, "{report}");
    assert_eq!(logged(&place).len(), 1);
    fs::create_dir(place.path("empty")).unwrap();
    assert_eq!(import(&place, &[text(&place.path("empty"))]).status.code(), Some(1));
    let told = errors(&import(&place, &["--patterns", "/dev/zero", "x"]));
    assert!(told.contains("larger than 1 MiB"), "{told}");
    for arguments in [["--zone", "Mars/Olympus"], ["--input-format", "spork"], ["-s", ""]] {
        let output = import(&place, &[&arguments[..], &["x"]].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}

/// Sample logs of eight systems, where they lie beside this repository.
fn samples() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/loghub");
    let entries = fs::read_dir(&folder).ok()?.map(|entry| entry.unwrap().path());
    let logs = entries.filter(|path| path.extension().is_some_and(|end| end == "log"));
    Some(logs.collect())
}

#[test]
fn sample_logs_are_found_by_level_service_and_time() {
    let Some(logs) = samples() else {
        println!("skipped: ../shared/data/loghub is not there");
        return;
    };
    let place = Place::new();
    let mut arguments = vec!["-q", "--zone", "UTC"];
    arguments.extend(logs.iter().map(|path| text(path)));
    import_ok(&place, &arguments);
    let count = |flags: &[&str]| {
        let output = place.logloom("query", &[&["--format", "jsonl"], flags].concat());
        printed(&output).lines().count()
    };
    let lines = |name: &str, pick: &dyn Fn(&str) -> bool| {
        let path = logs.iter().find(|path| path.ends_with(format!("{name}.log"))).unwrap();
        fs::read_to_string(path).unwrap().lines().filter(|line| pick(line)).count()
    };
    assert_eq!(count(&["--service", "Spark"]), lines("Spark", &|_| true));
    assert_eq!(
        count(&["--service", "HDFS", "--level", "warn"]),
        lines("HDFS", &|line| line.contains(" WARN "))
    );
    assert_eq!(
        count(&[
            "--service",
            "Spark",
            "--since",
            "2017-06-09 20:10:41Z",
            "--until",
            "2017-06-09 20:10:42Z"
        ]),
        lines("Spark", &|line| line.starts_with("17/06/09 20:10:41"))
    );
}
