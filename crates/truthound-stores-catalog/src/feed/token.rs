//! Where a follower of the feed is.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use truthound_stores_core::{Error, Result};

use super::lineage;
use crate::digits::{base64, from_base64};
use crate::pack::{Pack, Unpack};
use crate::query::Snapshot;
use crate::row::Row;
use crate::tail;

/// The layout of tokens, which their text begins with.
const VERSION: &str = "1";
/// Stands for the lineage of a catalog that has no root yet.
const NO_ROOT: &str = "-";

/// Names a row: its time, and 64 bits of a hash of id and revision.
pub(super) type Identity = (u64, u64);

/// A place in the feed of one collection: all that was folded at or below `generation` was given, and what `given` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// `None` for a catalog that had no root.
    pub(super) lineage: Option<String>,
    pub(super) generation: u64,
    /// Rows of the tail, and of later generations: so many as the tail had rows and a page changes, at the most.
    pub(super) given: BTreeSet<Identity>,
}

pub(super) fn identity(row: &Row) -> Identity {
    (row.state.hlc, tail::hash_of(&row.id, row.state))
}

impl Token {
    /// Marks the place before everything, in a catalog of which nothing is known.
    pub(super) fn start() -> Self {
        Self { lineage: None, generation: 0, given: BTreeSet::new() }
    }

    /// Marks the place after all that a root has, and those rows of the tail that were given.
    pub(super) fn of(snapshot: &Snapshot, is_given: impl Fn(&Identity) -> bool) -> Self {
        let generation = snapshot.root.as_ref().map_or(0, |root| root.generation);
        let given = snapshot.listed.iter().map(identity).filter(is_given).collect();
        Self { lineage: lineage(snapshot), generation, given }
    }

    /// Tells whether the feed cannot go on from here: the catalog was rebuilt or went back, or deletions have been forgotten since.
    pub(super) fn is_too_old(&self, snapshot: &Snapshot) -> bool {
        let Some(root) = &snapshot.root else { return self.lineage.is_some() };
        // A catalog that had no root had folded nothing: it goes on with any whose deletions are all there.
        self.lineage.as_ref().is_some_and(|lineage| *lineage != root.lineage)
            || self.generation > root.generation
            || self.generation < root.feed_floor
    }
}

/// Prints layout, lineage, generation and the rows that were given, packed: some 16 characters for each.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pack = Pack::default();
        let mut last = 0;
        for (hlc, hash) in &self.given {
            pack.number(hlc - last);
            pack.raw(&hash.to_be_bytes());
            last = *hlc;
        }
        let lineage = self.lineage.as_deref().unwrap_or(NO_ROOT);
        write!(f, "{VERSION}.{lineage}.{:x}.{}", self.generation, base64(&pack.into_bytes()))
    }
}

impl FromStr for Token {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let strange = || Error::invalid("the token is none of the change feed");
        let mut parts = text.split('.');
        if parts.next() != Some(VERSION) {
            return Err(Error::invalid(
                "the token is none of the change feed, or one of a later program: begin again without a token",
            ));
        }
        let mut part = || parts.next().ok_or_else(strange);
        let lineage = Some(part()?).filter(|lineage| *lineage != NO_ROOT).map(str::to_owned);
        let generation = u64::from_str_radix(part()?, 16).map_err(|cause| strange().caused_by(cause))?;
        let packed = from_base64(part()?).ok_or_else(strange)?;
        let mut given = BTreeSet::new();
        let (mut unpack, mut last) = (Unpack::new(&packed), 0_u64);
        while !unpack.is_empty() {
            let mut row = || Ok::<_, Error>((unpack.number()?, u64::from_be_bytes(unpack.array()?)));
            let (step, hash) = row().map_err(|cause| strange().caused_by(cause))?;
            last = last.checked_add(step).ok_or_else(strange)?;
            given.insert((last, hash));
        }
        let token = Self { lineage, generation, given };
        if token.to_string() == text { Ok(token) } else { Err(strange()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use truthound_stores_core::ErrorKind;

    use super::*;

    proptest! {
        #[test]
        fn a_token_reads_back(
            lineage in proptest::option::of("[0-9a-f]{32}"),
            generation: u64,
            given in proptest::collection::btree_set((any::<u64>(), any::<u64>()), 0..20),
        ) {
            let token = Token { lineage, generation, given };
            prop_assert_eq!(token.to_string().parse::<Token>().unwrap(), token);
        }

        #[test]
        fn any_text_is_a_token_or_refused(text in "(1\\.)?[-0-9a-f.A-Z]{0,40}") {
            if let Err(error) = text.parse::<Token>() {
                prop_assert_eq!(error.kind(), ErrorKind::Invalid);
            }
        }
    }
}
