//! A filter made ready to look at many lines.
//!
//! Takes a [`Filter`] once and lines one after the other, says yes or no. Keeps no state between
//! lines, so that one matcher may serve several threads. Costs: a condition on a field walks the
//! line up to that field; a text search runs over the raw line first, and only a line that may
//! hold the text is taken apart.

mod field;
mod fields;
mod needle;
mod test;
mod text;
mod values;

use logloom_record::Level;
use logloom_record::time::parse_timestamp;

use crate::{DayRange, Filter, LineView, RawValue, Target, Test, WeekRange};
use field::Field;
use fields::FieldPair;
use logloom_record::line::Number;
use needle::Needle;
use text::TextNode;
use values::Values;

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

    /// The same for a line that is known to be one complete JSON object in valid UTF-8, as in a
    /// block that an index has been through. Spares the look at the whole of each line that is
    /// wanted; of any other line the answer may be wrong.
    #[must_use]
    pub fn matches_well_formed(&self, line: &[u8]) -> bool {
        self.root.holds(&LineView::new(line))
    }

    /// Whether one of these lines may be wanted; false is certain. Runs over the raw text alone, at
    /// some gigabytes a second, so that whole blocks without a text that is asked for need not be
    /// taken apart. Where the filter asks for no text, every block may hold something.
    #[must_use]
    pub fn may_match(&self, lines: &[u8]) -> bool {
        self.root.may_hold(lines)
    }
}

#[derive(Clone, Debug)]
enum Node {
    Always,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Level(Field, u8),
    TimeRange { field: Field, from: i64, until: Option<i64> },
    DayRange(Field, DayRange),
    WeekRange(Field, WeekRange),
    Never,
    Field { field: Field, test: FieldTest, needles: Vec<Needle> },
    CompareFields(FieldPair),
    Text(Box<TextNode>),
}

#[derive(Clone, Debug)]
enum FieldTest {
    Equals(String),
    In(Vec<String>),
    InMany(Values),
    Exists,
    Prefix(String),
}

/// Values that are compared one by one; more are looked up.
const VALUES_COMPARED_MAX: usize = 16;

impl Node {
    fn new(filter: &Filter) -> Self {
        let list = |all: &[Filter]| all.iter().map(Node::new).collect();
        let field = |path: &str, test: FieldTest| {
            let needles = test.needles();
            Node::Field { field: Field::new(path), test, needles }
        };
        let contains = |target: Target, text: &str| {
            Node::Text(Box::new(TextNode::new(&target, &Test::Contains(text.to_owned()))))
        };
        match filter {
            Filter::Always => Node::Always,
            Filter::And(all) => Node::And(list(all)),
            Filter::Or(all) => Node::Or(list(all)),
            Filter::Not(inner) => Node::Not(Box::new(Node::new(inner))),
            Filter::LevelAtLeast(least) => {
                levels(Level::ALL.iter().filter(|level| *level >= least))
            }
            Filter::LevelIn(wanted) => levels(wanted.iter()),
            Filter::TimeRange { from, until } => {
                let from = from.unwrap_or(i64::MIN);
                Node::TimeRange { field: Field::new("timestamp"), from, until: *until }
            }
            Filter::DayRange(range) => Node::DayRange(Field::new("timestamp"), *range),
            Filter::WeekRange(range) => Node::WeekRange(Field::new("timestamp"), *range),
            Filter::Service(name) => field("service", FieldTest::Equals(name.clone())),
            Filter::FieldEquals { path, value } => field(path, FieldTest::Equals(value.clone())),
            Filter::FieldIn { path, values } => field(path, FieldTest::one_of(values)),
            Filter::FieldOf { .. } => Node::Never,
            Filter::FieldExists { path } => field(path, FieldTest::Exists),
            // Every text begins with nothing, that of a field which is not there as well.
            Filter::FieldPrefix { path, prefix } if prefix.is_empty() => Node::Or(vec![
                field(path, FieldTest::Equals(String::new())),
                field(path, FieldTest::Prefix(String::new())),
            ]),
            Filter::FieldPrefix { path, prefix } => field(path, FieldTest::Prefix(prefix.clone())),
            Filter::FieldContains { path, text } => contains(Target::Path(path.clone()), text),
            Filter::Contains(text) => contains(Target::Any, text),
            Filter::CompareFields { path, order, other } => {
                let (field, other) = (Field::new(path), Field::new(other));
                Node::CompareFields(FieldPair { field, order: *order, other })
            }
            Filter::Test { target, test } => Node::Text(Box::new(TextNode::new(target, test))),
        }
    }

    /// The answer for a line that is believed to be well formed.
    fn holds(&self, line: &LineView<'_>) -> bool {
        match self {
            Node::Always => true,
            Node::And(all) => all.iter().all(|node| node.holds(line)),
            Node::Or(all) => all.iter().any(|node| node.holds(line)),
            Node::Not(inner) => !inner.holds(line),
            Node::Level(field, mask) => {
                level_of(field, line).is_some_and(|level| mask & bit(level) != 0)
            }
            Node::TimeRange { field, from, until } => {
                let is_before = |time| until.is_none_or(|until| time < until);
                time_of(field, line).is_some_and(|time| *from <= time && is_before(time))
            }
            Node::DayRange(field, range) => {
                time_of(field, line).is_some_and(|time| range.contains(time))
            }
            Node::WeekRange(field, range) => {
                time_of(field, line).is_some_and(|time| range.contains(time))
            }
            Node::Never => false,
            Node::Field { field, test, .. } => test.holds(field.value(line)),
            Node::CompareFields(pair) => pair.holds(line),
            Node::Text(text) => text.holds(line),
        }
    }

    /// The answer that the raw text alone gives, `None` where fields would be needed.
    fn holds_raw(&self, line: &[u8]) -> Option<bool> {
        match self {
            Node::Always => Some(true),
            Node::And(all) => decide(all, line, false),
            Node::Or(all) => decide(all, line, true),
            Node::Not(inner) => inner.holds_raw(line).map(|holds| !holds),
            Node::Never => Some(false),
            Node::Text(text) => text.holds_raw(line),
            Node::Level(..)
            | Node::TimeRange { .. }
            | Node::DayRange(..)
            | Node::WeekRange(..)
            | Node::CompareFields(_)
            | Node::Field { .. } => None,
        }
    }

    /// Whether the raw text leaves it open that one of these lines holds.
    fn may_hold(&self, lines: &[u8]) -> bool {
        match self {
            Node::Always
            | Node::Not(_)
            | Node::Level(..)
            | Node::TimeRange { .. }
            | Node::DayRange(..)
            | Node::WeekRange(..)
            | Node::CompareFields(_) => true,
            Node::Never => false,
            Node::And(all) => all.iter().all(|node| node.may_hold(lines)),
            Node::Or(all) => all.iter().any(|node| node.may_hold(lines)),
            Node::Field { needles, .. } => {
                needles.is_empty() || needles.iter().any(|needle| needle.may_be_in(lines))
            }
            Node::Text(text) => text.may_hold(lines),
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

fn levels<'l>(wanted: impl Iterator<Item = &'l Level>) -> Node {
    Node::Level(Field::new("level"), wanted.fold(0, |mask, level| mask | bit(*level)))
}

fn bit(level: Level) -> u8 {
    1 << (level as u8 - 1)
}

fn level_of(field: &Field, line: &LineView<'_>) -> Option<Level> {
    Level::from_name(field.value(line)?.text().trim())
}

fn time_of(field: &Field, line: &LineView<'_>) -> Option<i64> {
    parse_timestamp(&field.value(line)?.text())
}

impl FieldTest {
    fn one_of(values: &[String]) -> Self {
        match values.len() {
            0..=VALUES_COMPARED_MAX => FieldTest::In(values.to_vec()),
            _ => FieldTest::InMany(Values::new(values)),
        }
    }

    fn holds(&self, value: Option<RawValue<'_>>) -> bool {
        let Some(value) = value else { return self.holds_without_value() };
        match self {
            FieldTest::Equals(wanted) => value.equals_text(wanted),
            FieldTest::In(values) => values.iter().any(|wanted| value.equals_text(wanted)),
            FieldTest::InMany(values) => values.contain(&value),
            FieldTest::Exists => !value.equals_text(""),
            FieldTest::Prefix(prefix) => value.text().starts_with(prefix.as_str()),
        }
    }

    fn holds_without_value(&self) -> bool {
        match self {
            FieldTest::Equals(wanted) => wanted.is_empty(),
            FieldTest::In(values) => values.iter().any(String::is_empty),
            FieldTest::InMany(values) => values.contain_empty(),
            _ => false,
        }
    }

    /// The texts of which one stands in every line for which this holds; empty where there is
    /// none that must.
    fn needles(&self) -> Vec<Needle> {
        let values: Vec<&str> = match self {
            FieldTest::Equals(wanted) => vec![wanted],
            FieldTest::In(values) => values.iter().map(String::as_str).collect(),
            FieldTest::Prefix(prefix) => vec![prefix],
            FieldTest::InMany(_) | FieldTest::Exists => return Vec::new(),
        };
        let is_sure = |value: &&str| match self {
            FieldTest::Prefix(prefix) => !prefix.is_empty(),
            // A number may be written in other ways.
            _ => !value.is_empty() && Number::parse(value.as_bytes()).is_none(),
        };
        match values.iter().all(is_sure) {
            true => values.into_iter().map(Needle::new).collect(),
            false => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
