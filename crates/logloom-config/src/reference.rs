//! Takes the table of keys, hands on the table of `docs/configuration.md`; refuses to leave a key
//! out.

use crate::keys::{Availability, Change, KEYS, Key};

/// The table of all keys in Markdown: key, default, what it takes, when a change takes effect, and
/// what it does. Ends in a newline.
pub fn reference() -> String {
    let mut out = String::from(
        "| key | default | takes | changes | meaning |\n| --- | --- | --- | --- | --- |\n",
    );
    for key in KEYS {
        out.push_str(&row(key));
    }
    out
}

fn row(key: &Key) -> String {
    let changes = match (key.availability, key.change) {
        (Availability::Later, _) => "not available yet",
        (Availability::Now, Change::Running) => "while running",
        (Availability::Now, Change::Restart) => "at a restart",
    };
    let path = key.path.replace('*', "MODULE");
    let (default, summary) = (key.default, key.summary);
    format!("| `{path}` | `{default}` | {} | {changes} | {summary} |\n", key.kind.expected())
}
