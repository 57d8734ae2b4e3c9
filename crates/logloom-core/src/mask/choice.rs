//! What the settings choose: the literals to search for, and who judges each of them.

use std::sync::Arc;

use super::bytes::{ALPHANUMERIC, DOTTED as NAME, TOKEN, is_in};
use super::prefilter::{Beside, Literal};
use super::rule::MaskRule;
use super::{Kind, Place, chosen, home, kinds, named};
use crate::settings::MaskSettings;

/// Who decides whether a literal is part of a secret.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    pub(super) who: Who,
    /// Bytes of the literal.
    pub(super) length: usize,
    /// Bytes of the secret's prefix before it.
    pub(super) before: usize,
}

/// Who decides.
#[derive(Clone, Debug)]
pub(super) enum Who {
    /// A kind of the table.
    Kind(&'static Kind),
    /// A rule of one's own.
    Rule(Arc<MaskRule>),
    /// The names of secret fields.
    Name,
    /// Home directories.
    Home,
}

impl Judge {
    /// What is asked about a literal at `at`.
    pub(super) fn place<'t>(&self, bytes: &'t [u8], is_json: bool, at: usize) -> Place<'t> {
        Place { bytes, is_json, at, anchor: &bytes[at..at + self.length], before: self.before }
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
                lists.add(anchor, beside(anchor), Who::Kind(kind), kind.before(anchor));
            }
        }
        for rule in &settings.rules {
            let rule = Arc::new(rule.clone());
            lists.add(&rule.prefix.clone(), BODY, Who::Rule(rule), 0);
        }
        if settings.home_paths {
            for anchor in home::ANCHORS {
                lists.add(anchor, BODY, Who::Home, 0);
            }
        }
        for anchor in named::ANCHORS {
            let is_end = anchor.bytes().all(|byte| is_in(byte, NAME));
            lists.add(anchor, if is_end { Beside::Name } else { BODY }, Who::Name, 0);
        }
        for anchor in named::ESCAPED_ANCHORS {
            lists.add(anchor, BODY, Who::Name, 0);
        }
        for anchor in named::FULL_WIDTH_ANCHORS {
            lists.add(anchor, BODY, Who::Name, 0);
        }
        for anchor in named::WIDE_NAMES {
            lists.add(anchor, BODY, Who::Name, 0);
            let escaped = named::escaped_variants(anchor).into_iter();
            for escaped in escaped.chain(named::percent_variants(anchor)) {
                lists.add(&escaped, BODY, Who::Name, 0);
            }
        }
        for anchor in settings.fields.iter().flat_map(|field| named::variants(field)) {
            let known = || named::ANCHORS.iter().chain(named::WIDE_NAMES);
            let is_found = known().any(|known| anchor.ends_with(known));
            if is_found {
                continue;
            }
            for escaped in named::escaped_variants(&anchor) {
                lists.add(&escaped, BODY, Who::Name, 0);
            }
            if anchor.len() >= 3 {
                lists.add(&anchor, Beside::Name, Who::Name, 0);
            }
        }
        lists.finish(chosen(&settings.shapes, "named"))
    }
}

/// What follows the prefix of a key.
const BODY: Beside = Beside::Behind(TOKEN);

/// What a kind's anchor of three characters stands beside.
fn beside(anchor: &str) -> Beside {
    match anchor {
        "://" | ":AA" => Beside::Before(ALPHANUMERIC),
        // `///` is in most programs.
        _ if anchor.ends_with("//") => Beside::Behind(ALPHANUMERIC),
        _ => BODY,
    }
}

/// The literals and judges gathered so far.
#[derive(Default)]
struct Lists(Vec<(Literal, Vec<Judge>)>);

impl Lists {
    fn add(&mut self, text: &str, beside: Beside, who: Who, before: usize) {
        let judge = Judge { who, length: text.len(), before };
        let literal = Literal { text: text.to_owned(), beside };
        match self.0.iter_mut().find(|entry| entry.0 == literal) {
            // All names have one judge.
            Some((_, judges))
                if matches!(judge.who, Who::Name)
                    && judges.iter().any(|other| matches!(other.who, Who::Name)) => {}
            Some((_, judges)) => judges.push(judge),
            None => self.0.push((literal, vec![judge])),
        }
    }

    fn finish(self, in_text: bool) -> Choice {
        let (literals, judges) = self.0.into_iter().unzip();
        Choice { literals, judges, in_text }
    }
}
