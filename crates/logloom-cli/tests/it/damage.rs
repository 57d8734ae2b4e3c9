//! Day files with damaged lines: every good line stays in every answer, before and after the file enters the
//! catalogue, with an index and without one, plain and compressed; every damaged line is told; and the file
//! stays as it is.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Place, Running, errors, printed};

const DAY: &str = "2026-01-02.jsonl";

/// Each kind of damage, as it is told of line 2.
const DAMAGES: [(&[u8], &str); 8] = [
    (b"", "is empty"),
    (b"\xff\xfe no text", "is not UTF-8"),
    (b"{\"message\":\"cut", "is no JSON object"),
    (b"\0\0\0\0", "holds zero bytes"),
    (b"{\"message\":\"\0\"}", "holds zero bytes"),
    (b"{\n  \"message\": \"pretty\"\n}", "is no JSON object"),
    (b"damaged", "is no JSON object"),
    (b"[{\"message\":\"a list\"}]", "is no JSON object"),
];

/// An action.
fn good(number: usize) -> Vec<u8> {
    let text = format!(
        "{{\"timestamp\":\"2026-01-02T10:00:{number:02}.000000Z\",\"level\":\"INFO\",\
         \"message\":\"good {number}\",\"session_id\":\"s1\",\"action_type\":\"tool_call\",\
         \"action_number\":{number},\"tool_name\":\"Bash\",\"status\":\"success\"}}\n"
    );
    text.into_bytes()
}

fn place(text: &[u8], is_packed: bool) -> Place {
    let place = Place::new();
    // Nothing is removed for its age, or compressed before the test asks for it: a program that ends at once may
    // have come so far or not.
    let settings = "store: { retention: { days: 36500 }, housekeeping: never }\n";
    std::fs::write(place.path("logloom.yaml"), settings).unwrap();
    std::fs::create_dir(place.log()).unwrap();
    std::fs::write(place.log().join(DAY), text).unwrap();
    if is_packed {
        let file = place.log().join(DAY);
        assert!(Command::new("gzip").arg(file).status().unwrap().success());
    }
    place
}

/// The numbers that an answer tells, in order.
fn numbers(text: &str) -> Vec<usize> {
    let mut numbers: Vec<usize> = text
        .match_indices("good ")
        .filter_map(|(at, word)| {
            let rest = &text[at + word.len()..];
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest[..digits].parse().ok()
        })
        .collect();
    numbers.sort_unstable();
    numbers
}

/// What the commands answer, and what they tell beside it.
fn answers(place: &Place) -> (Vec<Vec<usize>>, Vec<String>) {
    let days = ["--date-range", ":", "--limit", "1000"];
    let commands: [(&str, &[&str]); 5] = [
        ("query", &["level:INFO"]),
        ("query", &["--newest-first", "-n", "1000", "good"]),
        ("log", &[&days[..], &["--json"]].concat()),
        ("log", &[&days[..], &["--keyword", "good"]].concat()),
        ("show", &["s1"]),
    ];
    let outputs: Vec<_> =
        commands.iter().map(|(name, arguments)| place.logloom(name, arguments)).collect();
    let answers = outputs.iter().map(|output| numbers(&printed(output))).collect();
    (answers, outputs.iter().map(errors).collect())
}

/// How many good lines the counting commands know.
fn counts(place: &Place) -> Vec<u64> {
    let first = |name: &str, arguments: &[&str]| {
        let output = place.logloom(name, arguments);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        if told.is_array() { told[0].clone() } else { told }
    };
    vec![
        first("stats", &["--grep", "good", "--json"])["levels"]["INFO"].as_u64().unwrap(),
        first("query", &["level:INFO good | stats count() n", "--json"])["n"].as_u64().unwrap(),
        first("sessions", &["--date-range", ":", "--json"])["actions"].as_u64().unwrap(),
        first("report", &["--date-range", ":", "--json"])["actions"].as_u64().unwrap(),
    ]
}

#[test]
fn each_kind_of_damage_costs_one_line_and_is_told() {
    for (damaged, what) in DAMAGES {
        let text = [&good(1), damaged, b"\n", &good(2), b" ", &good(3)].concat();
        for is_packed in [false, true] {
            let place = place(&text, is_packed);
            let (found, told) = answers(&place);
            assert!(found.iter().all(|one| *one == [1, 2, 3]), "{what}: {found:?}");
            for told in &told {
                assert!(told.contains("damaged line") && told.contains("line"), "{what}: {told}");
            }
            let told = errors(&place.logloom::<&str>("clean", &[]));
            assert!(told.contains(&format!("line 2 {what}")), "{told}");
            let (found, told) = answers(&place);
            assert!(found.iter().all(|one| *one == [1, 2, 3]), "{what}: {found:?}");
            assert!(told[2].contains("left out: line"), "{what}: {told:?}");
        }
    }
}

#[test]
fn good_lines_stay_in_every_answer_whatever_becomes_of_the_file() {
    let text: Vec<u8> = (0..40)
        .flat_map(|number| {
            let (damaged, _) = DAMAGES[number % DAMAGES.len()];
            [&good(number)[..], damaged, b"\n"].concat()
        })
        .chain(good(40))
        .collect();
    let all: Vec<usize> = (0..=40).collect();
    for is_packed in [false, true] {
        let place = place(&text, is_packed);
        let name = if is_packed { format!("{DAY}.gz") } else { DAY.to_owned() };
        let before = std::fs::read(place.log().join(&name)).unwrap();
        let check = |when: &str| {
            let (found, _) = answers(&place);
            assert!(found.iter().all(|one| *one == all), "{when}: {found:?}");
            assert_eq!(counts(&place), [41; 4], "{when}");
        };
        check("without a catalogue");
        assert!(place.logloom("run", &["--", "true"]).status.success());
        check("after a run");
        place.logloom("index", &["--build"]);
        check("with an index");
        assert_eq!(std::fs::read(place.log().join(&name)).unwrap(), before);
        std::fs::remove_dir_all(place.log().join(".logloom")).unwrap();
        check("with an index and no catalogue");
        place.logloom::<&str>("clean", &[]);
        assert!(place.log().join(format!("{DAY}.gz")).exists());
        check("compressed");
        std::fs::remove_dir_all(place.log().join(".logloom")).unwrap();
        place.logloom::<&str>("clean", &[]);
        check("compressed, in a new catalogue");
        let mut tail = place.ready("tail", &["-n", "1000", "--grep", "good"]);
        let mut tail = Running::start(tail.stdout(Stdio::piped()).stderr(Stdio::null()));
        assert_eq!(numbers(&tail.read_until("good 40")), all);
        tail.signal("INT");
        tail.end();
    }
}

#[test]
fn a_last_line_that_is_cut_is_told_and_stays() {
    for is_packed in [false, true] {
        let place = place(&[&good(1)[..], &good(2), b"{\"message\":\"cu"].concat(), is_packed);
        let name = if is_packed { format!("{DAY}.gz") } else { DAY.to_owned() };
        let before = std::fs::read(place.log().join(&name)).unwrap();
        let told = errors(&place.logloom::<&str>("clean", &[]));
        assert!(is_packed || told.contains("the last line of"), "{told}");
        assert!(told.contains("line 3"), "{told}");
        assert!(answers(&place).0.iter().all(|one| *one == [1, 2]));
        assert_eq!(std::fs::read(place.log().join(&name)).unwrap(), before);
    }
}

#[test]
fn imported_day_files_keep_the_lines_behind_a_damaged_one() {
    let place = Place::new();
    let mut file = std::fs::File::create(place.path("other.jsonl")).unwrap();
    for (number, (damaged, _)) in DAMAGES.iter().enumerate() {
        file.write_all(&[&good(number)[..], damaged, b"\n"].concat()).unwrap();
    }
    file.write_all(&good(DAMAGES.len())).unwrap();
    let path = place.path("other.jsonl");
    let dry = place.logloom("import", &["--dry-run", path.to_str().unwrap()]);
    assert!(dry.status.success(), "{}", errors(&dry));
    assert!(place.logloom("import", &[&path]).status.success());
    let text = printed(&place.logloom("query", &["good"]));
    assert_eq!(numbers(&text), (0..=DAMAGES.len()).collect::<Vec<_>>());
}
