//! What makes content the same content, whatever it is called and however it is packed.
//!
//! Takes the unpacked bytes of a file, gives keys by which what was imported before is looked up,
//! and a digest that settles it. A key is the hash of the first 64, 1,024 or 16,384 bytes, so that
//! a file is found again after it has grown; a file of fewer than 64 bytes has the key of all of
//! them, and is looked for under every such length. The functions may never change: keys and digests
//! are kept on disk.

/// How many first bytes a key is made of.
const TIERS: [usize; 3] = [64, 1 << 10, HEAD_BYTES];

/// Content of fewer bytes than this begins too much like other content to be told by its beginning.
pub(super) const TELLING_BYTES: usize = TIERS[0];

/// The most bytes that a key needs.
pub(super) const HEAD_BYTES: usize = 16 << 10;

/// Identifies content beyond doubt: the first 16 bytes of its BLAKE3 hash.
pub(super) type Digest = [u8; 16];

/// The key that content of `length` bytes, which begins like this, is noted under.
pub(super) fn key_of(head: &[u8], length: u64) -> u64 {
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(head.len());
    let tier = TIERS.into_iter().rev().find(|tier| *tier <= length).unwrap_or(length);
    key(&head[..tier])
}

/// Every key that content may have been noted under which begins like this: when it was shorter, and
/// last when it was as long as it is now.
pub(super) fn keys_of(head: &[u8]) -> Vec<u64> {
    let short = 1..head.len().min(TELLING_BYTES);
    let tiers = TIERS.into_iter().filter(|tier| *tier <= head.len());
    let mut keys: Vec<u64> = short.chain(tiers).map(|length| key(&head[..length])).collect();
    if head.len() < TELLING_BYTES {
        keys.push(key(head));
    }
    keys
}

fn key(bytes: &[u8]) -> u64 {
    let hash = blake3::hash(bytes);
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    // The length tells a short file from the beginning of a longer one.
    u64::from_le_bytes([a, b, c, d, e, f, g, h]) ^ bytes.len() as u64
}

/// The digest of all that was read so far.
#[derive(Clone, Default)]
pub(super) struct ContentHash(blake3::Hasher);

impl ContentHash {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn digest(&self) -> Digest {
        let hash = self.0.finalize();
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash.as_bytes()[..16]);
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_that_has_grown_is_found_under_its_old_key() {
        let bytes: Vec<u8> = (0..40_000_u32).map(|number| (number * 7 % 251) as u8).collect();
        for before in [1, 7, 63, 64, 100, 1_023, 1_024, 16_383, 16_384, 30_000] {
            let noted = key_of(&bytes[..before.min(HEAD_BYTES)], before as u64);
            for now in [before, before + 1, 40_000] {
                let head = &bytes[..now.min(HEAD_BYTES)];
                let keys = keys_of(head);
                assert!(keys.contains(&noted), "{before} {now}");
                assert_eq!(keys.last(), Some(&key_of(head, now as u64)));
            }
        }
        assert_eq!(keys_of(b"ab"), [key_of(b"a", 1), key_of(b"ab", 2)]);
        assert_ne!(keys_of(b"ab"), keys_of(b"abc"));
        assert_eq!(keys_of(b""), [key_of(b"", 0)]);
    }

    #[test]
    fn keys_and_digests_never_change() {
        assert_eq!(key_of(b"abc", 3), 0x3351_4638_acb3_3764 ^ 3);
        let mut hash = ContentHash::default();
        hash.update(b"a");
        hash.update(b"bc");
        assert_eq!(hash.digest()[..4], [0x64, 0x37, 0xb3, 0xac]);
    }
}
