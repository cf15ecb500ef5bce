//! A row in a segment: its place in the order, and its values apart by columns.

use truthound_stores_core::Timestamp;

use crate::row::{Change, Row};

/// A row, and the generation of the root that took it up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) generation: u64,
    /// Of a deletion: when its object came to the tail, in milliseconds since 1970 by the store's clock; of other rows 0.
    pub(crate) arrived: i64,
    pub(crate) row: Row,
}

impl Entry {
    pub(crate) fn new(generation: u64, row: Row) -> Self {
        Self { generation, arrived: 0, row }
    }

    /// Says when a deletion came to the tail: tombstones and marks go by it.
    pub(crate) fn arrived_at(mut self, arrived: i64) -> Self {
        if !self.is_put() {
            self.arrived = arrived;
        }
        self
    }

    /// The asset that the row is kept with: the document's own, or for a deletion that of what it ended.
    pub(crate) fn data_asset(&self) -> &str {
        match (&self.row.change, &self.row.before) {
            (Change::Put(facts), _) => &facts.attributes.data_asset,
            (Change::Delete, Some(before)) => &before.data_asset,
            (Change::Delete, None) => "",
        }
    }

    /// The time that the row is kept at: that of the run, or for a deletion that of what it ended, or else when it happened.
    pub(crate) fn run_time(&self) -> Timestamp {
        match (&self.row.change, &self.row.before) {
            (Change::Put(facts), _) => facts.attributes.run_time,
            (Change::Delete, Some(before)) => before.run_time,
            (Change::Delete, None) => self.row.state.saved_at(),
        }
    }

    pub(crate) fn is_put(&self) -> bool {
        matches!(self.row.change, Change::Put(_))
    }

    /// What rows are sorted by from band to band.
    pub(crate) fn time_key(&self) -> (Timestamp, &str) {
        (self.run_time(), &self.row.id)
    }

    /// About what the row's texts take.
    pub(super) fn weight(&self) -> usize {
        let before = self.row.before.as_ref().map_or(0, |before| before.data_asset.len());
        let facts = match &self.row.change {
            Change::Put(facts) => {
                let facts = &facts.attributes;
                let tags: usize = facts.tags.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
                let ext: usize = facts.ext.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
                facts.data_asset.len() + tags + ext + facts.suite_name.as_ref().map_or(0, String::len)
            }
            Change::Delete => 0,
        };
        self.row.id.len() + before + facts + 128
    }
}
