//! The settings of retention.

use serde::{Deserialize, Deserializer, de};
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Pattern, Result, StoreUrl};

use crate::{Policy, PolicyMode, RetentionSchedule, TagMatch, days};

/// Holds the settings of retention: which records are not kept, and what protects records whatever the policies want.
///
/// These are the keys of a `[[layers]]` table of the type `retention`, and of a file of policies.
///
/// # Examples
/// ```
/// use truthound_stores_retention::{RetentionAction, RetentionConfig, TimeBasedPolicy};
///
/// let config = RetentionConfig::new()
///     .with_policy(TimeBasedPolicy::new(90.0, RetentionAction::Delete))
///     .with_grace_days(0.0)
///     .with_preserve_latest(true);
/// assert_eq!(config.policies.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetentionConfig {
    /// The policies; one at the least.
    pub policies: Vec<Policy>,
    /// How many of the policies must want a record gone: see [`CompositePolicy`](crate::CompositePolicy). Default: any.
    pub mode: PolicyMode,
    /// How long a record is kept after it was saved, whatever its `run_time`, and how long a deleted one can be restored; in days. With 0,
    /// what is deleted is gone at once. Default: 7.
    pub grace_days: f64,
    /// Where the archive is; whoever opens the store opens it. Default: none.
    #[serde(deserialize_with = "url")]
    pub archive: Option<StoreUrl>,
    /// Where the quarantine is. Default: none.
    #[serde(deserialize_with = "url")]
    pub quarantine: Option<StoreUrl>,
    /// Whether the newest record of each asset is kept. Default: false.
    pub preserve_latest: bool,
    /// Whether a run may delete every record there is for good: with `grace_days = 0` such a run is refused otherwise, since it mostly means that nothing
    /// was saved for as long as the policies keep records. Default: false.
    pub allow_empty: bool,
    /// Assets that policies neither look at nor count. Default: none.
    #[serde(deserialize_with = "patterns")]
    pub excluded_assets: Vec<Pattern>,
    /// Tags that hold a record (legal hold). Default: `legal_hold`.
    pub hold_tags: Vec<TagMatch>,
    /// How many records are moved or deleted at a time, 1 to 10,000. Default: 1,000.
    pub batch_size: usize,
    /// When retention is run by itself, by whoever runs schedules: see [`Retention::tick`](crate::Retention::tick). Default: never.
    pub schedule: Option<RetentionSchedule>,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self {
            policies: Vec::new(),
            mode: PolicyMode::Any,
            grace_days: 7.0,
            archive: None,
            quarantine: None,
            preserve_latest: false,
            allow_empty: false,
            excluded_assets: Vec::new(),
            hold_tags: vec![TagMatch::set("legal_hold")],
            batch_size: 1_000,
            schedule: None,
        }
    }
}

impl RetentionConfig {
    /// The names of these settings, for [`Options::read`].
    pub const NAMES: &'static [&'static str] = &[
        "policies",
        "mode",
        "grace_days",
        "archive",
        "quarantine",
        "preserve_latest",
        "allow_empty",
        "excluded_assets",
        "hold_tags",
        "batch_size",
        "schedule",
    ];

    /// Begins without policies; one must be added.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the settings from options by name.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that is unknown, has the wrong type or a
    /// value that cannot be, and if there is no policy.
    pub fn from_options(options: &Options) -> Result<Self> {
        let config: Self = options.read("retention", Self::NAMES)?;
        config.check()?;
        Ok(config)
    }

    /// Adds a policy.
    #[must_use]
    pub fn with_policy(mut self, policy: impl Into<Policy>) -> Self {
        self.policies.push(policy.into());
        self
    }

    /// Sets how many of the policies must want a record gone.
    #[must_use]
    pub fn with_mode(mut self, mode: PolicyMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets the grace period, in days.
    #[must_use]
    pub fn with_grace_days(mut self, days: f64) -> Self {
        self.grace_days = days;
        self
    }

    /// Sets whether the newest record of each asset is kept.
    #[must_use]
    pub fn with_preserve_latest(mut self, yes: bool) -> Self {
        self.preserve_latest = yes;
        self
    }

    /// Sets whether a run may delete every record there is for good.
    #[must_use]
    pub fn with_allow_empty(mut self, yes: bool) -> Self {
        self.allow_empty = yes;
        self
    }

    /// Adds assets that policies neither look at nor count.
    #[must_use]
    pub fn with_excluded_asset(mut self, pattern: impl Into<Pattern>) -> Self {
        self.excluded_assets.push(pattern.into());
        self
    }

    /// Sets the tags that hold a record.
    #[must_use]
    pub fn with_hold_tags(mut self, tags: impl IntoIterator<Item = TagMatch>) -> Self {
        self.hold_tags = tags.into_iter().collect();
        self
    }

    /// Sets how many records are moved or deleted at a time.
    #[must_use]
    pub fn with_batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Sets when retention is run by itself.
    #[must_use]
    pub fn with_schedule(mut self, schedule: RetentionSchedule) -> Self {
        self.schedule = Some(schedule);
        self
    }

    /// Checks what types cannot.
    pub(crate) fn check(&self) -> Result<()> {
        if self.policies.is_empty() {
            return Err(Error::invalid(
                "retention has no policy: an empty list would keep all or nothing; name one at the least in policies",
            ));
        }
        self.policies.iter().try_for_each(Policy::check)?;
        days::micros("grace_days", self.grace_days)?;
        if let Some(schedule) = &self.schedule {
            schedule.check()?;
        }
        if !(1..=10_000).contains(&self.batch_size) {
            return Err(Error::invalid(format!("batch_size is {}: it must be 1 to 10000", self.batch_size)));
        }
        Ok(())
    }
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StoreUrl>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(|error: Error| de::Error::custom(error.message()))).transpose()
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Pattern>, D::Error> {
    Ok(Vec::<String>::deserialize(deserializer)?.iter().map(|text| Pattern::new(text)).collect())
}

#[cfg(test)]
mod tests;
