//! By age, for one tag.

use std::sync::Arc;

use serde::Deserialize;
use truthound_stores_core::{Error, Labels, Result, Timestamp};

use super::{Judge, Seen, Trigger};
use crate::lately::Lately;
use crate::reason::Because;
use crate::{Reason, RetentionAction, days};

/// Keeps records with a tag for a time of their own: `TagBasedPolicy` of the configuration document.
///
/// Records without the tag are none of its business. Those with it are exempt from a [`TimeBasedPolicy`](crate::TimeBasedPolicy)
/// beside it: see [`CompositePolicy`](crate::CompositePolicy).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TagBasedPolicy {
    /// The tag's name.
    pub tag_key: String,
    /// The tag's value.
    pub tag_value: String,
    /// The most that a record's age may be, in days of 24 hours; fractions count.
    pub max_age_days: f64,
    /// What becomes of older ones. Default: delete.
    #[serde(default = "super::delete")]
    pub action: RetentionAction,
}

impl TagBasedPolicy {
    pub(super) const NAMES: &'static [&'static str] = &["tag_key", "tag_value", "max_age_days", "action"];

    /// Keeps records with a tag for so many days.
    pub fn new(
        tag_key: impl Into<String>,
        tag_value: impl Into<String>,
        max_age_days: f64,
        action: RetentionAction,
    ) -> Self {
        Self { tag_key: tag_key.into(), tag_value: tag_value.into(), max_age_days, action }
    }

    /// Tells whether the tag is among those of a record.
    pub(super) fn concerns(&self, tags: &Labels) -> bool {
        tags.get(&self.tag_key) == Some(&self.tag_value)
    }

    pub(super) fn tag(&self) -> String {
        format!("{}={}", self.tag_key, self.tag_value)
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.tag_key.is_empty() {
            return Err(Error::invalid("tag_key is empty: name the tag"));
        }
        days::micros("max_age_days", self.max_age_days).map(|_| ())
    }

    pub(super) fn horizon(&self, now: Timestamp) -> Result<Timestamp> {
        Ok(now.plus_micros(-days::micros("max_age_days", self.max_age_days)?))
    }

    pub(super) fn judge(&self) -> Result<Judgement> {
        let limit = days::micros("max_age_days", self.max_age_days)?;
        let (policy, shown) = (self.clone(), self.tag().into());
        Ok(Judgement { policy, concerned: Lately::default(), shown, limit })
    }
}

pub(super) struct Judgement {
    policy: TagBasedPolicy,
    concerned: Lately<bool>,
    shown: Arc<str>,
    limit: i64,
}

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let (age, limit) = (seen.age(), self.limit);
        if age <= limit || !self.concerned.of(seen.facts.tags(), |tags| self.policy.concerns(tags)) {
            return None;
        }
        let because = Because::Tag { tag: Arc::clone(&self.shown), age, limit };
        Some(Trigger::one(Reason::new(self.policy.action, because)))
    }
}
