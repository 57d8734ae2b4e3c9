//! What is asked, in every tool's own words. In come what was made; out go questions with their goals. A question
//! has one number as its answer, which all sides must agree on.

use super::generate::{COMMON_WORD, FATAL_SERVICE, RARE_WORD};
use super::store::Made;

/// An id that no line has.
const ABSENT_ID: &str = "00c0ffee00c0ffee00c0ffee00c0ffee";

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) name: &'static str,
    /// In our language.
    pub(super) text: String,
    /// Milliseconds that it may take with warm and with cold memory; `None` where that is only told.
    pub(super) goal_ms: Option<f64>,
    pub(super) cold_goal_ms: Option<f64>,
    /// What is counted.
    pub(super) answer: Answer,
    /// Which files it is asked of.
    pub(super) files: Files,
    /// For the others, with `"$@"` for the files, oldest first.
    pub(super) rg: Option<String>,
    pub(super) grep: Option<String>,
    pub(super) jq: Option<String>,
    pub(super) sql: String,
    pub(super) lnav: Option<String>,
}

/// What number is the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// How many rows there are.
    Rows,
    /// The field `hits` of the only row.
    Hits,
}

/// Which files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Files {
    Packed,
    Plain,
}

/// Everything that is asked.
pub(super) fn all(made: &Made) -> Vec<Question> {
    let mut all = ids(made);
    all.extend(newest());
    all.extend(counts());
    all.extend(words());
    all
}

fn question(name: &'static str, text: String, answer: Answer, sql: String) -> Question {
    Question {
        name,
        text,
        goal_ms: None,
        cold_goal_ms: None,
        answer,
        files: Files::Packed,
        rg: None,
        grep: None,
        jq: None,
        sql,
        lnav: None,
    }
}

fn ids(made: &Made) -> Vec<Question> {
    let asked = [
        ("absent id", ABSENT_ID, 5.0, Some(50.0)),
        ("known id", made.known_id.as_str(), 15.0, None),
    ];
    let of = |(name, id, goal, cold): (&'static str, &str, f64, Option<f64>)| Question {
        goal_ms: Some(goal),
        cold_goal_ms: cold,
        rg: Some(format!("rg -zIN -F {id} \"$@\" | wc -l")),
        grep: Some(format!("zcat \"$@\" | grep -F {id} | wc -l")),
        jq: Some(format!("zcat \"$@\" | jq -c 'select(.trace_id==\"{id}\")' | wc -l")),
        lnav: Some(format!(":filter-in {id}")),
        ..question(
            name,
            format!("trace_id:=\"{id}\""),
            Answer::Rows,
            format!("SELECT count(*) FROM (SELECT * FROM logs WHERE trace_id = '{id}')"),
        )
    };
    asked.map(of).to_vec()
}

fn newest() -> Vec<Question> {
    let asked = [
        ("newest 100", "ERROR", "gateway", 10.0),
        ("newest 100, almost none", "FATAL", FATAL_SERVICE, 50.0),
    ];
    // Both go from the newest file to the oldest and end when they have enough.
    let loop_over = |one: String| {
        format!(
            "for f in $(printf '%s\\n' \"$@\" | sort -r); do {one} | tac; done | head -n 100 | wc -l"
        )
    };
    let of = |(name, level, service, goal): (&'static str, &str, &str, f64)| {
        let pattern = format!("\"level\":\"{level}\",\"service\":\"{service}\"");
        Question {
            goal_ms: Some(goal),
            rg: Some(loop_over(format!("rg -zIN -F '{pattern}' $f"))),
            grep: Some(loop_over(format!("zcat $f | grep -F '{pattern}'"))),
            jq: Some(loop_over(format!(
                "zcat $f | jq -c 'select(.level==\"{level}\" and .service==\"{service}\")'"
            ))),
            ..question(
                name,
                format!("level:{level} service:=\"{service}\" | limit 100"),
                Answer::Rows,
                format!(
                    "SELECT count(*) FROM (SELECT * FROM logs WHERE level = '{level}' AND \
                     service = '{service}' ORDER BY timestamp DESC LIMIT 100)"
                ),
            )
        }
    };
    asked.map(of).to_vec()
}

fn counts() -> Vec<Question> {
    let histogram = Question {
        goal_ms: Some(10.0),
        rg: Some(
            "rg -zoIN '^.{14}(.{13}).{14,20}\"level\":\"(\\w+)\"' -r '$1 $2' \"$@\" | sort | uniq -c | wc -l"
                .to_owned(),
        ),
        grep: Some(
            "zcat \"$@\" | cut -c 15-27,44-60 | cut -d '\"' -f 1,4 | sort | uniq -c | wc -l".to_owned(),
        ),
        jq: Some(
            "zcat \"$@\" | jq -r '.timestamp[0:13]+\" \"+.level' | sort | uniq -c | wc -l".to_owned(),
        ),
        ..question(
            "histogram by level",
            "* | stats by (_time:1h, level) count() hits".to_owned(),
            Answer::Rows,
            "SELECT count(*) FROM (SELECT substr(timestamp, 1, 13) h, level, count(*) FROM logs \
             GROUP BY ALL)"
                .to_owned(),
        )
    };
    let service = Question {
        goal_ms: Some(150.0),
        rg: Some("rg -zoIN '\"service\":\"\\w+\"' \"$@\" | sort | uniq -c | wc -l".to_owned()),
        grep: Some(
            "zcat \"$@\" | grep -o '\"service\":\"[a-z]*\"' | sort | uniq -c | wc -l".to_owned(),
        ),
        jq: Some("zcat \"$@\" | jq -r .service | sort | uniq -c | wc -l".to_owned()),
        ..question(
            "count by service",
            "* | stats by (service) count() hits".to_owned(),
            Answer::Rows,
            "SELECT count(*) FROM (SELECT service, count(*) FROM logs GROUP BY ALL)".to_owned(),
        )
    };
    let errors = Question {
        goal_ms: Some(150.0),
        jq: Some(
            "zcat \"$@\" | jq -r 'select(.level==\"ERROR\")|.service+\" \"+(.status|tostring)' | \
             sort | uniq -c | wc -l"
                .to_owned(),
        ),
        ..question(
            "errors by service and status",
            "level:error | stats by (service, status) count() hits".to_owned(),
            Answer::Rows,
            "SELECT count(*) FROM (SELECT service, status, count(*) FROM logs WHERE level = 'ERROR' \
             GROUP BY ALL)"
                .to_owned(),
        )
    };
    vec![histogram, service, errors]
}

fn words() -> Vec<Question> {
    let word = |name, word: &str, goal: f64| Question {
        goal_ms: Some(goal),
        rg: Some(format!("rg -zcIN -w {word} \"$@\" | awk '{{s+=$1}} END {{print s+0}}'")),
        grep: Some(format!("zcat \"$@\" | grep -cw {word}")),
        jq: Some(format!(
            "zcat \"$@\" | jq -c 'select(.message|test(\"\\\\b{word}\\\\b\"))' | wc -l"
        )),
        lnav: Some(format!(":filter-in {word}")),
        ..question(
            name,
            format!("{word} | stats count() hits"),
            Answer::Hits,
            format!("SELECT count(*) FROM logs WHERE regexp_matches(message, '\\b{word}\\b')"),
        )
    };
    let expression = "[a-z]+-[0-9]{2} [a-z]{3} ";
    let regexp = Question {
        rg: Some(format!("rg -zcIN '{expression}' \"$@\" | awk '{{s+=$1}} END {{print s+0}}'")),
        grep: Some(format!("zcat \"$@\" | LC_ALL=C grep -cE '{expression}'")),
        jq: Some(format!("zcat \"$@\" | jq -c 'select(.message|test(\"{expression}\"))' | wc -l")),
        ..question(
            "regular expression",
            format!("message:~\"{expression}\" | stats count() hits"),
            Answer::Hits,
            format!("SELECT count(*) FROM logs WHERE regexp_matches(message, '{expression}')"),
        )
    };
    let numbers = Question {
        files: Files::Plain,
        rg: Some(
            "rg -cIN '\"duration_ms\":1[5-9][0-9][0-9]\\.' \"$@\" | awk '{s+=$1} END {print s+0}'"
                .to_owned(),
        ),
        grep: Some("cat \"$@\" | grep -c '\"duration_ms\":1[5-9][0-9][0-9]\\.'".to_owned()),
        jq: Some("cat \"$@\" | jq -c 'select(.duration_ms>=1500)' | wc -l".to_owned()),
        ..question(
            "numeric comparison, plain",
            "duration_ms:>=1500 | stats count() hits".to_owned(),
            Answer::Hits,
            "SELECT count(*) FROM logs WHERE duration_ms >= 1500".to_owned(),
        )
    };
    vec![
        word("rare word", RARE_WORD, 30.0),
        word("common word", COMMON_WORD, 1_000.0),
        regexp,
        numbers,
    ]
}
