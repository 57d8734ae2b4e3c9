//! What the settings choose: the literals to search for, and who judges each of them.

use std::sync::Arc;

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
    /// Literals, a group for each search.
    pub(super) literals: Vec<Vec<String>>,
    /// The judges of each literal, by its number over all groups.
    pub(super) judges: Vec<Vec<Judge>>,
    /// Whether secret names count in running text, and not only as names of fields.
    pub(super) in_text: bool,
}

/// Groups of literals that are searched for together.
#[derive(Clone, Copy)]
enum Group {
    Shapes,
    Names,
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
                lists.add(Group::Shapes, anchor, |length| Judge::Kind(kind, length));
            }
        }
        for rule in &settings.rules {
            let rule = Arc::new(rule.clone());
            lists.add(Group::Shapes, &rule.prefix.clone(), |length| {
                Judge::Rule(rule.clone(), length)
            });
        }
        if settings.home_paths {
            for anchor in home::ANCHORS {
                lists.add(Group::Shapes, anchor, Judge::Home);
            }
        }
        for anchor in named::ANCHORS {
            lists.add(Group::Names, anchor, Judge::Name);
        }
        for anchor in settings.fields.iter().flat_map(|field| named::variants(field)) {
            let is_found = named::ANCHORS.iter().any(|known| anchor.contains(known));
            if !is_found && anchor.len() >= 2 {
                lists.add(Group::Names, &anchor, Judge::Name);
            }
        }
        lists.finish(chosen(&settings.shapes, "named"))
    }
}

/// The literals and judges gathered so far.
#[derive(Default)]
struct Lists {
    groups: [Vec<(String, Vec<Judge>)>; 2],
}

impl Lists {
    fn add(&mut self, group: Group, literal: &str, judge: impl Fn(usize) -> Judge) {
        let judge = judge(literal.len());
        let all = self.groups.iter_mut().flatten();
        if let Some((_, judges)) = all.into_iter().find(|entry| entry.0 == literal) {
            judges.push(judge);
            return;
        }
        self.groups[group as usize].push((literal.to_owned(), vec![judge]));
    }

    fn finish(self, in_text: bool) -> Choice {
        let mut choice = Choice { in_text, ..Choice::default() };
        for group in self.groups {
            let (literals, judges): (Vec<String>, Vec<Vec<Judge>>) = group.into_iter().unzip();
            choice.literals.push(literals);
            choice.judges.extend(judges);
        }
        choice
    }
}
