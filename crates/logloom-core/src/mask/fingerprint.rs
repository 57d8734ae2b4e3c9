//! A keyed fingerprint of a secret: the same secret gives the same six digits, so that one that
//! leaked can be followed through the log, and nobody without the key can try guesses against it.
//!
//! SipHash-2-4 (Aumasson and Bernstein, 2012) under a key made of the configured phrase; 24 bits of
//! it are shown, which tell apart the few thousand secrets of a log and leave a guess 16 million
//! to one.

/// A key, ready for use.
#[derive(Clone, Debug)]
pub(super) struct Fingerprint {
    key: [u64; 2],
}

impl Fingerprint {
    /// Makes the key of a phrase. `None` for an empty one, which stands for no fingerprints.
    pub(super) fn new(phrase: &str) -> Option<Self> {
        let half = |number| sip_hash([0x6c6f_676c_6f6f_6d21, number], phrase.as_bytes());
        (!phrase.is_empty()).then(|| Self { key: [half(1), half(2)] })
    }

    /// 24 bits of the secret's hash.
    pub(super) fn of(&self, secret: &[u8]) -> u32 {
        (sip_hash(self.key, secret) >> 40) as u32
    }
}

fn sip_hash(key: [u64; 2], message: &[u8]) -> u64 {
    let mut state = [
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ];
    let (words, rest) = message.as_chunks::<8>();
    for word in words {
        absorb(&mut state, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = message.len() as u8;
    absorb(&mut state, u64::from_le_bytes(last));
    state[2] ^= 0xff;
    (0..4).for_each(|_| round(&mut state));
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

fn absorb(state: &mut [u64; 4], word: u64) {
    state[3] ^= word;
    round(state);
    round(state);
    state[0] ^= word;
}

fn round([a, b, c, d]: &mut [u64; 4]) {
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the paper's appendix, and two of the reference implementation's vectors.
    #[test]
    fn it_is_the_published_hash() {
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let message: Vec<u8> = (0..15).collect();
        assert_eq!(sip_hash(key, &message), 0xa129_ca61_49be_45e5);
        assert_eq!(sip_hash(key, &[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(sip_hash(key, &[0]), 0x74f8_39c5_93dc_67fd);
    }

    #[test]
    fn the_key_decides() {
        let (one, other) = (Fingerprint::new("one").unwrap(), Fingerprint::new("other").unwrap());
        assert_eq!(one.of(b"secret"), one.of(b"secret"));
        assert_ne!(one.of(b"secret"), other.of(b"secret"));
        assert_ne!(one.of(b"secret"), one.of(b"secreT"));
        assert!(Fingerprint::new("").is_none());
    }
}
