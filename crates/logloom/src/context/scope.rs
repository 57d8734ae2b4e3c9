//! One scope of a thread: its fields, those of outer scopes included, and their encoded block.
//! Fields come in, the block goes to the ring; what exceeds the block is left out and counted.

use std::borrow::Cow;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use logloom_record::names::SecretNames;
use logloom_record::wire::{Encoder, keyed_len};
use logloom_record::{Encode, Value};
use logloom_ring::{context, front};

/// Bytes that a scope's encoded fields may take in each of its records. Fields beyond it are left
/// out, whole, in their order; [`cut_fields`] counts them.
pub const BLOCK_BYTES_MAX: usize = context::MAX_BLOCK;

/// Named values; no name occurs twice.
pub(crate) type Fields = Arc<Vec<(Cow<'static, str>, Value)>>;

static CUT_FIELDS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
}

/// Fields that were left out since the start because their scope's block was full, counted once
/// for each scope.
pub fn cut_fields() -> u64 {
    CUT_FIELDS.load(Ordering::Relaxed)
}

/// Everything that holds within a scope.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) fields: Fields,
    block: Arc<[u8]>,
    /// What the block was masked with.
    secrets: Option<Arc<SecretNames>>,
}

impl Scope {
    pub(crate) fn new(fields: Fields) -> Scope {
        let secrets = secret_names();
        let block = match &secrets {
            Some(secrets) => encode(&fields, secrets),
            None => encode(&fields, &SecretNames::default()),
        };
        let block = block.into();
        Scope { fields, block, secrets }
    }

    pub(crate) fn block(&self) -> Arc<[u8]> {
        Arc::clone(&self.block)
    }

    /// Whether the masks of the running library are still those the block was made with.
    pub(crate) fn is_current(&self) -> bool {
        match (&self.secrets, secret_names()) {
            (Some(own), Some(now)) => Arc::ptr_eq(own, &now),
            (None, None) => true,
            _ => false,
        }
    }

    /// A scope within this one.
    pub(crate) fn with(&self, inner: &[(Cow<'static, str>, Value)]) -> Scope {
        let mut fields = (*self.fields).clone();
        for (name, value) in inner {
            insert(&mut fields, name.clone(), value.clone());
        }
        Scope::new(Arc::new(fields))
    }
}

/// Adds a field, or gives the field of this name another value.
pub(crate) fn insert(
    fields: &mut Vec<(Cow<'static, str>, Value)>,
    name: Cow<'static, str>,
    value: Value,
) {
    match fields.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = value,
        None => fields.push((name, value)),
    }
}

/// The scope this thread is in.
pub(crate) fn current() -> Option<Arc<Scope>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// Puts the thread into `scope` and into no other until the guard is dropped.
pub(crate) fn set(scope: Option<Arc<Scope>>) -> ContextGuard {
    let block = scope.as_ref().map_or_else(|| Arc::from([]), |scope| Arc::clone(&scope.block));
    let ring = context::enter(block);
    let before = CURRENT.try_with(|current| current.replace(scope)).ok().flatten();
    ContextGuard { before, _ring: ring, not_send: PhantomData }
}

/// Restores the context that was there before. Belongs to its thread; dropped out of order it
/// leaves the context of the wrong scope behind, and nothing worse.
#[must_use = "the scope ends when the guard is dropped"]
pub struct ContextGuard {
    before: Option<Arc<Scope>>,
    _ring: context::ContextGuard,
    not_send: PhantomData<*const ()>,
}

impl Drop for ContextGuard {
    fn drop(&mut self) {
        let before = self.before.take();
        // Dropped behind the borrow: a value's own drop must find the cell free.
        let left = CURRENT.try_with(|current| current.replace(before));
        drop(left);
    }
}

/// The names whose values the running library masks; without one the built-in ones are masked.
fn secret_names() -> Option<Arc<SecretNames>> {
    logloom_core::runtime::current().map(|handle| handle.secret_names())
}

/// As many whole fields as fit, the ids first, since without them a record is hard to find.
fn encode(fields: &[(Cow<'static, str>, Value)], secrets: &SecretNames) -> Vec<u8> {
    let is_id = |name: &str| matches!(name, "trace_id" | "span_id" | "session_id");
    let mut block = Vec::new();
    let ids = fields.iter().filter(|(name, _)| is_id(name));
    for (name, value) in ids.chain(fields.iter().filter(|(name, _)| !is_id(name))) {
        let masked = secrets.is_secret(name).then(|| Value::Masked(value.hidden_chars()));
        let value = masked.as_ref().unwrap_or(value);
        if !push(&mut block, name, value) {
            CUT_FIELDS.fetch_add(1, Ordering::Relaxed);
        }
    }
    block
}

/// Appends a field; `false` when the block has no room for it.
fn push(block: &mut Vec<u8>, name: &str, value: &Value) -> bool {
    let value_len = value.encoded_len();
    let start = block.len();
    // Looked at before the dictionary takes the name, which is for ever.
    if start + keyed_len(name, 1, value_len) > BLOCK_BYTES_MAX {
        return false;
    }
    let number = front::key_number(name);
    let length = keyed_len(name, number, value_len);
    if start + length > BLOCK_BYTES_MAX {
        return false;
    }
    block.resize(start + length, 0);
    let mut out = Encoder::new(&mut block[start..]);
    out.key(name, number);
    value.encode(&mut out);
    let is_whole = !out.overflowed() && out.written() == length;
    if !is_whole {
        block.truncate(start);
    }
    is_whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(list: &[(&'static str, &str)]) -> Vec<(Cow<'static, str>, Value)> {
        list.iter().map(|(name, value)| (Cow::from(*name), Value::from(*value))).collect()
    }

    fn encoded(fields: &[(Cow<'static, str>, Value)]) -> Vec<u8> {
        encode(fields, &SecretNames::default())
    }

    #[test]
    fn a_block_that_is_too_long_is_cut_at_whole_fields_and_counted() {
        let long = "x".repeat(300);
        let before = cut_fields();
        let block = encoded(&fields(&[("a", &long), ("b", &long), ("trace_id", "t"), ("c", "z")]));
        assert_eq!(cut_fields() - before, 1);
        assert!(block.len() <= BLOCK_BYTES_MAX);
        let expected = encoded(&fields(&[("trace_id", "t"), ("a", &long), ("c", "z")]));
        assert_eq!(block, expected);
    }

    #[test]
    fn a_secret_is_not_in_the_block() {
        let block = encoded(&fields(&[("password", "hunter2"), ("user", "ann")]));
        assert!(!block.windows(6).any(|window| window == b"hunter"));
        assert!(block.windows(3).any(|window| window == b"ann"));
    }
}
