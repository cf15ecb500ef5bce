//! By how much all records take.

use serde::Deserialize;
use truthound_stores_core::{Error, Result};

use super::{Judge, Seen, Trigger};
use crate::reason::Because;
use crate::{Reason, RetentionAction};

/// Keeps the newest records that fit into a size: `SizeBasedPolicy` of the configuration document.
///
/// The oldest records of the namespace go first, until the rest takes no more than `max_size_bytes` of the store, as
/// [`RecordMeta::size`](truthound_stores_core::RecordMeta::size) says. What another policy of the same composite (`any`) takes away already is
/// not counted: see [there](crate::CompositePolicy). What is protected is counted, but no newer record goes to make room for an older one that is protected: then the rest
/// may take more.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SizeBasedPolicy {
    /// The most that is kept, in bytes, 1 at the least.
    pub max_size_bytes: u64,
    /// What becomes of the others. Default: delete.
    #[serde(default = "super::delete")]
    pub action: RetentionAction,
}

impl SizeBasedPolicy {
    pub(super) const NAMES: &'static [&'static str] = &["max_size_bytes", "action"];

    /// Keeps so many bytes.
    pub fn new(max_size_bytes: u64, action: RetentionAction) -> Self {
        Self { max_size_bytes, action }
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.max_size_bytes == 0 {
            return Err(Error::invalid("max_size_bytes = 0 keeps nothing: give 1 or more"));
        }
        Ok(())
    }

    pub(super) fn judge(&self) -> Judgement {
        Judgement { limit: self.max_size_bytes, action: self.action, bytes: 0 }
    }
}

pub(super) struct Judgement {
    limit: u64,
    action: RetentionAction,
    /// What was met so far, and takes a place.
    bytes: u64,
}

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let (bytes, limit) = (self.bytes.saturating_add(seen.facts.size()), self.limit);
        if seen.takes_a_place() {
            self.bytes = bytes;
        }
        // Be it one that leaves: of two actions the milder one is carried out.
        (bytes > limit).then(|| Trigger::one(Reason::new(self.action, Because::Size { bytes, limit })))
    }
}
