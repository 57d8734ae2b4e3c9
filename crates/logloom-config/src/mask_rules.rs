//! Takes a file of mask rules, or a list of them in `logloom.yaml`, hands on the rules with their
//! examples; refuses unknown keys, rules that cannot work and more than one problem at a time never:
//! all are listed, each with its place.
//!
//! ```yaml
//! rules:
//!   - name: acme_token
//!     prefix: acme_
//!     alphabet: hex         # one of those in docs/masking.md; url_safe where it is not given
//!     length: 32            # or 32-64: characters behind the prefix
//!     keep: 5               # characters of the prefix that stay; all where it is not given
//!     masks: ["key acme_0123456789abcdef0123456789abcdef"]
//!     keeps: ["acme_short"]
//! ```

use std::path::Path;

use logloom_core::mask::MaskRule;
use logloom_core::settings::nearest;

use crate::file;
use crate::origin::Origin;
use crate::report::{Problem, Report};
use crate::value::{Entry, Node, Place, Value, quoted};
use crate::yaml;

/// The keys of a rule.
const KEYS: [&str; 7] = ["name", "prefix", "alphabet", "length", "keep", "masks", "keeps"];

/// A rule, with texts that show what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskRuleEntry {
    /// The rule.
    pub rule: MaskRule,
    /// Texts in which it must find something.
    pub masks: Vec<String>,
    /// Texts in which it must find nothing.
    pub keeps: Vec<String>,
}

/// What is wrong, and where.
pub(crate) struct RuleProblem {
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// Reads a file of rules. Blocks as long as the disk does.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_mask_rules(path: &Path) -> Result<Vec<MaskRuleEntry>, Report> {
    let name = path.display().to_string();
    let text = file::read(path).map_err(|message| {
        let origin = Origin::whole_file(&name);
        one(Problem { origin, key: String::new(), message, excerpt: None })
    })?;
    let root = yaml::parse(&name, &text).map_err(|problem| one(*problem))?;
    rules_of_file(&root).map_err(|problems| {
        let problem = |problem: &RuleProblem| {
            Problem::at(&problem.place, "rules", problem.message.clone(), &text)
        };
        Report { problems: problems.iter().map(problem).collect(), warnings: Vec::new() }
    })
}

fn one(problem: Problem) -> Report {
    Report { problems: vec![problem], warnings: Vec::new() }
}

/// The rules of a file: a list under `rules`.
fn rules_of_file(root: &Node) -> Result<Vec<MaskRuleEntry>, Vec<RuleProblem>> {
    let refuse =
        |place: &Place, message: String| Err(vec![RuleProblem { place: place.clone(), message }]);
    let Value::Section(entries) = &root.value else {
        let message = format!("expected a section with `rules`, found {}", root.found());
        return refuse(&root.place, message);
    };
    if let Some(other) = entries.iter().find(|entry| entry.key != "rules") {
        return refuse(
            &other.place,
            format!("unknown key {}, expected `rules`", quoted(&other.key)),
        );
    }
    match entries.first() {
        Some(rules) => rules_of(&rules.node),
        None => refuse(&root.place, "expected `rules`".to_owned()),
    }
}

/// The rules of a list.
pub(crate) fn rules_of(node: &Node) -> Result<Vec<MaskRuleEntry>, Vec<RuleProblem>> {
    let Value::List(items) = &node.value else {
        let message = format!("expected a list of rules, found {}", node.found());
        return Err(vec![RuleProblem { place: node.place.clone(), message }]);
    };
    let mut problems = Vec::new();
    let rules: Vec<MaskRuleEntry> =
        items.iter().filter_map(|item| rule(item, &mut problems)).collect();
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

fn rule(node: &Node, problems: &mut Vec<RuleProblem>) -> Option<MaskRuleEntry> {
    let before = problems.len();
    let mut tell = |place: &Place, message: String| {
        problems.push(RuleProblem { place: place.clone(), message })
    };
    let Value::Section(entries) = &node.value else {
        tell(
            &node.place,
            format!("expected a rule with `name` and `prefix`, found {}", node.found()),
        );
        return None;
    };
    let mut found = MaskRuleEntry {
        rule: MaskRule {
            name: String::new(),
            prefix: String::new(),
            keep: usize::MAX,
            alphabet: "url_safe".to_owned(),
            least: 0,
            most: 0,
        },
        masks: Vec::new(),
        keeps: Vec::new(),
    };
    for entry in entries {
        if let Err(message) = member(entry, &mut found) {
            tell(&entry.place, message);
        }
    }
    if found.rule.keep == usize::MAX {
        found.rule.keep = found.rule.prefix.len();
    }
    if let Some((field, message)) = found.rule.problem().filter(|_| problems.len() == before) {
        let place = entries
            .iter()
            .find(|entry| entry.key == field)
            .map_or(&node.place, |entry| &entry.place);
        problems.push(RuleProblem { place: place.clone(), message: format!("{field}: {message}") });
    }
    (problems.len() == before).then_some(found)
}

fn member(entry: &Entry, found: &mut MaskRuleEntry) -> Result<(), String> {
    let Entry { key, node, .. } = entry;
    let text = || match node.text() {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("{key}: expected text, found {}", node.found())),
    };
    match key.as_str() {
        "name" => found.rule.name = text()?,
        "prefix" => found.rule.prefix = text()?,
        "alphabet" => found.rule.alphabet = text()?,
        "keep" => {
            found.rule.keep = number(node).ok_or_else(|| expected(entry, "a whole number"))?
        }
        "length" => {
            let (least, most) =
                length(node).ok_or_else(|| expected(entry, "a number such as 32, or 32-64"))?;
            (found.rule.least, found.rule.most) = (least, most);
        }
        "masks" => found.masks = texts(entry)?,
        "keeps" => found.keeps = texts(entry)?,
        _ => {
            let hint = match nearest(key, KEYS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected one of {}", KEYS.join(", ")),
            };
            return Err(format!("unknown key {}, {hint}", quoted(key)));
        }
    }
    Ok(())
}

fn expected(entry: &Entry, what: &str) -> String {
    format!("{}: expected {what}, found {}", entry.key, entry.node.found())
}

fn number(node: &Node) -> Option<usize> {
    usize::try_from(node.integer()?).ok()
}

fn length(node: &Node) -> Option<(usize, usize)> {
    if let Some(number) = number(node) {
        return Some((number, number));
    }
    let (least, most) = node.text()?.split_once('-')?;
    Some((least.trim().parse().ok()?, most.trim().parse().ok()?))
}

fn texts(entry: &Entry) -> Result<Vec<String>, String> {
    let Value::List(items) = &entry.node.value else {
        return Err(expected(entry, "a list of texts"));
    };
    let text = |item: &Node| match item.text() {
        Some(text) => Ok(text.to_owned()),
        None => {
            Err(format!("{}: expected text, found {}; put it in quotes", entry.key, item.found()))
        }
    };
    items.iter().map(text).collect()
}
