//! Session and execution, with which the texts of nearly all actions of a program begin: searched once.
//!
//! In come the texts of a line; out goes how much of their beginning was searched before, with nothing found.
//! Ids that change with every line are not learnt every time.

use crate::mask::Masker;

/// What such texts begin with.
const SESSION: &[u8] = b",\"session_id\":\"";
const EXECUTION: &[u8] = b",\"execution_id\":\"";
/// Longer ids are searched each time.
const BYTES_MAX: usize = 512;
/// One of so many unknown ones is learnt.
const LEARNT: u32 = 8;

/// The ids that were searched last.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// From `,"session_id"` to the closing quote of the last id; empty while nothing is known.
    searched: Vec<u8>,
    unknown: u32,
}

impl Ids {
    /// Forgets them: other things are secret from now on.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many bytes at the beginning of these texts hold nothing that a secret is known by.
    #[inline]
    pub(super) fn searched(&mut self, texts: &[u8], masker: &Masker) -> usize {
        if !self.searched.is_empty() && texts.starts_with(&self.searched) {
            return self.searched.len();
        }
        if texts.starts_with(SESSION) {
            self.learn(texts, masker);
        }
        0
    }

    fn learn(&mut self, texts: &[u8], masker: &Masker) {
        self.unknown = self.unknown.wrapping_add(1);
        if self.unknown % LEARNT != 1 {
            return;
        }
        self.searched.clear();
        let ids = ids(texts).filter(|ids| ids.len() <= BYTES_MAX && masker.finds_nothing(ids));
        self.searched.extend_from_slice(ids.unwrap_or_default());
    }
}

/// The ids at the beginning of the texts. `None` where they have escapes.
fn ids(texts: &[u8]) -> Option<&[u8]> {
    let mut end = text_end(texts, SESSION.len())?;
    if texts[end..].starts_with(EXECUTION) {
        end = text_end(texts, end + EXECUTION.len())?;
    }
    Some(&texts[..end])
}

/// The first byte behind the text that begins at `start`, its closing quote included.
fn text_end(texts: &[u8], start: usize) -> Option<usize> {
    let at = start + memchr::memchr2(b'"', b'\\', texts.get(start..)?)?;
    (texts[at] == b'"').then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_searched_once_and_secrets_each_time() {
        let masker = Masker::default();
        let (mut ids, both) = (Ids::default(), b",\"session_id\":\"s-1\",\"execution_id\":\"e-1\"");
        let texts = [&both[..], b",\"tool_name\":\"Bash\""].concat();
        assert_eq!(ids.searched(&texts, &masker), 0);
        assert_eq!(ids.searched(&texts, &masker), both.len());
        // Others are learnt sooner or later.
        let other = b",\"session_id\":\"s-2\",\"tool_name\":\"Bash\"";
        let skipped: Vec<usize> = (0..10).map(|_| ids.searched(other, &masker)).collect();
        assert_eq!((skipped[0], skipped[9]), (0, b",\"session_id\":\"s-2\"".len()));
        ids.clear();
        assert_eq!(ids.searched(other, &masker), 0);
        for hostile in [
            &b",\"session_id\":\"password=hunter2\",\"a\":1"[..],
            b",\"session_id\":\"a\\\"b\",\"a\":1",
            b",\"session_id\":\"cut",
            b",\"session_id\":",
        ] {
            let mut ids = Ids::default();
            assert!((0..20).all(|_| ids.searched(hostile, &masker) == 0));
        }
    }
}
