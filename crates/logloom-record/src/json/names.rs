//! Names within one object, each used once: a name that is taken gets a trailing underscore.

use std::borrow::Cow;
use std::collections::HashSet;

/// As many names are compared one by one before a hash table pays.
const LINEAR_MAX: usize = 16;
/// As many underscores are tried before the number of the name in its object is added.
const UNDERSCORES_MAX: usize = 4;

/// The names used so far.
#[derive(Default)]
pub(crate) struct NameSet<'n> {
    few: Vec<Cow<'n, str>>,
    many: HashSet<Cow<'n, str>>,
}

impl<'n> NameSet<'n> {
    fn contains(&self, name: &str) -> bool {
        match self.many.is_empty() {
            true => self.few.iter().any(|used| used == name),
            false => self.many.contains(name),
        }
    }

    fn insert(&mut self, name: Cow<'n, str>) {
        if self.few.len() < LINEAR_MAX {
            self.few.push(name);
        } else {
            if self.many.is_empty() {
                self.many.extend(self.few.iter().cloned());
            }
            self.many.insert(name);
        }
    }

    fn len(&self) -> usize {
        self.few.len().max(self.many.len())
    }

    /// The name itself, or with underscores where it is used already or `is_reserved`. Beyond four
    /// of them a number is added, so that a thousand equal names do not grow without measure.
    pub(crate) fn unique(
        &mut self,
        name: Cow<'n, str>,
        is_reserved: impl Fn(&str) -> bool,
    ) -> Cow<'n, str> {
        let mut unique = name.clone();
        let mut tries = 0;
        while self.contains(&unique) || is_reserved(&unique) {
            tries += 1;
            unique = match tries {
                ..=UNDERSCORES_MAX => Cow::Owned(format!("{unique}_")),
                _ => Cow::Owned(format!("{name}_{}", self.len() + tries - UNDERSCORES_MAX)),
            };
        }
        self.insert(unique.clone());
        unique
    }
}
