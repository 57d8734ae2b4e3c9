//! Records that say nothing: those of the empty lines of followed files.

use logloom_filter::LineView;

/// What such a record has all the same: when, of what level, and where it was read.
const HEAD: &[&str] =
    &["timestamp", "time_source", "level", "service", "module", "message", "path", "stream"];

/// Beginnings of names that tell which container the file belongs to.
const CONTAINER: &[&str] = &["k8s.", "container."];

/// Whether there is nothing to read in a record of a line: no message, which is left out of the record
/// then, and no field of its own.
pub(super) fn is_blank(line: &[u8]) -> bool {
    let view = LineView::new(line);
    let is_of_line = view.get("path").is_some() || view.get("stream").is_some();
    is_of_line
        && view.get("message").is_none_or(|text| text.text().trim().is_empty())
        && view.members().all(|(key, _)| {
            let name = key.text();
            HEAD.contains(&name.as_ref()) || CONTAINER.iter().any(|head| name.starts_with(head))
        })
}

#[cfg(test)]
mod tests {
    use super::is_blank;

    #[test]
    fn only_what_says_nothing_is_blank() {
        let head = r#"{"timestamp":"2026-11-21T10:00:00Z","level":"INFO","service":"term""#;
        for (rest, expect) in [
            (r#","message":"","path":"/var/log/apt/term.log","time_source":"arrival"}"#, true),
            (r#","message":" \t","path":"/x","k8s.pod":"p","container.id":"c"}"#, true),
            (r#","message":"x","path":"/x"}"#, false),
            (r#","message":"","path":"/x","user":1}"#, false),
            (r#","path":"/x","exception":{"type":"E"}}"#, false),
            (r#","path":"/var/log/apt/term.log"}"#, true),
            (r#","message":""}"#, false),
        ] {
            assert_eq!(is_blank(format!("{head}{rest}").as_bytes()), expect, "{rest}");
        }
        assert!(!is_blank(b"damaged") && !is_blank(b""));
    }
}
