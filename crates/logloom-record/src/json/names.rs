//! Names within one object, each used once: a name that is taken gets a trailing underscore.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::wire::text;

/// As many names need no memory of their own.
const FIRST: usize = 8;
/// As many names are compared one by one before a hash table pays.
const LINEAR_MAX: usize = 16;
/// As many underscores are tried before the number of the name in its object is added.
const UNDERSCORES_MAX: usize = 4;

/// The names used so far.
pub(crate) struct NameSet<'n> {
    first: [Cow<'n, str>; FIRST],
    /// How many of the first there are.
    count: usize,
    /// Those behind the first.
    few: Vec<Cow<'n, str>>,
    /// All of them, once they are many.
    many: Option<HashSet<Cow<'n, str>>>,
}

/// The names of an object. As long as they are few, all different and plain ASCII, they are compared as
/// bytes and not looked at as text.
pub(super) struct ObjectNames<'n> {
    plain: [&'n [u8]; FIRST],
    count: usize,
    /// All of them, once one was not so.
    all: Option<NameSet<'n>>,
}

impl Default for ObjectNames<'_> {
    #[inline]
    fn default() -> Self {
        Self { plain: [&[]; FIRST], count: 0, all: None }
    }
}

impl<'n> ObjectNames<'n> {
    /// Uses a plain name as it stands; `false` where that is not known to be free.
    #[inline]
    pub(super) fn take_plain(&mut self, name: &'n [u8]) -> bool {
        if self.all.is_some() || self.plain[..self.count].contains(&name) {
            return false;
        }
        let Some(place) = self.plain.get_mut(self.count) else { return false };
        *place = name;
        self.count += 1;
        true
    }

    /// The names so far, as text; from here on no other ones are taken.
    pub(super) fn all(&mut self) -> &mut NameSet<'n> {
        self.all.get_or_insert_with(|| {
            let mut all = NameSet::default();
            self.plain[..self.count].iter().for_each(|name| all.insert(text(name)));
            all
        })
    }
}

impl Default for NameSet<'_> {
    #[inline]
    fn default() -> Self {
        let first = [const { Cow::Borrowed("") }; FIRST];
        Self { first, count: 0, few: Vec::new(), many: None }
    }
}

impl<'n> NameSet<'n> {
    fn contains(&self, name: &str) -> bool {
        match &self.many {
            None => self.listed().any(|used| used == name),
            Some(many) => many.contains(name),
        }
    }

    /// All names, unless they are many.
    #[inline]
    fn listed(&self) -> impl Iterator<Item = &Cow<'n, str>> {
        self.first[..self.count].iter().chain(&self.few)
    }

    fn insert(&mut self, name: Cow<'n, str>) {
        if let Some(place) = self.first.get_mut(self.count) {
            *place = name;
            self.count += 1;
        } else if self.count + self.few.len() < LINEAR_MAX {
            self.few.push(name);
        } else {
            let mut many = self.many.take().unwrap_or_else(|| self.listed().cloned().collect());
            many.insert(name);
            self.many = Some(many);
        }
    }

    fn len(&self) -> usize {
        self.many.as_ref().map_or(self.count + self.few.len(), HashSet::len)
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
