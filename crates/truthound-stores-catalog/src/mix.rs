//! Hashing numbers, of which many are chance as incarnations are, for tables that a fold makes of thousands of rows. Whoever could choose
//! them may write to the catalog, and could do worse than slow it down.

use std::hash::{BuildHasherDefault, Hasher};

/// For tables whose keys are hashed by one number.
pub(crate) type Mixed = BuildHasherDefault<Mix>;

/// Mixes the bits of a number.
#[derive(Debug, Default)]
pub(crate) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks();
        for bytes in whole {
            self.write_u64(u64::from_le_bytes(*bytes));
        }
        if !rest.is_empty() {
            let mut number = [0; 8];
            number.iter_mut().zip(rest).for_each(|(digit, byte)| *digit = *byte);
            self.write_u64(u64::from_le_bytes(number));
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    /// Multiplies, and adds the upper half of the product to the lower: each bit changes half of the others.
    fn write_u64(&mut self, number: u64) {
        const SEED: u64 = 0x243f_6a88_85a3_08d3;
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.0 ^ number ^ SEED) * u128::from(FACTOR);
        let [high, low] = [product >> 64, product & u128::from(u64::MAX)];
        self.0 = u64::try_from(high ^ low).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn numbers_that_follow_each_other_lie_far_apart() {
        let hash = |number: u64| Mixed::default().hash_one(number);
        let low: HashSet<u64> = (0..1_024).map(|number| hash(number << 16) & 0xffff).collect();
        let high: HashSet<u64> = (0..128).map(|number| hash(number << 16) >> 48).collect();
        assert!(low.len() > 950 && high.len() > 120, "{} and {}", low.len(), high.len());
        assert_ne!(Mixed::default().hash_one((1_u64, "a")), Mixed::default().hash_one((1_u64, "b")));
    }
}
