//! Questions that both languages can say. Out go pairs of texts. The view `logs` has the fields as columns: texts and
//! numbers by their type, `note` as text, `user_id` and `user_name` for the members of `user`.

use super::data::{LEVELS, SERVICES, WORDS};

/// One question in both languages.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) logsql: String,
    pub(super) sql: String,
    /// The order of rows is part of the answer.
    pub(super) is_ordered: bool,
}

/// All questions.
pub(super) fn all() -> Vec<Pair> {
    let mut all = Vec::new();
    for (filter, condition) in filters() {
        all.push(rows(&filter, &condition));
    }
    all.extend(stats());
    all.extend(sorted());
    all
}

fn rows(filter: &str, condition: &str) -> Pair {
    Pair {
        logsql: format!("{filter} | fields n"),
        sql: format!("SELECT n FROM logs WHERE {condition}"),
        is_ordered: false,
    }
}

fn pair(logsql: impl Into<String>, sql: impl Into<String>) -> Pair {
    Pair { logsql: logsql.into(), sql: sql.into(), is_ordered: false }
}

/// A text in a column, with no word going on beyond its ends.
fn phrase(column: &str, text: &str, options: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|letter| {
            if r"\.+*?()|[]{}^$".contains(letter) { vec!['\\', letter] } else { vec![letter] }
        })
        .collect();
    format!(
        "regexp_matches(coalesce({column}, ''), '(^|[^\\pL\\pN_]){escaped}([^\\pL\\pN_]|$)'{options})"
    )
}

fn filters() -> Vec<(String, String)> {
    let mut all = texts();
    all.extend(numbers());
    all.extend(times());
    all.extend(levels());
    all.extend(others());
    all.extend(joined(&all.clone()));
    all
}

fn texts() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for word in WORDS {
        all.push((format!("\"{word}\""), phrase("message", word, "")));
        all.push((format!("user.name:=\"{word}\""), format!("user_name = '{word}'")));
        all.push((format!("note:\"{word}\""), phrase("note", word, "")));
    }
    for word in ["error", "timeout", "payment", "failed", "limit"] {
        all.push((format!("i(\"{}\")", word.to_uppercase()), phrase("message", word, ", 'i'")));
        let start: String = word.chars().take(4).collect();
        let begins = format!("regexp_matches(message, '(^|[^\\pL\\pN_]){start}')");
        all.push((format!("{start}*"), begins));
        all.push((format!("message:=\"{start}\"*"), format!("starts_with(message, '{start}')")));
        all.push((format!("message:~\"{start}\""), format!("contains(message, '{start}')")));
    }
    for (one, other) in [("error", "timeout"), ("user", "limit"), ("payment", "declined")] {
        all.push((format!("\"{one} {other}\""), phrase("message", &format!("{one} {other}"), "")));
        let sequence = format!(
            "regexp_matches(message, '(^|[^\\pL\\pN_]){one}([^\\pL\\pN_]|[^\\pL\\pN_].*[^\\pL\\pN_]){other}([^\\pL\\pN_]|$)')"
        );
        all.push((format!("seq({one}, {other})"), sequence));
        let both = [phrase("message", one, ""), phrase("message", other, "")];
        all.push((format!("contains_all({one}, {other})"), both.join(" AND ")));
        all.push((format!("contains_any({one}, {other})"), format!("({})", both.join(" OR "))));
    }
    for expression in ["err.?r", "^user", "limit$", "[0-9]{2}", "(time|pay)[a-z]+ ", "e+d\\b"] {
        let quoted = expression.replace('\\', "\\\\");
        let sql = format!("regexp_matches(message, '{expression}')");
        all.push((format!("message:~\"{quoted}\""), sql));
    }
    for (from, until) in [(3, 10), (0, 5), (12, 40)] {
        let sql = format!("length(message) BETWEEN {from} AND {until}");
        all.push((format!("message:len_range({from}, {until})"), sql));
    }
    all
}

fn numbers() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (field, column) in [("ms", "ms"), ("status", "status"), ("user.id", "user_id")] {
        for value in ["200", "404", "17", "450.5"] {
            for sign in ["<", "<=", ">", ">="] {
                all.push((format!("{field}:{sign}{value}"), format!("{column} {sign} {value}")));
            }
            all.push((format!("{field}:={value}"), format!("{column} = {value}")));
        }
        for (open, close, from, until) in [
            ('[', ']', ">=", "<="),
            ('(', ')', ">", "<"),
            ('[', ')', ">=", "<"),
            ('(', ']', ">", "<="),
        ] {
            let sql = format!("{column} {from} 20 AND {column} {until} 404");
            all.push((format!("{field}:range{open}20, 404{close}"), sql));
        }
        all.push((format!("{field}:in(200, 503, 7)"), format!("{column} IN (200, 503, 7)")));
    }
    all
}

fn times() -> Vec<(String, String)> {
    let mut all = Vec::new();
    let column = "timestamp";
    for time in ["2026-03-01T06:00:00Z", "2026-03-01T23:59:59Z", "2026-03-02T12:30:00Z"] {
        let text = time.replace('Z', ".000000Z");
        all.push((format!("_time:>={time}"), format!("{column} >= '{text}'")));
        all.push((format!("_time:<{time}"), format!("{column} < '{text}'")));
        let until = "2026-03-02T20:00:00.000000Z";
        let sql = format!("{column} >= '{text}' AND {column} < '{until}'");
        all.push((format!("_time:[{time}, 2026-03-02T20:00:00Z)"), sql));
    }
    for part in ["2026-03-01", "2026-03-02", "2026-03-01T07", "2026-03-02T11:15"] {
        all.push((format!("_time:{part}Z"), format!("starts_with({column}, '{part}')")));
    }
    all
}

fn levels() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (place, level) in LEVELS.iter().enumerate() {
        let list = |levels: &[&str]| format!("level IN ('{}')", levels.join("', '"));
        all.push((format!("level:{}", level.to_lowercase()), list(&[level])));
        all.push((format!("level:>={level}"), list(&LEVELS[place..])));
        all.push((format!("level:<={level}"), list(&LEVELS[..=place])));
    }
    for service in SERVICES {
        all.push((format!("service:=\"{service}\""), format!("service = '{service}'")));
        all.push((format!("service:{service}"), phrase("service", service, "")));
    }
    all
}

fn others() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = [
        ("*", "true"),
        ("note:*", "coalesce(note, '') <> ''"),
        ("note:\"\"", "coalesce(note, '') = ''"),
        ("none:*", "false"),
        ("none:\"\"", "true"),
        ("user.id:*", "user_id IS NOT NULL"),
        ("ip:*", "ip IS NOT NULL"),
        ("note:=-3", "note = '-3'"),
        ("note:>1", "try_cast(note AS DOUBLE) > 1"),
        ("id:in(\"k00000000\", \"k9e3779b1\")", "id IN ('k00000000', 'k9e3779b1')"),
        ("service:in(bank, mail)", "service IN ('bank', 'mail')"),
        ("service:string_range(auth, c)", "service >= 'auth' AND service < 'c'"),
    ]
    .map(|(filter, sql)| (filter.to_owned(), sql.to_owned()))
    .to_vec();
    let address = "list_sum(list_transform(string_split(ip, '.'), lambda p, i: \
                   CAST(p AS BIGINT) * CAST(256 ** (4 - i) AS BIGINT)))";
    for (first, last, from, until) in [
        ("10.0.1.0", "10.0.2.255", 167_772_416, 167_772_927),
        ("10.0.0.9", "10.0.0.9", 167_772_169, 167_772_169),
    ] {
        let sql = format!("{address} BETWEEN {from} AND {until}");
        all.push((format!("ip:ipv4_range({first}, {last})"), sql));
    }
    all
}

/// Filters of others, by taking two that stand far apart.
fn joined(all: &[(String, String)]) -> Vec<(String, String)> {
    let mut joined = Vec::new();
    for place in (0..all.len()).step_by(5) {
        let ((one, first), (other, second)) = (&all[place], &all[(place * 7 + 11) % all.len()]);
        let not = |sql: &str| format!("NOT coalesce(({sql}), false)");
        joined.push(match place % 4 {
            0 => (format!("({one}) ({other})"), format!("({first}) AND ({second})")),
            1 => (format!("({one}) or ({other})"), format!("({first}) OR ({second})")),
            2 => (format!("!({one})"), not(first)),
            _ => (format!("({one}) !({other})"), format!("({first}) AND {}", not(second))),
        });
    }
    joined
}

fn stats() -> Vec<Pair> {
    let mut all = Vec::new();
    for (by, column) in [
        ("level", "level"),
        ("service", "service"),
        ("status", "status"),
        ("user.id", "coalesce(CAST(user_id AS VARCHAR), '')"),
        ("service, level", "service, level"),
        ("_time:1h", "substr(timestamp, 1, 13) || ':00:00Z'"),
        ("_time:1d, service", "substr(timestamp, 1, 10) || 'T00:00:00Z', service"),
        ("ms:100", "CAST(floor(ms / 100) * 100 AS BIGINT)"),
    ] {
        for (function, result) in functions() {
            all.push(pair(
                format!("* | stats by ({by}) {function} x"),
                format!("SELECT {column}, {result} FROM logs GROUP BY ALL"),
            ));
        }
        let list = by.replace("_time:1h", "level").replace("_time:1d", "level").replace(":100", "");
        if !by.contains(':') {
            // A row without the field has no value to tell.
            let sql = format!(
                "SELECT {column} v, count(*) FROM logs GROUP BY ALL HAVING CAST(v AS VARCHAR) != ''"
            );
            all.push(pair(format!("* | uniq by ({list}) with hits"), sql));
        }
    }
    for (function, result) in functions() {
        all.push(pair(
            format!("level:>=warn | stats {function} x"),
            format!("SELECT {result} FROM logs WHERE level IN ('WARN', 'ERROR', 'FATAL')"),
        ));
    }
    all
}

fn functions() -> [(&'static str, &'static str); 9] {
    [
        ("count()", "count(*)"),
        ("count(ip)", "count(ip)"),
        ("count_uniq(id)", "count(DISTINCT id)"),
        ("sum(ms)", "sum(ms)"),
        ("avg(ms)", "avg(ms)"),
        ("min(ms)", "min(ms)"),
        ("max(status)", "max(status)"),
        (
            "quantile(0.9, ms)",
            "list_sort(list(ms))[1 + least(CAST(floor(0.9 * count(ms)) AS BIGINT), count(ms) - 1)]",
        ),
        (
            "count() if (error)",
            "count(*) FILTER (regexp_matches(message, '(^|[^\\pL\\pN_])error([^\\pL\\pN_]|$)'))",
        ),
    ]
}

fn sorted() -> Vec<Pair> {
    let mut all = Vec::new();
    for (field, column) in [
        ("ms", "ms"),
        ("service", "service"),
        ("n", "n"),
        ("_time", "timestamp"),
        ("status", "status"),
    ] {
        for (word, order) in [("", "ASC"), (" desc", "DESC")] {
            for (limit, offset) in [(10, 0), (25, 40)] {
                all.push(Pair {
                    logsql: format!(
                        "service:=bank | sort by ({field}{word}, n{word}) offset {offset} limit {limit} | fields n"
                    ),
                    sql: format!(
                        "SELECT n FROM logs WHERE service = 'bank' ORDER BY {column} {order}, n {order} \
                         LIMIT {limit} OFFSET {offset}"
                    ),
                    is_ordered: true,
                });
            }
        }
    }
    for (by, column) in [("service", "service"), ("status", "status"), ("level", "level")] {
        all.push(Pair {
            logsql: format!("* | top 5 by ({by})"),
            sql: format!(
                "SELECT {column}, count(*) c FROM logs GROUP BY 1 ORDER BY c DESC, 1 LIMIT 5"
            ),
            is_ordered: true,
        });
    }
    all.push(Pair {
        logsql: "error | limit 20 | fields n".to_owned(),
        sql: format!(
            "SELECT n FROM logs WHERE {} ORDER BY timestamp DESC, n DESC LIMIT 20",
            phrase("message", "error", "")
        ),
        is_ordered: true,
    });
    all.push(pair(
        "* | math ms * 2 + status as x | stats max(x) most, min(x) least",
        "SELECT max(ms * 2 + status), min(ms * 2 + status) FROM logs",
    ));
    all
}
