//! Kill lists: the positions of a segment's rows that a later overwrite or delete has ended.

use truthound_stores_core::{Error, Result};

use crate::pack::{Pack, Unpack};

const VERSION: u8 = 1;
const HASH: usize = 8;

/// A set of positions. Small while most rows are alive: a byte or two for each that is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kills(Vec<u32>);

impl Kills {
    /// Adds positions; answers how many of them are new.
    pub(crate) fn extend(&mut self, positions: impl IntoIterator<Item = u32>) -> usize {
        let before = self.0.len();
        self.0.extend(positions);
        self.0.sort_unstable();
        self.0.dedup();
        self.0.len() - before
    }

    pub(crate) fn contains(&self, position: u32) -> bool {
        self.0.binary_search(&position).is_ok()
    }

    /// Counts the positions from one up to, not with, another.
    pub(crate) fn count_within(&self, from: u32, to: u32) -> usize {
        let place = |position| self.0.partition_point(|killed| *killed < position);
        place(to).saturating_sub(place(from))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lists the positions, smallest first.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }

    /// Writes the object: layout, number, distances between neighbours, hash.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut pack = Pack::default();
        pack.byte(VERSION);
        pack.number(self.0.len() as u64);
        let mut next = 0;
        for position in &self.0 {
            pack.number(u64::from(*position) - next);
            next = u64::from(*position) + 1;
        }
        let mut bytes = pack.into_bytes();
        let hash = blake3::hash(&bytes);
        bytes.extend(hash.as_bytes().iter().take(HASH));
        bytes
    }

    /// Reads the object.
    ///
    /// # Errors
    /// `Corrupt`, naming the object, if it is not what was written; `Unsupported` for the layout of a later program.
    pub(crate) fn parse(name: &str, bytes: &[u8]) -> Result<Self> {
        Self::read(bytes).map_err(|error| error.with("object", name))
    }

    fn read(bytes: &[u8]) -> Result<Self> {
        let strange = || Error::corrupt("a kill list of the catalog is not what was written");
        let (packed, hash) =
            bytes.len().checked_sub(HASH).and_then(|at| bytes.split_at_checked(at)).ok_or_else(strange)?;
        if blake3::hash(packed).as_bytes().get(..HASH) != Some(hash) {
            return Err(strange());
        }
        let mut unpack = Unpack::new(packed);
        let version = unpack.byte()?;
        if version != VERSION {
            return Err(Error::unsupported(format!(
                "the catalog has a kill list of layout {version}, which this program does not know: use a later one"
            )));
        }
        let count = unpack.number()?;
        let mut next = 0_u64;
        let mut position = || {
            let position = next
                .checked_add(unpack.number()?)
                .and_then(|number| u32::try_from(number).ok())
                .ok_or_else(strange)?;
            next = u64::from(position) + 1;
            Ok(position)
        };
        let kills = (0..count).map(|_| position()).collect::<Result<_>>()?;
        if unpack.is_empty() { Ok(Self(kills)) } else { Err(strange()) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use truthound_stores_core::ErrorKind;

    use super::*;

    fn positions() -> impl Strategy<Value = Vec<u32>> {
        proptest::collection::vec(prop_oneof![0..60_u32, any::<u32>(), Just(u32::MAX)], 0..40)
    }

    proptest! {
        #[test]
        fn it_is_a_set_of_positions(batches in proptest::collection::vec(positions(), 0..5), asked in positions()) {
            let (mut kills, mut model) = (Kills::default(), BTreeSet::new());
            for batch in batches {
                let before = model.len();
                model.extend(batch.iter().copied());
                prop_assert_eq!(kills.extend(batch), model.len() - before);
            }
            let back = Kills::parse("k", &kills.to_bytes()).unwrap();
            prop_assert_eq!(&back, &kills);
            prop_assert_eq!((back.len(), back.is_empty()), (model.len(), model.is_empty()));
            prop_assert!(back.iter().eq(model.iter().copied()));
            for position in asked {
                prop_assert_eq!(back.contains(position), model.contains(&position));
                prop_assert_eq!(back.count_within(7, position), model.range(7..position.max(7)).count());
            }
        }

        #[test]
        fn a_flipped_bit_or_a_cut_is_corrupt(batch in positions(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let mut kills = Kills::default();
            kills.extend(batch);
            let bytes = kills.to_bytes();
            let at = at.index(bytes.len());
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            for broken in [&flipped[..], &bytes[..at]] {
                let error = Kills::parse("segments/1-2.kill", broken).unwrap_err();
                prop_assert_eq!(error.kind(), ErrorKind::Corrupt);
                prop_assert_eq!(error.context("object"), Some("segments/1-2.kill"));
            }
        }
    }

    #[test]
    fn a_dead_row_takes_a_byte_or_two() {
        let mut kills = Kills::default();
        kills.extend((0..100_000).step_by(100));
        assert!(kills.to_bytes().len() < 1_020, "{}", kills.to_bytes().len());
    }
}
