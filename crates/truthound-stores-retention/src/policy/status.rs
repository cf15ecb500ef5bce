//! By age, for one status.

use serde::Deserialize;
use truthound_stores_core::{Result, Status, Timestamp};

use super::{Judge, Seen, Trigger};
use crate::reason::Because;
use crate::{Reason, RetentionAction, days};

/// Keeps records of one status for a time: `StatusBasedPolicy` of the configuration document.
///
/// `failed`, as that document writes it, means `failure`. Records of another status are none of its business.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StatusBasedPolicy {
    /// The status.
    pub status: Status,
    /// The most that a record's age may be, in days of 24 hours; fractions count.
    pub max_age_days: f64,
    /// What becomes of older ones. Default: delete.
    #[serde(default = "super::delete")]
    pub action: RetentionAction,
}

impl StatusBasedPolicy {
    pub(super) const NAMES: &'static [&'static str] = &["status", "max_age_days", "action"];

    /// Keeps records of a status for so many days.
    pub fn new(status: impl Into<Status>, max_age_days: f64, action: RetentionAction) -> Self {
        Self { status: status.into(), max_age_days, action }
    }

    pub(super) fn check(&self) -> Result<()> {
        days::micros("max_age_days", self.max_age_days).map(|_| ())
    }

    pub(super) fn horizon(&self, now: Timestamp) -> Result<Timestamp> {
        Ok(now.plus_micros(-days::micros("max_age_days", self.max_age_days)?))
    }

    pub(super) fn judge(&self) -> Result<Judgement> {
        let limit = days::micros("max_age_days", self.max_age_days)?;
        Ok(Judgement { status: self.status.clone(), limit, action: self.action })
    }
}

pub(super) struct Judgement {
    status: Status,
    limit: i64,
    action: RetentionAction,
}

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let (age, limit) = (seen.age(), self.limit);
        if age <= limit || *seen.facts.status() != self.status {
            return None;
        }
        let because = Because::Status { status: self.status.clone(), age, limit };
        Some(Trigger::one(Reason::new(self.action, because)))
    }
}
