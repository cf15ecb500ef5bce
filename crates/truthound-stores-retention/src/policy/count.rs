//! By how many newer records there are.

use serde::Deserialize;
use truthound_stores_core::{Error, Result};

use super::{Judge, Seen, Trigger};
use crate::assets::PerAsset;
use crate::reason::Because;
use crate::{Reason, RetentionAction};

/// Keeps so many of the newest records: `CountBasedPolicy` of the configuration document.
///
/// Records that are protected count like all others. In a composite (`any`), those that another policy wants gone by age, status or tag or by a function do not
/// count, so that old failures take no place from successes: see [there](crate::CompositePolicy).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CountBasedPolicy {
    /// How many are kept, 1 at the least.
    pub max_count: u64,
    /// Whether so many of each asset are kept, or of all assets together. Default: false, of all.
    #[serde(default)]
    pub per_asset: bool,
    /// What becomes of the others. Default: delete.
    #[serde(default = "super::delete")]
    pub action: RetentionAction,
}

impl CountBasedPolicy {
    pub(super) const NAMES: &'static [&'static str] = &["max_count", "per_asset", "action"];

    /// Keeps so many records in all.
    pub fn new(max_count: u64, action: RetentionAction) -> Self {
        Self { max_count, per_asset: false, action }
    }

    /// Keeps so many records of each asset.
    pub fn per_asset(max_count: u64, action: RetentionAction) -> Self {
        Self { max_count, per_asset: true, action }
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.max_count == 0 {
            return Err(Error::invalid("max_count = 0 keeps nothing: give 1 or more"));
        }
        Ok(())
    }

    pub(super) fn judge(&self) -> Judgement {
        Judgement {
            limit: self.max_count,
            action: self.action,
            per_asset: self.per_asset,
            all: 0,
            assets: PerAsset::new(),
        }
    }
}

pub(super) struct Judgement {
    limit: u64,
    action: RetentionAction,
    per_asset: bool,
    /// How many newer ones are kept.
    all: u64,
    assets: PerAsset<u64>,
}

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let kept = if self.per_asset { self.assets.of(seen.asset, || 0) } else { &mut self.all };
        if *kept < self.limit {
            *kept += u64::from(seen.takes_a_place());
            return None;
        }
        // Be it one that leaves: of two actions the milder one is carried out.
        let because = Because::Count { limit: self.limit, per_asset: self.per_asset };
        Some(Trigger::one(Reason::new(self.action, because)))
    }
}
