//! Documents as listings show them: those of the tail described, those of segments by what their pages lend.

use truthound_stores_core::{
    Collection, Facts, Key, Labels, RecordMeta, Result, Revision, Status, Timestamp,
};

use super::meta::{described, key, meta};
use crate::row::{self, Row};
use crate::segment::Slip;
use crate::state::State;

/// A document that a listing shows, and the state that its row tells of.
#[derive(Debug)]
pub(crate) enum Shown {
    News(Box<RecordMeta>, State),
    Kept(Collection, Slip),
}

impl Shown {
    /// Shows a row of the tail.
    ///
    /// # Errors
    /// `Corrupt` for a row whose id no document can have.
    pub(super) fn news(collection: &Collection, row: &Row, facts: &row::Facts) -> Result<Self> {
        Ok(Self::News(Box::new(meta(collection, row, facts)?), row.state))
    }

    pub(super) fn state(&self) -> State {
        match self {
            Self::News(_, state) => *state,
            Self::Kept(_, slip) => slip.state(),
        }
    }

    /// Makes the description of what is not lent any more.
    ///
    /// # Errors
    /// As for [`describe`](Facts::describe).
    pub(super) fn into_meta(self) -> Result<RecordMeta> {
        match self {
            Self::News(meta, _) => Ok(*meta),
            Self::Kept(collection, slip) => described(&collection, slip.id(), slip.state(), slip.facts()?),
        }
    }
}

impl Facts for Shown {
    fn id(&self) -> &str {
        match self {
            Self::News(meta, _) => meta.id(),
            Self::Kept(_, slip) => slip.id(),
        }
    }

    fn data_asset(&self) -> &str {
        match self {
            Self::News(meta, _) => meta.data_asset(),
            Self::Kept(_, slip) => slip.data_asset(),
        }
    }

    fn run_time(&self) -> Timestamp {
        match self {
            Self::News(meta, _) => meta.run_time(),
            Self::Kept(_, slip) => slip.run_time(),
        }
    }

    fn status(&self) -> &Status {
        match self {
            Self::News(meta, _) => meta.status(),
            Self::Kept(_, slip) => slip.status(),
        }
    }

    fn tags(&self) -> &Labels {
        match self {
            Self::News(meta, _) => meta.tags(),
            Self::Kept(_, slip) => slip.tags(),
        }
    }

    fn size(&self) -> u64 {
        match self {
            Self::News(meta, _) => meta.size(),
            Self::Kept(_, slip) => slip.size(),
        }
    }

    fn saved_at(&self) -> Timestamp {
        self.state().saved_at()
    }

    fn key(&self) -> Result<Key> {
        match self {
            Self::News(meta, _) => Ok(meta.key.clone()),
            Self::Kept(collection, slip) => key(collection, slip.id()),
        }
    }

    fn revision(&self) -> Revision {
        self.state().revision()
    }

    fn describe(&self) -> Result<RecordMeta> {
        match self {
            Self::News(meta, _) => Ok((**meta).clone()),
            Self::Kept(collection, slip) => described(collection, slip.id(), slip.state(), slip.facts()?),
        }
    }
}
