//! Texts of records that were handed over, kept for the next ones.
//!
//! Takes back records that nobody needs any more ([`recycle`]), gives their texts to those that are
//! made next on the same thread, so that a line needs hardly any new memory. What is kept is bounded:
//! [`TEXTS_MAX`] texts of [`BYTES_MAX`] bytes a thread.

use std::cell::RefCell;

use logloom_record::{Record, Value};

/// Texts that a thread keeps.
const TEXTS_MAX: usize = 64;

/// The longest text that is kept, in bytes.
const BYTES_MAX: usize = 1 << 10;

/// The least room of a text, so that it serves most others too.
const BYTES_MIN: usize = 32;

thread_local! {
    static TEXTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Takes back a record that is not needed any more. Only saves time: a record that is dropped
/// instead does no harm.
pub fn recycle(record: Record) {
    TEXTS.with(|texts| {
        let Ok(mut texts) = texts.try_borrow_mut() else { return };
        let mut keep = |text| push(&mut texts, text);
        // The last one that is kept is the first one that is given: a record of the same shape finds
        // its texts where it needs them.
        for (name, value) in record.fields.into_iter().rev() {
            keep(name);
            if let Value::Text(text) = value {
                keep(text);
            }
        }
        record.service.into_iter().for_each(&mut keep);
        keep(record.module);
        keep(record.message);
    });
}

/// Takes back a text that is not needed any more.
pub(crate) fn keep(text: String) {
    TEXTS.with(|texts| {
        if let Ok(mut texts) = texts.try_borrow_mut() {
            push(&mut texts, text);
        }
    });
}

fn push(texts: &mut Vec<String>, text: String) {
    if (BYTES_MIN..=BYTES_MAX).contains(&text.capacity()) && texts.len() < TEXTS_MAX {
        texts.push(text);
    }
}

/// The same text, owned.
pub(crate) fn owned(text: &str) -> String {
    let kept = TEXTS.with(|texts| texts.try_borrow_mut().ok().and_then(|mut texts| texts.pop()));
    let mut own = match kept {
        Some(kept) if kept.capacity() >= text.len() => kept,
        _ => String::with_capacity(text.len().max(BYTES_MIN)),
    };
    own.clear();
    own.push_str(text);
    own
}

#[cfg(test)]
mod tests {
    use logloom_record::{Level, Record};

    use super::{BYTES_MAX, TEXTS, TEXTS_MAX, owned, recycle};

    #[test]
    fn texts_are_given_again_and_bounded() {
        let text = owned("message");
        let place = text.as_ptr();
        recycle(Record::new(Level::Info, "", text));
        let again = owned("another one");
        assert_eq!((again.as_str(), again.as_ptr()), ("another one", place));
        let long = "x".repeat(BYTES_MAX + 1);
        for _ in 0..TEXTS_MAX {
            let record = Record::new(Level::Info, owned("module"), owned(&long));
            recycle(record.with(owned("name"), owned("value")));
        }
        TEXTS.with_borrow(|texts| {
            assert!(texts.len() <= TEXTS_MAX);
            assert!(texts.iter().all(|text| text.capacity() <= BYTES_MAX));
        });
    }
}
