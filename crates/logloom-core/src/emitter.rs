//! Many records of one thread, as an import hands them over.
//!
//! Takes records, puts them into the thread's ring as [`crate::emit::record`] does, to the byte. What
//! does not change from one record to the next (settings, masks, the numbers of sites and keys) is
//! looked up once. Settings that change later are not seen: make a new one.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use logloom_record::names::SecretNames;
use logloom_record::wire::{self, SiteReference};
use logloom_record::{Level, Record};
use logloom_ring::front;

use crate::settings::Settings;
use crate::{emit, runtime};

/// Most names of fields, and most sites, that are remembered. Beyond it all are forgotten.
const REMEMBERED: usize = 4_096;

/// Most names of the record before that are remembered in their order.
const RECENT: usize = 64;

/// How many of them stand before the fields, as `service` does.
const LIFTED: usize = 8;

/// Hands over the records of one thread.
pub struct Emitter {
    settings: Arc<Settings>,
    secrets: Arc<SecretNames>,
    keys: HashMap<Arc<str>, Key, Seed>,
    /// The names of the record before, in their order: the next one mostly has the same.
    recent: Vec<Option<(Arc<str>, Key)>>,
    sites: HashMap<u64, Site, Seed>,
    bytes: Vec<u8>,
    /// Those of the fields of the record at hand.
    numbers: Vec<u32>,
}

/// What is known of the name of a field.
#[derive(Clone, Copy)]
struct Key {
    number: u32,
    is_secret: bool,
}

/// A site that a record was of.
struct Site {
    level: Level,
    module: Box<str>,
    template: Option<Box<str>>,
    reference: SiteReference,
}

impl Emitter {
    /// For the runtime of this process; `None` when it has none.
    #[must_use]
    pub fn new() -> Option<Self> {
        let handle = runtime::current()?;
        let seed = Seed(RandomState::new().hash_one(0_u64));
        Some(Self {
            settings: handle.settings(),
            secrets: handle.secret_names(),
            keys: HashMap::with_hasher(seed),
            recent: vec![None; RECENT],
            sites: HashMap::with_hasher(seed),
            bytes: Vec::new(),
            numbers: Vec::new(),
        })
    }

    /// Hands a record over. May block, and cuts, as [`crate::emit::record`] does.
    pub fn record(&mut self, record: &Record) {
        let has_secret = self.number_fields(record);
        let waits = self.settings.store.durability.waits(record.level);
        if waits || has_secret {
            return emit::record(record);
        }
        let site = self.site(record);
        let budget = self.settings.ring.record_bytes();
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        // The names come in the order of the fields, after those that are no fields.
        let numbers = std::mem::take(&mut self.numbers);
        let mut rest = record.fields.iter().zip(&numbers);
        let mut lifted = 0..LIFTED;
        let mut number = |name: &str| match rest.clone().next() {
            Some(((field, _), number)) if std::ptr::eq(field.as_str(), name) => {
                rest.next();
                *number
            }
            _ => self.key_at(lifted.next().unwrap_or(LIFTED), name).number,
        };
        wire::encode_record(record, site, 0, &mut number, budget, &mut bytes);
        self.numbers = numbers;
        match bytes.len() <= budget {
            true => front::emit_encoded(record.level, &bytes),
            false => emit::record(record),
        }
        self.bytes = bytes;
    }

    /// Looks up the numbers of the fields' names; says whether one of them is secret.
    fn number_fields(&mut self, record: &Record) -> bool {
        self.numbers.clear();
        let mut has_secret = false;
        for (place, (name, _)) in record.fields.iter().enumerate() {
            let key = self.key_at(LIFTED + place, name);
            has_secret |= key.is_secret;
            self.numbers.push(key.number);
        }
        has_secret
    }

    /// What is known of the name that stands at this place.
    fn key_at(&mut self, place: usize, name: &str) -> Key {
        match self.recent.get(place) {
            Some(Some((recent, key))) if **recent == *name => return *key,
            _ => {}
        }
        let found = self.key(name);
        let key = found.1;
        if let Some(recent) = self.recent.get_mut(place) {
            *recent = Some(found);
        }
        key
    }

    fn key(&mut self, name: &str) -> (Arc<str>, Key) {
        if let Some((name, key)) = self.keys.get_key_value(name) {
            return (name.clone(), *key);
        }
        let is_secret = self.settings.mask.enabled && self.secrets.is_secret(name);
        let key = Key { number: front::key_number(name), is_secret };
        if self.keys.len() >= REMEMBERED {
            self.keys.clear();
        }
        let name: Arc<str> = name.into();
        self.keys.insert(name.clone(), key);
        (name, key)
    }

    fn site(&mut self, record: &Record) -> SiteReference {
        let mut hasher = self.sites.hasher().build_hasher();
        hasher.write(record.module.as_bytes());
        hasher.write(record.template.as_deref().unwrap_or_default().as_bytes());
        hasher.write_u8(record.level as u8);
        let hash = hasher.finish();
        if let Some(site) = self.sites.get(&hash).filter(|site| site.is_of(record)) {
            return site.reference;
        }
        let reference = emit::site(record);
        if self.sites.len() >= REMEMBERED {
            self.sites.clear();
        }
        let (module, template) = (record.module.as_str().into(), record.template.as_deref());
        let template = template.map(Into::into);
        self.sites.insert(hash, Site { level: record.level, module, template, reference });
        reference
    }
}

impl Site {
    fn is_of(&self, record: &Record) -> bool {
        self.level == record.level
            && *self.module == *record.module
            && self.template.as_deref() == record.template.as_deref()
    }
}

/// Hashes short names quickly; the seed keeps input from choosing names that collide.
#[derive(Clone, Copy)]
struct Seed(u64);

impl BuildHasher for Seed {
    type Hasher = ShortHasher;

    fn build_hasher(&self) -> ShortHasher {
        ShortHasher(self.0)
    }
}

/// A multiplication for each eight bytes.
struct ShortHasher(u64);

impl ShortHasher {
    fn add(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

impl Hasher for ShortHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            let mut whole = [0; 8];
            whole.copy_from_slice(word);
            self.add(u64::from_le_bytes(whole));
        }
        let rest = words.remainder().iter().fold(0, |rest, byte| rest << 8 | u64::from(*byte));
        self.add(rest ^ (bytes.len() as u64) << 56);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hash_apart() {
        let seed = Seed(7);
        let hashes: std::collections::BTreeSet<u64> =
            (0..50_000).map(|number| seed.hash_one(format!("field{number}").as_str())).collect();
        assert_eq!(hashes.len(), 50_000);
        assert_ne!(seed.hash_one("a"), seed.hash_one("a\0"));
    }
}
