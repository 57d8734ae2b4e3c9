//! A filter made ready to look at many lines.
//!
//! Takes a [`Filter`] once and lines one after the other, says yes or no. Keeps no state between
//! lines, so that one matcher may serve several threads. Costs: a condition on a field walks the
//! line up to that field; a text search runs over the raw line first, and only a line that may
//! hold the text is taken apart.

use logloom_record::Level;
use logloom_record::time::parse_timestamp;
use memchr::{memchr, memmem::Finder};

use crate::line::escape;
use crate::{Filter, LineView, RawValue};

/// A compiled [`Filter`].
#[derive(Clone, Debug)]
pub struct Matcher {
    root: Node,
}

impl Matcher {
    pub(crate) fn new(filter: &Filter) -> Self {
        Self { root: Node::new(filter) }
    }

    /// Whether this line is wanted. Never panics, whatever the bytes.
    ///
    /// A line that is not one complete JSON object has no fields: conditions on fields say neither
    /// yes nor no of it, and it is wanted only if the searches of its raw text decide alone.
    #[must_use]
    pub fn matches(&self, line: &[u8]) -> bool {
        let view = LineView::new(line);
        self.root.holds(&view) && (self.root.holds_raw(line) == Some(true) || view.is_well_formed())
    }
}

#[derive(Clone, Debug)]
enum Node {
    Always,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    LevelAtLeast(Level),
    TimeRange { from: i64, until: Option<i64> },
    Field { path: String, test: FieldTest },
    Contains(Box<TextSearch>),
}

#[derive(Clone, Debug)]
enum FieldTest {
    Equals(String),
    Prefix(String),
    Contains(Box<Finder<'static>>),
}

impl Node {
    fn new(filter: &Filter) -> Self {
        let list = |all: &[Filter]| all.iter().map(Node::new).collect();
        let field = |path: &str, test| Node::Field { path: path.to_owned(), test };
        match filter {
            Filter::Always => Node::Always,
            Filter::And(all) => Node::And(list(all)),
            Filter::Or(all) => Node::Or(list(all)),
            Filter::Not(inner) => Node::Not(Box::new(Node::new(inner))),
            Filter::LevelAtLeast(level) => Node::LevelAtLeast(*level),
            Filter::TimeRange { from, until } => {
                Node::TimeRange { from: from.unwrap_or(i64::MIN), until: *until }
            }
            Filter::Service(name) => field("service", FieldTest::Equals(name.clone())),
            Filter::FieldEquals { path, value } => field(path, FieldTest::Equals(value.clone())),
            Filter::FieldPrefix { path, prefix } => field(path, FieldTest::Prefix(prefix.clone())),
            Filter::FieldContains { path, text } => {
                field(path, FieldTest::Contains(Box::new(Finder::new(text).into_owned())))
            }
            Filter::Contains(text) => Node::Contains(Box::new(TextSearch::new(text))),
        }
    }

    /// The answer for a line that is believed to be well formed.
    fn holds(&self, line: &LineView<'_>) -> bool {
        match self {
            Node::Always => true,
            Node::And(all) => all.iter().all(|node| node.holds(line)),
            Node::Or(all) => all.iter().any(|node| node.holds(line)),
            Node::Not(inner) => !inner.holds(line),
            Node::LevelAtLeast(least) => level_of(line).is_some_and(|level| level >= *least),
            Node::TimeRange { from, until } => {
                let is_before = |time| until.is_none_or(|until| time < until);
                time_of(line).is_some_and(|time| *from <= time && is_before(time))
            }
            Node::Field { path, test } => test.holds(line.get(path)),
            Node::Contains(search) => search.holds(line),
        }
    }

    /// The answer that the raw text alone gives, `None` where fields would be needed.
    fn holds_raw(&self, line: &[u8]) -> Option<bool> {
        match self {
            Node::Always => Some(true),
            Node::And(all) => decide(all, line, false),
            Node::Or(all) => decide(all, line, true),
            Node::Not(inner) => inner.holds_raw(line).map(|holds| !holds),
            Node::Contains(search) => Some(search.holds_raw(line)),
            Node::LevelAtLeast(_) | Node::TimeRange { .. } | Node::Field { .. } => None,
        }
    }
}

/// Joins answers of which one may be enough: `decisive` settles it, an unknown one leaves it open.
fn decide(all: &[Node], line: &[u8], decisive: bool) -> Option<bool> {
    let mut answer = Some(!decisive);
    for node in all {
        match node.holds_raw(line) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

fn level_of(line: &LineView<'_>) -> Option<Level> {
    Level::parse(&line.get("level")?.text()).ok()
}

fn time_of(line: &LineView<'_>) -> Option<i64> {
    parse_timestamp(&line.get("timestamp")?.text())
}

impl FieldTest {
    fn holds(&self, value: Option<RawValue<'_>>) -> bool {
        let Some(value) = value else {
            return matches!(self, FieldTest::Equals(wanted) if wanted.is_empty());
        };
        match self {
            FieldTest::Equals(wanted) => value.equals_text(wanted),
            FieldTest::Prefix(prefix) => value.text().starts_with(prefix.as_str()),
            FieldTest::Contains(finder) => {
                value.any_leaf(&mut |leaf| finder.find(leaf.as_bytes()).is_some())
            }
        }
    }
}

/// Looks for a text in all values of a line.
#[derive(Clone, Debug)]
struct TextSearch {
    plain: Finder<'static>,
    /// The text as it stands inside a JSON string.
    escaped: Finder<'static>,
}

impl TextSearch {
    fn new(text: &str) -> Self {
        Self {
            plain: Finder::new(text).into_owned(),
            escaped: Finder::new(&escape(text)).into_owned(),
        }
    }

    fn holds(&self, line: &LineView<'_>) -> bool {
        // JSON can write any character as an escape, so a line that holds a backslash is taken
        // apart although the text does not stand there literally.
        let raw = line.raw();
        if self.escaped.find(raw).is_none()
            && self.plain.find(raw).is_none()
            && memchr(b'\\', raw).is_none()
        {
            return false;
        }
        let mut members = line.members();
        let found = members.by_ref().any(|(_, value)| {
            value.any_leaf(&mut |leaf| self.plain.find(leaf.as_bytes()).is_some())
        });
        found || (!line.is_well_formed() && self.holds_raw(raw))
    }

    fn holds_raw(&self, line: &[u8]) -> bool {
        self.plain.find(line).is_some() || self.escaped.find(line).is_some()
    }
}

#[cfg(test)]
mod tests;
