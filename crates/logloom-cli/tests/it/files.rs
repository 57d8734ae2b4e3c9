//! Files of other programs in queries: the same records whether they are plain, packed, prepared or imported.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, FileKey, NoSegments, Options};
use serde_json::Value;

use crate::support::{Place, await_that, errors, printed};

const OURS: &str = r#"{"timestamp":"2026-11-21T10:00:00.123456Z","level":"WARN","service":"shop","module":"a.b","message":"paid","n":1.0,"o":{"a":[1]},"exception":{"type":"E","message":"bad","frames":[{"function":"f","module":"m","file":"x.rs","line":3}],"cause":{"type":"C","message":"d"}},"host":"h"}
{"timestamp":"2026-11-21T10:00:01.000000Z","level":"ERROR","message":"lost"}
"#;

/// As python-json-logger writes with these names, uncaught errors and a kill between.
const PYTHON: &str = r#"{"timestamp": "2026-11-21 10:00:00,500", "level": "INFO", "message": "started"}
{"timestamp": 1795255201.25, "level": "WARNING", "message": "slow"}
Traceback (most recent call last):
  File "app.py", line 3, in pay
    raise ValueError("declined")
ValueError: declined
{"timestamp": 1795255203, "level": 40, "message": "gone""#;

/// As zap writes with these names.
const ZAP: &str = r#"{"level":"warn","timestamp":1795255200.5,"caller":"a.go:3","message":"slow"}
{"level":"error","timestamp":1795255201.5,"caller":"a.go:4","message":"broken"}
panic: gone

goroutine 1 [running]:
main.main()
	/app/a.go:5 +0x1d
"#;

const UNTIMED: &str =
    "no time\nERROR neither\n2026-11-21 10:00:00 WARN one\nbehind it\n{\"message\":\"x\"}";

const SYSLOG: &str = "Nov 21 10:00:00 host su[7]: failed\nNov 21 10:00:01 host su[7]: again\n";

const ACCESS: &str = "127.0.0.1 - frank [21/Nov/2026:10:55:36 +0000] \"GET / HTTP/1.0\" 500 2326\n";

/// What stands in files of these names.
fn kinds() -> Vec<(&'static str, String)> {
    let day = "2026-11-21.jsonl";
    vec![
        ("saved.jsonl", OURS.to_owned()),
        (day, OURS.to_owned()),
        ("2026-11-22.jsonl", OURS.trim_end().to_owned()),
        ("2026-11-23.jsonl", format!("{PYTHON}}}")),
        ("2026-11-24.jsonl", format!("{OURS}{ZAP}")),
        ("python.jsonl", format!("{PYTHON}}}\n")),
        ("cut.jsonl", PYTHON.to_owned()),
        ("zap.json", ZAP.to_owned()),
        ("zap-crlf.json", ZAP.replace('\n', "\r\n")),
        ("untimed.log", UNTIMED.to_owned()),
        ("messages", SYSLOG.to_owned()),
        ("access.log", ACCESS.repeat(3)),
        ("wide.log", format!("{SYSLOG}{}", "x".repeat(3 << 20))),
    ]
}

/// Writes a file that was last changed on the day of its lines.
fn write(path: &Path, bytes: &[u8]) {
    let mut file = File::create(path).unwrap();
    file.write_all(bytes).unwrap();
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_600);
    file.set_modified(changed).unwrap();
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn run(place: &Place, arguments: &[&str]) -> Output {
    place.command().args(arguments).output().unwrap()
}

/// All records of a file, as they stand in the answer.
fn lines(place: &Place, file: &str) -> String {
    let output = run(place, &["query", "--files", file, "--format", "jsonl"]);
    assert_eq!(output.status.code(), Some(0), "{file} {output:?}");
    let told = errors(&output);
    assert!(
        told.is_empty() || file.starts_with("wide") && told.contains("of more than 1 MiB"),
        "{told}"
    );
    // What a file is called is the only thing that its other form does not share.
    printed(&output).replace(&format!(",\"path\":\"{file}\""), "")
}

/// Time, level, message and error of each record, without the times of arrival.
fn essence(lines: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        let is_arrival = record["time_source"] == "arrival";
        let time = if is_arrival { "arrival".to_owned() } else { record["timestamp"].to_string() };
        format!("{time} {} {} {}", record["level"], record["message"], record["exception"])
    };
    let mut all: Vec<String> = lines.lines().map(of_line).collect();
    all.sort_unstable();
    all
}

#[test]
fn a_file_gives_the_same_records_in_whichever_form() {
    for (name, text) in kinds() {
        let place = Place::new();
        write(&place.path(name), text.as_bytes());
        let plain = lines(&place, name);
        let zipped = format!("{name}.gz");
        write(&place.path(&zipped), &packed(text.as_bytes()));
        assert_eq!(lines(&place, &zipped), plain, "{name}");
        for file in [name, &zipped] {
            let made = run(&place, &["index", "--files", file]);
            assert!(printed(&made).contains(": made, "), "{made:?}");
            assert_eq!(lines(&place, file), plain, "{name}");
        }
        // A file that is not there is not looked at, so that only what was prepared can be.
        let imported = place.logloom("import", &[place.path(name)]);
        assert!(imported.status.success(), "{imported:?}");
        let all = printed(&place.logloom("query", &["--format", "jsonl"]));
        assert_eq!(essence(&all), essence(&plain), "{name}");
    }
}

#[test]
fn records_tell_which_file_they_are_of() {
    let place = Place::new();
    for name in ["shop.1.log", "bank.log"] {
        write(&place.path(name), b"2026-11-21 10:00:00 WARN slow\n2026-11-21 10:00:01 INFO done\n");
    }
    write(&place.path("bin.log"), b"\0\0\0");
    let query = "* | stats by (service, path) count() n";
    let output = run(&place, &["query", query, "shop.*", "bank.log", "--format", "csv"]);
    assert_eq!(printed(&output), "service,path,n\r\nbank,bank.log,2\r\nshop,shop.1.log,2\r\n");
    let output = run(&place, &["query", "slow", "b*.log", "gone.log"]);
    assert!(errors(&output).contains("there is no file gone.log"), "{output:?}");
    let output = run(&place, &["query", "slow", "b*.log", "--format", "raw"]);
    assert_eq!((output.status.code(), printed(&output)), (Some(3), "slow\n".to_owned()));
    assert!(errors(&output).contains("cannot read bin.log: it is binary"), "{output:?}");
    let output = run(&place, &["query", "slow", "."]);
    assert!(errors(&output).contains(". is a folder: name the files in it"), "{output:?}");
    let output = run(&place, &["query", "--dir", ".", "slow"]);
    assert!(errors(&output).contains(". holds files of other programs"), "{output:?}");
    let output = run(&place, &["query", "slow", "bank.log", "--explain"]);
    assert!(printed(&output).contains("bank.log"), "{output:?}");
    let output = run(&place, &["query", "level=warn", "bank.log"]);
    assert!(errors(&output).contains("compared by level:=warn"), "{output:?}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn reading_files_ends_with_the_time_that_was_given_and_leaves_nothing_behind() {
    let place = Place::new();
    std::fs::create_dir(place.path("tmp")).unwrap();
    let is_empty = || std::fs::read_dir(place.path("tmp")).unwrap().next().is_none();
    let ask = |arguments: &[&str]| {
        let mut command = place.command();
        command.args(["query", "--format", "raw"]).args(arguments).arg("-");
        command.env("TMPDIR", place.path("tmp")).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut asked = command.spawn().unwrap();
        let mut input = asked.stdin.take().unwrap();
        writeln!(input, "{{\"message\":\"one\"}}").unwrap();
        (asked, input)
    };
    // Nothing more comes, and the input stays open.
    let (asked, input) = ask(&["one", "--timeout", "200ms"]);
    let output = asked.wait_with_output().unwrap();
    assert_eq!((output.status.code(), printed(&output)), (Some(3), "one\n".to_owned()));
    assert!(errors(&output).contains("the time was over before it was read"), "{output:?}");
    drop(input);
    assert!(is_empty());
    let (mut asked, _input) = ask(&["one"]);
    let held = format!("/proc/{}/fd", asked.id());
    await_that("its file is made", || {
        let names = std::fs::read_dir(&held).unwrap().flatten();
        let targets = names.filter_map(|name| std::fs::read_link(name.path()).ok());
        targets.filter(|target| target.starts_with(place.path("tmp"))).count().checked_sub(1)
    });
    asked.kill().unwrap();
    asked.wait().unwrap();
    assert!(is_empty());
}

#[test]
fn a_line_that_became_several_records_is_told() {
    let place = Place::new();
    let long = format!("{{\"message\":\"{}\"}}\n", "x".repeat(3 << 20));
    std::fs::write(place.path("long.json"), format!("{long}{long}{{\"message\":\"short\"}}\n"))
        .unwrap();
    let output = run(&place, &["query", "short", "long.json", "--format", "raw"]);
    assert_eq!(printed(&output), "short\n");
    assert!(errors(&output).contains("long.json: 2 lines of more than 1 MiB"), "{output:?}");
}

#[test]
fn records_whose_time_is_none_do_not_hide_the_others() {
    let place = Place::new();
    let lines = "{\"timestamp\":\"2026-11-21T10:00:00Z\",\"message\":\"a\"}\n{\"timestamp\":\"soon\",\"message\":\"b\"}\n";
    std::fs::create_dir(place.log()).unwrap();
    std::fs::write(place.log().join("2026-11-21.jsonl"), lines).unwrap();
    let output = place.logloom("query", &["--histogram", "--utc"]);
    assert!(printed(&output).starts_with("2026-11-21 10:00:00.000Z  1 "), "{output:?}");
}

#[test]
fn times_and_levels_of_other_loggers_are_found_under_our_names() {
    let place = Place::new();
    for name in ["2026-11-21.jsonl", "app.jsonl"] {
        write(&place.path(name), format!("{PYTHON}}}").as_bytes());
        for (query, expect) in [
            (
                "level:>=warn",
                "slow\nTraceback (most recent call last):\n  File \"app.py\", line 3, in pay\n    raise ValueError(\"declined\")\nValueError: declined\ngone\n",
            ),
            ("_time:2026-11-21T10:00Z gone", "gone\n"),
            (
                "declined",
                "Traceback (most recent call last):\n  File \"app.py\", line 3, in pay\n    raise ValueError(\"declined\")\nValueError: declined\n",
            ),
        ] {
            let output = run(&place, &["query", "--files", name, query, "--format", "raw"]);
            assert_eq!(printed(&output), expect, "{name} {query} {}", errors(&output));
        }
    }
}

#[test]
fn the_configuration_that_is_named_holds_for_files() {
    let place = Place::new();
    let write_text = |name: &str, text: &str| write(&place.path(name), text.as_bytes());
    let patterns = place.path("patterns.yaml");
    write_text(
        "patterns.yaml",
        "patterns:\n  - name: mine\n    pattern: '^(?<time>\\S+ \\S+) <(?<level>\\w+)> (?<message>.*)$'\n",
    );
    write_text(
        "c.yaml",
        &format!(
            "intake: {{ zone: Asia/Tokyo, patterns: {} }}\nmask: {{ personal: [email] }}\n",
            patterns.display()
        ),
    );
    write_text("app.log", &"2026-11-21 10:00:00 <warn> from ann@example.com\n".repeat(10));
    let asked = |flags: &[&str]| {
        let query = ["query", "--files", "app.log", "-n", "1", "--format", "jsonl"];
        let output = run(&place, &[&query[..], flags].concat());
        (printed(&output), errors(&output))
    };
    let check = |flags: &[&str]| {
        let (row, told) = asked(flags);
        let row: Value = serde_json::from_str(&row).unwrap();
        assert_eq!(
            (&row["timestamp"], &row["level"]),
            (&"2026-11-21T01:00:00.000000Z".into(), &"WARN".into())
        );
        let message = row["message"].as_str().unwrap();
        assert!(message == "from [MASKED]" && told.is_empty(), "{message} {told}");
    };
    check(&["--config", "c.yaml"]);
    let made = run(&place, &["index", "--files", "app.log", "--config", "c.yaml"]);
    assert!(made.status.success(), "{made:?}");
    check(&["--config", "c.yaml"]);
    let (row, told) = asked(&[]);
    assert!(
        row.contains("ann@example.com") && told.contains("in other words then"),
        "{row} {told}"
    );
    write_text(
        "d.yaml",
        &format!("intake: {{ zone: Asia/Tokyo, patterns: {} }}\n", patterns.display()),
    );
    let (row, told) = asked(&["--config", "d.yaml"]);
    assert!(row.contains("ann@example.com") && told.contains("other masks"), "{row} {told}");
}

#[test]
fn a_folder_that_is_damaged_is_not_used_and_made_anew() {
    let place = Place::new();
    let text: String = (0..20_000)
        .map(|n| format!("2026-11-21 10:00:00,{:03} INFO [main] com.A: ok {n}\n", n % 1_000))
        .collect();
    write(&place.path("app.log"), text.as_bytes());
    let made = run(&place, &["index", "--files", "app.log"]);
    assert!(made.status.success(), "{made:?}");
    let records = place.path("app.log.logloom").join("1970-01-01.jsonl.gz");
    let good = std::fs::read(&records).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for (bytes, is_seen_at_once) in
        [(Vec::new(), true), (good[..good.len() / 2].to_vec(), true), (flipped, false)]
    {
        std::fs::write(&records, &bytes).unwrap();
        let count = ["query", "--files", "app.log", "* | stats count() c", "--format", "jsonl"];
        if is_seen_at_once {
            let output = run(&place, &count);
            assert_eq!(printed(&output), "{\"c\":20000}\n", "{output:?}");
            assert!(errors(&output).contains("is damaged or gone"), "{output:?}");
        }
        let check = run(&place, &["index", "--files", "app.log", "--check"]);
        assert_eq!(check.status.code(), Some(1));
        assert!(printed(&check).contains("1970-01-01.jsonl.gz in it is damaged"), "{check:?}");
        let anew = run(&place, &["index", "--files", "app.log"]);
        assert!(printed(&anew).contains("made, anew: 1970-01-01.jsonl.gz in it"), "{anew:?}");
        let output = run(&place, &count);
        assert_eq!((printed(&output), errors(&output)), ("{\"c\":20000}\n".into(), String::new()));
    }
    std::fs::remove_file(records.with_extension("gz.idx")).unwrap();
    let check = run(&place, &["index", "--files", "app.log", "--check"]);
    assert!(printed(&check).contains("jsonl.gz.idx in it is damaged or gone"), "{check:?}");
}

#[test]
fn a_last_line_without_a_line_feed_is_shown_or_told() {
    for is_packed in [false, true] {
        for (rest, is_whole) in [("{\"message\":\"last\"}", true), ("{\"message\":\"la", false)] {
            let place = Place::new();
            std::fs::create_dir(place.log()).unwrap();
            let text = format!("{{\"message\":\"first\"}}\n{rest}");
            let (name, bytes) = match is_packed {
                true => ("2026-11-21.jsonl.gz", packed(text.as_bytes())),
                false => ("2026-11-21.jsonl", text.into_bytes()),
            };
            write(&place.log().join(name), &bytes);
            let by_path = format!("log/{name}");
            let expect = if is_whole { "first\nlast\n" } else { "first\n" };
            let mut others = vec![vec!["--dir", "log"]; 2];
            if !is_packed {
                others.push(vec!["--files", &by_path]);
            }
            for from in others {
                let query = [&["query", "first or last", "--format", "raw"], &from[..]].concat();
                let output = run(&place, &query);
                let told = errors(&output);
                if from[0] == "--dir" {
                    assert_eq!(printed(&output), expect, "{name} {rest} {told}");
                    assert_eq!(
                        !is_whole,
                        told.contains("1 damaged line left out: line 2"),
                        "{told}"
                    );
                } else {
                    assert!(printed(&output).starts_with(expect), "{output:?}");
                }
                // The first query has made the catalogue known to it.
                place.logloom::<&str>("recover", &[]);
            }
        }
    }
}

#[test]
fn a_packed_file_that_is_cut_gives_what_it_holds_and_no_certain_answer() {
    let place = Place::new();
    let text: String = (0..50_000).map(|n| format!("10:00:00 number {} {n}\n", n * 7919)).collect();
    let whole = packed(text.as_bytes());
    write(&place.path("app.log.gz"), &whole[..whole.len() / 2]);
    for (query, rows) in [("number | limit 1 | fields level", 1), ("nowhere", 0)] {
        let output = run(&place, &["query", "--files", "app.log.gz", query, "--format", "jsonl"]);
        assert_eq!(printed(&output).lines().count(), rows, "{output:?}");
        assert_eq!(output.status.code(), Some(3));
        assert!(errors(&output).contains("cannot read app.log.gz: cut short"), "{output:?}");
    }
}

#[test]
fn lines_that_were_added_to_a_closed_file_of_ours_are_shown_and_told() {
    let place = Place::new();
    assert!(place.run_script("echo one; echo two").status.success());
    let name = std::fs::read_dir(place.log())
        .unwrap()
        .map(|one| one.unwrap().file_name().into_string().unwrap())
        .find(|name| name.ends_with(".jsonl"))
        .unwrap();
    seal(&place, &name);
    let append = |text: &str| {
        let mut file = File::options().append(true).open(place.log().join(&name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    let query = || {
        let output = place.logloom("query", &["added", "--format", "raw"]);
        (printed(&output), errors(&output))
    };
    let index = |flag: &str| place.logloom("index", &[flag]);
    assert!(printed(&index("--build")).contains(": made"));
    append("{\"level\":\"WARN\",\"message\":\"added by hand\"}\n");
    let check = index("--check");
    assert_eq!(check.status.code(), Some(1), "{check:?}");
    let (rows, told) = query();
    assert_eq!(rows, "added by hand\n", "{told}");
    assert!(told.contains("was changed by hand"), "{told}");
    assert!(printed(&index("--build")).contains(": made"));
    assert_eq!(query(), (rows, String::new()));
    append("added words\n");
    let (rows, told) = query();
    assert_eq!(rows, "added by hand\n", "{told}");
    assert!(told.contains("bytes were added"), "{told}");
}

/// Closes a day file, as the end of its day does.
fn seal(place: &Place, name: &str) {
    let platform = Arc::new(LinuxPlatform);
    let directory = Directory::open(&place.log(), Options::default(), platform).unwrap();
    directory.seal(FileKey::from_file_name(name).unwrap(), &NoSegments).unwrap();
}
