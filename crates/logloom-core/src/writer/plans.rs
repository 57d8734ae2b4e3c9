//! What the dictionary says, prepared for rendering: a plan for each call site, names for keys.

use std::collections::HashSet;
use std::sync::OnceLock;

use logloom_record::dialect::loom::{KeyPlan, KeyTable, LoomOptions, SitePlan};
use logloom_record::wire::dictionary::{Body, Entries};
use logloom_record::{Level, SiteDescription};
use logloom_ring::Segment;

/// A call site, ready to be rendered.
pub(super) struct Site {
    pub(super) plan: SitePlan,
    pub(super) level: Level,
    pub(super) module: String,
    pub(super) place: String,
    pub(super) fields: usize,
    /// Whether secrets can only stand in what its records bring; known once it was asked.
    pub(super) is_plain: OnceLock<bool>,
}

impl Site {
    pub(super) fn new(site: &SiteDescription, options: &LoomOptions) -> Self {
        Self {
            plan: SitePlan::new(site, options),
            level: site.level,
            module: site.module.to_string(),
            place: format!("{}:{}", site.file, site.line),
            fields: site.fields.len(),
            is_plain: OnceLock::new(),
        }
    }
}

/// How a record refers to its site.
pub(super) enum Reference {
    /// By its number; the plans have it.
    Known(u32),
    /// It describes its site itself.
    Inline(Box<Site>),
}

impl Reference {
    /// The site, which has been found before.
    #[inline]
    pub(super) fn site<'s>(&'s self, plans: &'s Plans) -> Option<&'s Site> {
        match self {
            Self::Known(id) => plans.known(*id),
            Self::Inline(site) => Some(site),
        }
    }
}

/// Everything read from a segment's dictionary so far.
pub(super) struct Plans {
    /// By number: numbers are given in sequence, so the list has few holes.
    sites: Vec<Option<Box<Site>>>,
    keys: Keys,
    read: u64,
}

/// A dictionary of half a mebibyte holds fewer sites and keys; a greater number is damage.
const NUMBER_MAX: usize = 1 << 20;

/// Keys by number, in a list as the sites are.
#[derive(Default)]
pub(super) struct Keys {
    all: Vec<Option<PlannedKey>>,
    /// Names that a number has.
    names: HashSet<Box<str>>,
}

struct PlannedKey {
    name: Box<str>,
    /// `None` where another number has the same name, as only in a damaged dictionary.
    plan: Option<KeyPlan>,
}

impl Keys {
    fn insert(&mut self, id: u32, name: String, options: &LoomOptions) {
        let index = id as usize;
        if index >= NUMBER_MAX {
            return;
        }
        if index >= self.all.len() {
            self.all.resize_with(index + 1, || None);
        }
        let name: Box<str> = name.into();
        let is_first = self.names.insert(name.clone());
        let plan = is_first.then(|| KeyPlan::new(&name, options));
        self.all[index] = Some(PlannedKey { name, plan });
    }

    fn get(&self, id: u32) -> Option<&PlannedKey> {
        self.all.get(id as usize)?.as_ref()
    }
}

impl KeyTable for Keys {
    fn key(&self, id: u32) -> Option<&str> {
        self.get(id).map(|key| &*key.name)
    }

    fn plan(&self, id: u32) -> Option<&KeyPlan> {
        self.get(id)?.plan.as_ref()
    }
}

impl Plans {
    pub(super) fn new() -> Self {
        Self { sites: Vec::new(), keys: Keys::default(), read: 0 }
    }

    /// Reads what has been committed since the last time.
    pub(super) fn update(&mut self, segment: &Segment, options: &LoomOptions) {
        let fresh = segment.dictionary(self.read);
        if fresh.is_empty() {
            return;
        }
        // Entries are committed whole; one that makes no sense ends what can be read.
        for entry in Entries::new(fresh).map_while(Result::ok) {
            match entry.body {
                Body::Site(site) => {
                    self.insert(entry.id, Box::new(Site::new(&site, options)));
                }
                Body::Key(key) => {
                    self.keys.insert(entry.id, key, options);
                }
                Body::Source(_) => {}
            }
        }
        self.read += fresh.len() as u64;
    }

    /// The site with this number, looking again at the dictionary when it is new.
    pub(super) fn site(
        &mut self,
        segment: &Segment,
        options: &LoomOptions,
        id: u32,
    ) -> Option<&Site> {
        if self.known(id).is_none() {
            self.update(segment, options);
        }
        self.known(id)
    }

    /// The site with this number, if it was met before.
    #[inline]
    fn known(&self, id: u32) -> Option<&Site> {
        self.sites.get(id as usize)?.as_deref()
    }

    fn insert(&mut self, id: u32, site: Box<Site>) {
        let index = id as usize;
        if index >= NUMBER_MAX {
            return;
        }
        if index >= self.sites.len() {
            self.sites.resize_with(index + 1, || None);
        }
        self.sites[index] = Some(site);
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }
}
