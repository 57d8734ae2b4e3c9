//! The kinds of secrets that are known by their shape: the table, and how a shape is compared.
//!
//! A kind names a literal that each of its secrets contains (`anchor`), which the search looks for,
//! and says exactly what must stand around it. Families of keys have a file each; what is no plain
//! sequence of runs (JWT, PEM, URLs) has code of its own.

mod ai;
mod bearer;
mod block;
mod cloud;
mod command;
mod hash;
mod jwt;
mod pgpass;
mod platforms;
mod services;
mod shape;
mod signed;
mod slack;
mod telegram;
mod url;

pub(super) use shape::Place;
use shape::Shape;

use super::hit::Hit;

/// Groups of kinds, as the setting `mask.shapes` names them.
pub const GROUPS: &[(&str, &str)] = &[
    ("api_keys", "keys and tokens of services and providers of models, known by their prefix"),
    ("cloud_keys", "keys of cloud providers"),
    ("bearer", "`Authorization: Bearer ...` and `Basic ...`"),
    ("jwt", "JSON Web Tokens"),
    ("pem", "private keys in PEM"),
    ("url", "user names with passwords, tokens and signatures in URLs, webhooks of chats"),
    ("commands", "passwords as arguments of commands, and in the files that those read"),
    ("hashes", "hashes of passwords"),
    ("named", "`password=...`, `api_key: ...` and the like, by the name and the look of the value"),
];

/// A kind of secret.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name, for `mask.shapes` and for reports: `github_token`.
    pub name: &'static str,
    /// The group it belongs to, one of [`GROUPS`].
    pub group: &'static str,
    /// What it looks like, for people.
    pub looks: &'static str,
    pub(super) anchors: &'static [&'static str],
    pub(super) finder: Finder,
}

/// How a kind is compared once an anchor was found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Finder {
    /// A prefix and runs of characters.
    Shape(Shape),
    /// Anything else.
    Code(fn(&Place<'_>) -> Option<Hit>),
}

/// All kinds, family by family.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    let families = [
        ai::KINDS,
        cloud::KINDS,
        platforms::KINDS,
        services::KINDS,
        slack::KINDS,
        telegram::KINDS,
        bearer::KINDS,
        jwt::KINDS,
        block::KINDS,
        url::KINDS,
        signed::KINDS,
        command::KINDS,
        pgpass::KINDS,
        hash::KINDS,
    ];
    families.into_iter().flatten()
}

impl Kind {
    /// A kind that is a prefix and runs; its anchor is the whole prefix or a part of it.
    const fn shaped(
        name: &'static str,
        group: &'static str,
        looks: &'static str,
        anchors: &'static [&'static str],
        shape: Shape,
    ) -> Kind {
        Kind { name, group, looks, anchors, finder: Finder::Shape(shape) }
    }

    /// Bytes of the prefix before the anchor.
    pub(super) fn before(&self, anchor: &str) -> usize {
        match self.finder {
            Finder::Shape(shape) => shape.offset(anchor).unwrap_or(0),
            Finder::Code(_) => 0,
        }
    }

    /// The secret at this place, if there is one of this kind.
    pub(super) fn find(&self, place: &Place<'_>) -> Option<Hit> {
        match self.finder {
            Finder::Shape(shape) => shape.find(place, self.name),
            Finder::Code(find) => find(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_groups_known() {
        let mut names: Vec<_> = all().map(|kind| kind.name).collect();
        names.extend(GROUPS.iter().map(|(name, _)| *name).filter(|name| *name != "jwt"));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for kind in all() {
            assert!(GROUPS.iter().any(|(name, _)| *name == kind.group), "{}", kind.group);
        }
    }

    #[test]
    fn sixty_kinds_are_known() {
        assert!(all().count() >= 60, "{}", all().count());
    }

    #[test]
    fn a_shape_contains_its_anchor() {
        for kind in all() {
            let Finder::Shape(shape) = kind.finder else { continue };
            for anchor in kind.anchors {
                assert!(shape.offset(anchor).is_some(), "{}: {anchor}", kind.name);
            }
        }
    }
}
