//! `logloom query` with a query: what is asked, of what, and in which form it is answered.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::support::{Place, Running, errors, printed};

const LINES: &str = r#"
{"timestamp":"2026-11-21T10:00:00Z","level":"INFO","service":"shop","message":"one","n":1}
{"timestamp":"2026-11-21T10:30:00Z","level":"WARN","service":"shop","message":"two, \"quoted\"","n":20}
{"timestamp":"2026-11-21T11:00:00Z","level":"INFO","service":"pay","message":"three","n":3}
{"timestamp":"2026-11-21T12:10:00Z","level":"ERROR","service":"shop","message":"four","n":4}
"#;

/// A directory with these records.
fn filled() -> Place {
    Place::with_day(LINES)
}

/// The answer to a query, which has this status.
fn asked(place: &Place, arguments: &[&str], status: i32) -> Output {
    let output = place.logloom("query", arguments);
    assert_eq!(output.status.code(), Some(status), "{arguments:?} {output:?}");
    output
}

#[test]
fn queries_are_answered_in_every_format() {
    let place = filled();
    let check = |arguments: &[&str], expect: &str| {
        assert_eq!(printed(&asked(&place, arguments, 0)), expect, "{arguments:?}");
    };
    let counted = "* | stats by (service) count() rows, sum(n) n";
    check(&[counted], "service  rows   n\npay         1   3\nshop        3  25\n");
    check(
        &[counted, "--format", "table"],
        "service  rows   n\npay         1   3\nshop        3  25\n",
    );
    check(
        &[counted, "--json"],
        "[\n{\"service\":\"pay\",\"rows\":1,\"n\":3},\n{\"service\":\"shop\",\"rows\":3,\"n\":25}\n]\n",
    );
    check(&["n:>3 | fields n", "--format", "jsonl"], "{\"n\":20}\n{\"n\":4}\n");
    check(
        &["n:>3 | fields message, n", "--format", "csv"],
        "message,n\r\n\"two, \"\"quoted\"\"\",20\r\nfour,4\r\n",
    );
    check(&["service:shop", "--format", "raw"], "one\ntwo, \"quoted\"\nfour\n");
    check(
        &["service:shop | fields n, level", "--format", "raw", "--newest"],
        "4\tERROR\n20\tWARN\n1\tINFO\n",
    );
    check(&["n:4", "--utc"], "2026-11-21 12:10:00.000Z ERROR shop: four  n=4\n");
    check(&["n:4", "--tz", "+02:00"], "2026-11-21 14:10:00.000 ERROR shop: four  n=4\n");
    check(&["_time:2026-11-21T14", "--tz", "+02:00", "--format", "raw"], "four\n");
    check(&["_time:>=2026-11-21T11", "--level", "error", "--format", "raw"], "four\n");
    check(&["*", "-n", "2", "--format", "raw"], "three\nfour\n");
    check(&["*", "-n", "2", "--oldest", "--format", "raw"], "one\ntwo, \"quoted\"\n");
    check(&["* | sort by (n desc)", "-n", "1", "--format", "raw"], "two, \"quoted\"\n");
    asked(&place, &["nowhere"], 1);
}

#[test]
fn records_around_others_are_given() {
    let place = filled();
    let check = |arguments: &[&str], expect: &str| {
        let arguments = [arguments, &["--format", "raw"]].concat();
        assert_eq!(printed(&asked(&place, &arguments, 0)), expect, "{arguments:?}");
    };
    check(&["four", "-B", "1"], "two, \"quoted\"\nfour\n");
    check(&["four", "-C", "9"], "one\ntwo, \"quoted\"\nfour\n");
    check(&["* | limit 1", "-A", "1"], "four\n");
    asked(&place, &["* | stats count()", "-C", "1"], 2);
    check(&["one or four | context 0 | stats count() n"], "2\n");
    check(&["service:shop", "-A", "1", "-n", "1"], "four\n");
    check(&["one or three", "-A", "1"], "one\ntwo, \"quoted\"\n---\nthree\n");
    asked(&place, &["four | context 1", "-C", "1"], 2);
}

#[test]
fn a_query_that_cannot_be_read_is_drawn() {
    let place = filled();
    let told = errors(&asked(&place, &["* | srot by (n)"], 2));
    assert!(told.contains("* | srot by (n)"), "{told}");
    assert!(told.contains("    ^^^^") && told.contains("did you mean `sort`?"), "{told}");
    let told = errors(&asked(&place, &["*", "--timeout", "soon"], 2));
    assert!(told.contains("--timeout soon"), "{told}");
    let told = errors(&asked(&place, &["*", "--tz", "Nowhere/At_all"], 2));
    assert!(told.contains("Nowhere/At_all"), "{told}");
}

#[test]
fn flags_are_shorthand_for_a_query() {
    let place = filled();
    let explained = |arguments: &[&str]| {
        let output = asked(&place, &[arguments, &["--explain"]].concat(), 0);
        printed(&output).lines().next().unwrap().to_owned()
    };
    let flags = ["n:>1 | fields n", "--level", "warn", "--service", "shop", "-n", "5"];
    let text = explained(&flags);
    assert_eq!(text, "level:>=WARN service:=\"shop\" n:>1 | fields n | limit 5");
    assert_eq!(explained(&[&text]), text);
    let around = explained(&["four", "-A", "2", "--oldest", "-n", "1"]);
    assert_eq!(around, "four | context before 0 after 2");
}

#[test]
fn a_search_that_is_ended_gives_what_it_has_and_says_so() {
    let place = filled();
    let line = LINES.lines().nth(1).unwrap();
    // More than a pipe and all threads hold.
    let text = format!("{line}\n").repeat(300_000);
    std::fs::write(place.log().join("2026-11-22.jsonl"), text).unwrap();
    assert_eq!(place.logloom("recover", &[] as &[&str]).status.code(), Some(0));
    let mut command = place.ready("query", &["--newest", "--format", "jsonl"]);
    let mut running = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    running.read_until("\n");
    running.signal("INT");
    let (mut rows, mut out) = (0, running.0.stdout.take().unwrap());
    let mut chunk = vec![0; 64 << 10];
    loop {
        // So that the signal is there long before the rows are at their end.
        std::thread::park_timeout(std::time::Duration::from_millis(2));
        let read = std::io::Read::read(&mut out, &mut chunk).unwrap();
        rows += chunk[..read].iter().filter(|byte| **byte == b'\n').count();
        if read == 0 {
            break;
        }
    }
    assert_eq!(running.end().code(), Some(3));
    assert!((1..299_000).contains(&rows), "{rows}");
    let mut told = String::new();
    std::io::Read::read_to_string(running.0.stderr.as_mut().unwrap(), &mut told).unwrap();
    assert!(told.contains("the answer is not complete: it was cancelled"), "{told}");
    let told = errors(&asked(&place, &["n:1", "--max-lines", "1000", "--format", "raw"], 3));
    assert!(told.contains("it had looked at as many lines as it may"), "{told}");
}

#[test]
fn the_time_holds_while_rows_are_given() {
    let place = filled();
    let line = LINES.lines().nth(1).unwrap();
    let text = format!("{line}\n").repeat(20_000);
    std::fs::write(place.log().join("2026-11-22.jsonl"), text).unwrap();
    assert_eq!(place.logloom("recover", &[] as &[&str]).status.code(), Some(0));
    let slow = format!("* | format \"{}\" as x | fields x", "<message>".repeat(5_000));
    for flags in [&["--newest"][..], &[]] {
        let output = asked(
            &place,
            &[&[&slow, "--timeout", "200ms", "--format", "jsonl"], flags].concat(),
            3,
        );
        let rows = printed(&output).lines().count();
        assert!((1..15_000).contains(&rows), "{rows}");
        assert!(errors(&output).contains("its time was over"), "{}", errors(&output));
    }
}

#[test]
fn a_query_uses_an_index_and_tells_what_it_left_out() {
    let place = filled();
    assert_eq!(place.logloom("index", &["--build"]).status.code(), Some(0));
    let plan = |query: &str| printed(&asked(&place, &[query, "--explain"], 0));
    let text = plan("nowhere");
    assert!(text.contains("files: 1, left out whole: 1"), "{text}");
    assert!(text.contains("left out by their words and values: 1"), "{text}");
    assert!(plan("_time:<2026-11-01").contains("left out by their times: 1"));
    assert!(plan("level:fatal").contains("left out by their levels: 1"));
    assert!(plan("n:>100").contains("left out by their words and values: 1"));
    assert!(plan("* | stats by (service) count() n").contains("counted: 1"));
    assert!(plan("three").contains("left out whole: 0"));
    asked(&place, &["nowhere"], 1);
    asked(&place, &["n:>100"], 1);
    assert_eq!(printed(&asked(&place, &["n:>5", "--format", "raw"], 0)), "two, \"quoted\"\n");
    let index = place.log().join("2026-11-21.jsonl.idx");
    std::fs::write(&index, "no index").unwrap();
    let text = plan("nowhere");
    assert!(text.contains("read without an index: ") && text.contains(".jsonl: "), "{text}");
    asked(&place, &["nowhere"], 1);
}

#[test]
fn queries_are_saved_by_name() {
    let place = filled();
    assert!(errors(&asked(&place, &["--saved"], 1)).contains("no query is saved in"));
    assert_eq!(printed(&asked(&place, &["--saved", "--json"], 1)), "[]\n");
    asked(&place, &["n:>3", "--service", "shop", "--save", "large"], 0);
    let text = printed(&asked(&place, &["@large | fields n", "--format", "jsonl"], 0));
    assert_eq!(text, "{\"n\":20}\n{\"n\":4}\n");
    assert_eq!(printed(&asked(&place, &["--saved"], 0)), "@large  service:=\"shop\" n:>3\n");
    let text = printed(&asked(&place, &["--saved", "--format", "jsonl"], 0));
    assert_eq!(text, "{\"name\":\"large\",\"query\":\"service:=\\\"shop\\\" n:>3\"}\n");
    assert!(errors(&asked(&place, &["@lareg"], 2)).contains("did you mean @large?"));
    let text = printed(&asked(&place, &["!n:10 @large", "--format", "raw", "-n", "1"], 0));
    assert_eq!(text.lines().count(), 1);
    asked(&place, &["--save", "nothing"], 2);
    asked(&place, &["n:1", "--save", "small"], 0);
    assert!(printed(&asked(&place, &["--saved"], 0)).contains("@small  n:1\n"));
    assert!(errors(&asked(&place, &["--forget", "small"], 0)).contains("it was: n:1"));
    assert!(errors(&asked(&place, &["--forget", "small"], 2)).contains("there is no saved query"));
    asked(&place, &["*", "--save", "a b"], 2);
    assert_eq!(errors(&asked(&place, &["service:=shop n:>3", "--save", "large"], 0)), "");
    let told = errors(&asked(&place, &["n:>4", "--save", "large"], 0));
    assert!(told.contains("it was: service:=\"shop\" n:>3"), "{told}");
    std::fs::create_dir(place.path("copied")).unwrap();
    let copied = ["query", "--dir", "copied", "*", "--save", "x"];
    let output = place.command().args(copied).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(errors(&output).contains("mkdir 'copied/.logloom'"), "{output:?}");
}

#[test]
fn a_query_may_begin_with_a_negation() {
    let place = filled();
    let check = |arguments: &[&str], expect: &str| {
        let arguments = [arguments, &["--format", "raw"]].concat();
        assert_eq!(printed(&asked(&place, &arguments, 0)), expect, "{arguments:?}");
    };
    check(&["-level:info", "-n", "1"], "four\n");
    check(&["--newest-first", "-(one or three) n:<10"], "four\n");
    check(&["--utc", "-\"two\" -n:<4"], "four\n");
    let refused = errors(&asked(&place, &["-service:shop"], 2));
    assert!(refused.contains("logloom query -- '-service:shop'"), "{refused}");
    assert_eq!(printed(&asked(&place, &["--format", "raw", "--", "-service:shop"], 0)), "three\n");
    let refused = errors(&asked(&place, &["-level:>=wran"], 2));
    assert!(refused.contains("did you mean WARN?"), "{refused}");
    asked(&place, &["*", "--max-lines", "0"], 2);
    let plan = printed(&asked(&place, &["*", "--explain"], 0));
    assert!(plan.contains(" B of lines"), "{plan}");
}

#[test]
fn files_of_other_programs_are_searched() {
    let place = Place::new();
    let write = |name: &str, text: &str| std::fs::write(place.path(name), text).unwrap();
    write(
        "app1.log",
        "time=2026-11-21T10:00:00Z level=warn msg=\"slow query\" took=5\ntime=2026-11-21T10:00:01Z level=info msg=fine took=1\n",
    );
    write(
        "app2.log",
        "{\"ts\":\"2026-11-21T10:00:02Z\",\"severity\":\"error\",\"msg\":\"broken\",\"took\":9}\n",
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(LINES.trim_start().as_bytes()).unwrap();
    std::fs::write(place.path("own.jsonl.gz"), packed.finish().unwrap()).unwrap();
    write("own.jsonl", LINES.trim_start());
    let check = |arguments: &[&str], expect: &str| {
        let output = place.command().arg("query").args(arguments).output().unwrap();
        assert_eq!(printed(&output), expect, "{arguments:?} {}", errors(&output));
    };
    check(&["--files", "app*.log", "level:>=warn", "--format", "raw"], "slow query\nbroken\n");
    check(&["--files", "app*.log", "* | stats sum(took) s", "--format", "jsonl"], "{\"s\":15}\n");
    check(
        &[
            "--files",
            "own.jsonl",
            "--files",
            "own.jsonl.gz",
            "four | stats count() n",
            "--format",
            "jsonl",
        ],
        "{\"n\":2}\n",
    );
    check(&["--files", "none*.log", "*"], "");
    let mut command = place.command();
    command.args(["query", "--files", "-", "level:error", "--format", "raw"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = b"2026-11-21 10:00:00 ERROR bad\n2026-11-21 10:00:01 INFO good\n";
    child.stdin.take().unwrap().write_all(lines).unwrap();
    assert!(printed(&child.wait_with_output().unwrap()).contains("bad"));
}

#[test]
fn a_histogram_has_a_bar_for_each_step() {
    let place = filled();
    let text = printed(&asked(&place, &["--histogram", "--utc"], 0));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 27, "{text}");
    assert!(lines[0].starts_with("2026-11-21 10:00:00.000Z  1  \u{2588}"), "{text}");
    assert_eq!(lines[1], "2026-11-21 10:05:00.000Z  0  ");
    assert!(lines[26].starts_with("2026-11-21 12:10:00.000Z  1  \u{2588}"), "{text}");
    let rows = printed(&asked(&place, &["--histogram", "service:shop", "--format", "jsonl"], 0));
    assert_eq!(rows.lines().count(), 3, "{rows}");
    assert!(
        rows.starts_with("{\"timestamp\":\"2026-11-21T10:00:00Z\",\"level\":\"INFO\",\"hits\":1}")
    );
    asked(&place, &["--histogram", "nowhere"], 1);
}

#[test]
fn following_honours_filters_and_pipes() {
    let place = Place::new();
    place.run_script("echo 'ERROR first'; echo fine");
    let query =
        "level:error -module:logloom.run | extract 'ERROR <what>' from message | fields message";
    let mut command = place.ready("query", &["--follow", query, "--format", "jsonl"]);
    let mut follow = Running::start(command.stdout(Stdio::piped()));
    let history = follow.read_until("first\"}\n");
    assert_eq!(history.lines().count(), 1, "{history}");
    place.run_script("echo also; echo 'ERROR second'");
    assert_eq!(follow.read_until("second\"}\n").lines().count(), 1);
    follow.signal("INT");
    assert!(follow.end().success());
    let told = errors(&asked(&place, &["--follow", "* | count()"], 2));
    assert!(told.contains("--follow"), "{told}");
}

#[test]
fn an_answer_that_is_not_complete_is_told() {
    let place = filled();
    let long = "<a>".repeat(64);
    let query = format!(
        "* | format '<_time><message><n>' as a | format '{long}' as a | format '{long}' as a | stats uniq_values(a) m"
    );
    let output = asked(&place, &[&query, "--memory", "1MiB"], 3);
    assert!(errors(&output).contains("of memory that it has"), "{output:?}");
    assert_eq!(printed(&output), "");
    let output = asked(&place, &["* | stats count() n", "--memory", "1KiB"], 2);
    assert!(errors(&output).contains("at least 1MiB"), "{output:?}");
}
