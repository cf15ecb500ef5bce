//! By age.

use serde::Deserialize;
use truthound_stores_core::{Result, Timestamp};

use super::{Judge, Seen, Trigger};
use crate::reason::Because;
use crate::{Reason, RetentionAction, days};

/// Keeps records for a time: `TimeBasedPolicy` of the configuration document.
///
/// A record goes when its age, now − `run_time`, is more than `max_age_days`; at just that age it stays. In a composite with a
/// [`TagBasedPolicy`](crate::TagBasedPolicy) see [there](crate::CompositePolicy).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TimeBasedPolicy {
    /// The most that a record's age may be, in days of 24 hours; fractions count.
    pub max_age_days: f64,
    /// What becomes of older ones. Default: delete.
    #[serde(default = "super::delete")]
    pub action: RetentionAction,
}

impl TimeBasedPolicy {
    pub(super) const NAMES: &'static [&'static str] = &["max_age_days", "action"];

    /// Keeps records for so many days.
    pub fn new(max_age_days: f64, action: RetentionAction) -> Self {
        Self { max_age_days, action }
    }

    pub(super) fn check(&self) -> Result<()> {
        days::micros("max_age_days", self.max_age_days).map(|_| ())
    }

    pub(super) fn horizon(&self, now: Timestamp) -> Result<Timestamp> {
        Ok(now.plus_micros(-days::micros("max_age_days", self.max_age_days)?))
    }

    pub(super) fn judge(&self) -> Result<Judgement> {
        Ok(Judgement { limit: days::micros("max_age_days", self.max_age_days)?, action: self.action })
    }
}

pub(super) struct Judgement {
    limit: i64,
    action: RetentionAction,
}

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let (age, limit) = (seen.age(), self.limit);
        (age > limit).then(|| Trigger::one(Reason::new(self.action, Because::Age { age, limit })))
    }
}
