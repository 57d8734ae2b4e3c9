//! What was met in the present block. In come hashes, out goes whether each was there before. Beginning a block
//! costs nothing. Memory: 8 or 16 bytes a place, at most half of them taken.

use super::postings::BLOCK_BITS;

const PLACES: usize = 1 << 13;
/// Of the bits that a place has beside a hash, so many tell the block, the others the kind.
const NUMBER_BITS: u32 = BLOCK_BITS - 2;
const NUMBER: u64 = (1 << NUMBER_BITS) - 1;

/// Words of a block, told apart by as many bits as postings keep of them.
pub(super) struct Words {
    places: Vec<u64>,
    taken: usize,
    /// Number of the block; never 0.
    block: u64,
}

impl Words {
    pub(super) fn new() -> Words {
        Words { places: vec![0; PLACES], taken: 0, block: 1 }
    }

    /// Forgets everything.
    pub(super) fn begin(&mut self) {
        self.taken = 0;
        self.block += 1;
        if self.block > NUMBER {
            self.places.fill(0);
            self.block = 1;
        }
    }

    /// Whether this hash is new among those of its kind, 0 to 3.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64, kind: usize) -> bool {
        self.put(hash >> BLOCK_BITS << BLOCK_BITS | (kind as u64) << NUMBER_BITS | self.block)
    }

    #[inline]
    fn put(&mut self, wanted: u64) -> bool {
        let mask = self.places.len() - 1;
        let mut at = (wanted >> BLOCK_BITS) as usize & mask;
        loop {
            let place = self.places[at];
            if place == wanted {
                return false;
            }
            if place & NUMBER != self.block {
                break;
            }
            at = (at + 1) & mask;
        }
        self.places[at] = wanted;
        self.taken += 1;
        if self.taken * 2 > self.places.len() {
            self.grow();
        }
        true
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![0; self.places.len() * 2];
        let old = std::mem::replace(&mut self.places, larger);
        self.taken = 0;
        for place in old {
            if place & NUMBER == self.block {
                self.put(place);
            }
        }
    }
}

/// Values of a block, each with a number.
pub(super) struct Values {
    places: Vec<Place>,
    taken: usize,
    block: u32,
}

#[derive(Clone, Copy, Default)]
struct Place {
    hash: u64,
    block: u32,
    number: u32,
}

impl Values {
    pub(super) fn new() -> Values {
        Values { places: vec![Place::default(); PLACES], taken: 0, block: 1 }
    }

    /// Forgets everything.
    pub(super) fn begin(&mut self) {
        self.taken = 0;
        self.block = self.block.checked_add(1).unwrap_or_else(|| {
            self.places.fill(Place::default());
            1
        });
    }

    /// The number noted with this hash; `Err` with a place for it, good until the next insertion, when it is
    /// new.
    #[inline]
    pub(super) fn find(&mut self, hash: u64) -> Result<u32, usize> {
        if self.taken * 2 > self.places.len() {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let place = self.places[at];
            if place.block != self.block {
                return Err(at);
            }
            if place.hash == hash {
                return Ok(place.number);
            }
            at = (at + 1) & mask;
        }
    }

    /// Notes a number at a place that [`Values::find`] gave.
    #[inline]
    pub(super) fn note(&mut self, at: usize, hash: u64, number: u32) {
        self.places[at] = Place { hash, block: self.block, number };
        self.taken += 1;
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![Place::default(); self.places.len() * 2];
        let old = std::mem::replace(&mut self.places, larger);
        self.taken = 0;
        let block = self.block;
        for place in old.into_iter().filter(|place| place.block == block) {
            if let Err(at) = self.find(place.hash) {
                self.note(at, place.hash, place.number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_new_once_a_block() {
        let (mut words, mut values) = (Words::new(), Values::new());
        for block in 0..3u64 {
            words.begin();
            values.begin();
            for number in 0..20_000u64 {
                let hash = (number + 7 * block).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                for kind in [0, 1, 3] {
                    assert!(words.insert(hash, kind), "{block} {number}");
                    assert!(!words.insert(hash, kind));
                }
                match values.find(hash) {
                    Ok(_) => panic!("{block} {number}"),
                    Err(at) => values.note(at, hash, number as u32),
                }
                assert_eq!(values.find(hash), Ok(number as u32));
            }
        }
    }
}
