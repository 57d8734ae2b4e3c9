//! What the settings choose: the literals to search for, and who judges each of them.

use std::sync::Arc;

use super::bytes::{ALPHANUMERIC, TOKEN};
use super::prefilter::{Beside, Literal};
use super::rule::MaskRule;
use super::{Kind, chosen, home, kinds, named};
use crate::settings::MaskSettings;

/// Who decides whether a literal is part of a secret. The number is the length of the literal.
#[derive(Clone, Debug)]
pub(super) enum Judge {
    /// A kind of the table.
    Kind(&'static Kind, usize),
    /// A rule of one's own.
    Rule(Arc<MaskRule>, usize),
    /// The names of secret fields.
    Name(usize),
    /// Home directories.
    Home(usize),
}

impl Judge {
    pub(super) fn anchor_len(&self) -> usize {
        match self {
            Judge::Kind(_, length)
            | Judge::Rule(_, length)
            | Judge::Name(length)
            | Judge::Home(length) => *length,
        }
    }
}

/// Everything that is searched for.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// The literals.
    pub(super) literals: Vec<Literal>,
    /// The judges of each literal.
    pub(super) judges: Vec<Vec<Judge>>,
    /// Whether secret names count in running text, and not only as names of fields.
    pub(super) in_text: bool,
}

impl Choice {
    pub(super) fn of(settings: &MaskSettings) -> Self {
        let mut lists = Lists::default();
        if !settings.enabled {
            return lists.finish(false);
        }
        // Code before shapes: the longest prefix of those that share an anchor stands first in a table.
        let wanted = kinds().filter(|kind| {
            chosen(&settings.shapes, kind.group) || chosen(&settings.shapes, kind.name)
        });
        for kind in wanted {
            for anchor in kind.anchors {
                lists.add(anchor, beside(anchor), |length| Judge::Kind(kind, length));
            }
        }
        for rule in &settings.rules {
            let rule = Arc::new(rule.clone());
            lists.add(&rule.prefix.clone(), BODY, |length| Judge::Rule(rule.clone(), length));
        }
        if settings.home_paths {
            for anchor in home::ANCHORS {
                lists.add(anchor, BODY, Judge::Home);
            }
        }
        for anchor in named::ANCHORS {
            lists.add(anchor, Beside::Divider, Judge::Name);
        }
        for anchor in settings.fields.iter().flat_map(|field| named::variants(field)) {
            let is_found = named::ANCHORS.iter().any(|known| anchor.contains(known));
            if !is_found && anchor.len() >= 3 {
                lists.add(&anchor, Beside::Divider, Judge::Name);
            }
        }
        lists.finish(chosen(&settings.shapes, "named"))
    }
}

/// What follows the prefix of a key.
const BODY: Beside = Beside::Behind(TOKEN);

/// What a kind's anchor of three characters stands beside.
fn beside(anchor: &str) -> Beside {
    if anchor.starts_with(':') { Beside::Before(ALPHANUMERIC) } else { BODY }
}

/// The literals and judges gathered so far.
#[derive(Default)]
struct Lists(Vec<(Literal, Vec<Judge>)>);

impl Lists {
    fn add(&mut self, text: &str, beside: Beside, judge: impl Fn(usize) -> Judge) {
        let judge = judge(text.len());
        let literal = Literal { text: text.to_owned(), beside };
        match self.0.iter_mut().find(|entry| entry.0 == literal) {
            Some((_, judges)) => judges.push(judge),
            None => self.0.push((literal, vec![judge])),
        }
    }

    fn finish(self, in_text: bool) -> Choice {
        let (literals, judges) = self.0.into_iter().unzip();
        Choice { literals, judges, in_text }
    }
}
