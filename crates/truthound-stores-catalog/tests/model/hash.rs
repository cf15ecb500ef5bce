//! Fingerprints of 128 bits: so wide that two states of a run never share one in practice, and a state need not be kept.

use std::hash::{BuildHasherDefault, Hash, Hasher};

const A: u64 = 0x9E37_79B9_7F4A_7C15;
const B: u64 = 0xD6E8_FEB8_6659_FD93;

/// Hashes bytes, up to eight at a time, into two lanes that mix differently.
#[derive(Default)]
struct Lanes {
    one: u64,
    two: u64,
    pending: u64,
    /// How many bytes are pending.
    filled: u32,
}

impl Lanes {
    fn mix(&mut self) {
        self.one = (self.one ^ self.pending).wrapping_mul(A).rotate_left(29) ^ self.two;
        self.two = (self.two.rotate_left(17) ^ self.pending).wrapping_mul(B) ^ (self.two >> 31);
        self.filled = 0;
    }

    fn take(&mut self, word: u64, bytes: u32) {
        self.pending = self.pending << (8 * bytes) | word;
        self.filled += bytes;
        if self.filled >= 7 {
            self.mix(); // Another word of two bytes might not fit.
        }
    }
}

impl Hasher for Lanes {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u8(byte);
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.take(byte.into(), 1);
    }

    fn write_u16(&mut self, word: u16) {
        self.take(word.into(), 2);
    }

    fn write_isize(&mut self, variant: isize) {
        self.write_u8(variant.to_le_bytes()[0]); // Which variant of an enum.
    }

    fn write_usize(&mut self, _length: usize) {} // The lengths of arrays: always the same.

    fn finish(&self) -> u64 {
        self.one
    }
}

/// Gives a state's fingerprint.
pub(crate) fn fingerprint<T: Hash>(state: &T) -> u128 {
    let mut lanes = Lanes::default();
    state.hash(&mut lanes);
    for _ in 0..3 {
        lanes.mix();
    }
    let finish = |word: u64| (word ^ (word >> 32)).wrapping_mul(A) ^ (word >> 29);
    u128::from(finish(lanes.one)) << 64 | u128::from(finish(lanes.two))
}

/// Takes a fingerprint for its own hash: it is one.
#[derive(Default)]
pub(crate) struct Own(u64);

impl Hasher for Own {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u128(&mut self, word: u128) {
        self.0 = u64::try_from(word >> 64).unwrap_or(0);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The set of the fingerprints that were met.
pub(crate) type Visited = std::collections::HashSet<u128, BuildHasherDefault<Own>>;
