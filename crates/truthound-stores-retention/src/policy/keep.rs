//! By what is to be kept of each hour, day, week, month and year.

use serde::Deserialize;
use truthound_stores_core::{Error, Result, Timestamp};

use super::{Judge, Seen, Trigger};
use crate::assets::PerAsset;
use crate::calendar::{Day, HOUR};
use crate::reason::Because;
use crate::{Reason, RetentionAction, days};

/// Thins records out with age, in the manner of backup tools: `keep-last`, `keep-daily` and so on.
///
/// Each rule keeps the newest record of each of the last so many hours, days, ISO weeks, months or years that have records; `last` keeps so many of
/// the newest, `within_days` all that are not older. A record goes if no rule asks for it. Hours and dates are those of UTC.
///
/// Parts of time without a record count for nothing, and a record may serve several rules: as in restic (in borg one serves the first of its rules alone). What both
/// of them keep beside, the oldest of all while a rule has not found as many as it asks for, is not kept here: ask for more years.
///
/// In a composite (`any`), a record that another policy wants gone by age, status or tag or by a function is not the newest of anything: the one behind it is
/// ([`CompositePolicy`](crate::CompositePolicy)). Rules of one policy add to each other, and policies do not: of two keep policies in an `any`, each takes away what it does not keep, so that
/// a record stays only if both keep it. To keep what either keeps, write all rules into one policy, or, where one is for each asset and the other is not, join the
/// two by `all`.
///
/// # Examples
/// ```
/// use truthound_stores_retention::{KeepPolicy, RetentionAction};
///
/// let thin = KeepPolicy::new(RetentionAction::Delete).with_last(3).with_daily(7).with_monthly(12);
/// assert!(thin.per_asset);
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct KeepPolicy {
    /// How many of the newest are kept. Default: 0.
    pub last: u64,
    /// Of how many hours the newest is kept. Default: 0.
    pub hourly: u64,
    /// Of how many days the newest is kept. Default: 0.
    pub daily: u64,
    /// Of how many weeks, Monday to Sunday, the newest is kept. Default: 0.
    pub weekly: u64,
    /// Of how many months the newest is kept. Default: 0.
    pub monthly: u64,
    /// Of how many years the newest is kept. Default: 0.
    pub yearly: u64,
    /// Up to which age all are kept, in days. Default: 0.
    pub within_days: f64,
    /// Whether the rules are for each asset by itself, or for all assets together. Default: true, for each.
    pub per_asset: bool,
    /// What becomes of the others. Default: delete.
    pub action: RetentionAction,
}

impl Default for KeepPolicy {
    fn default() -> Self {
        Self::new(RetentionAction::Delete)
    }
}

impl KeepPolicy {
    pub(super) const NAMES: &'static [&'static str] =
        &["last", "hourly", "daily", "weekly", "monthly", "yearly", "within_days", "per_asset", "action"];

    /// Begins without rules; one must be added.
    pub fn new(action: RetentionAction) -> Self {
        Self {
            last: 0,
            hourly: 0,
            daily: 0,
            weekly: 0,
            monthly: 0,
            yearly: 0,
            within_days: 0.0,
            per_asset: true,
            action,
        }
    }

    /// Keeps so many of the newest.
    #[must_use]
    pub fn with_last(mut self, count: u64) -> Self {
        self.last = count;
        self
    }

    /// Keeps the newest of each of so many hours.
    #[must_use]
    pub fn with_hourly(mut self, count: u64) -> Self {
        self.hourly = count;
        self
    }

    /// Keeps the newest of each of so many days.
    #[must_use]
    pub fn with_daily(mut self, count: u64) -> Self {
        self.daily = count;
        self
    }

    /// Keeps the newest of each of so many weeks.
    #[must_use]
    pub fn with_weekly(mut self, count: u64) -> Self {
        self.weekly = count;
        self
    }

    /// Keeps the newest of each of so many months.
    #[must_use]
    pub fn with_monthly(mut self, count: u64) -> Self {
        self.monthly = count;
        self
    }

    /// Keeps the newest of each of so many years.
    #[must_use]
    pub fn with_yearly(mut self, count: u64) -> Self {
        self.yearly = count;
        self
    }

    /// Keeps all that are not older than so many days.
    #[must_use]
    pub fn with_within_days(mut self, days: f64) -> Self {
        self.within_days = days;
        self
    }

    /// Sets whether the rules are for each asset by itself.
    #[must_use]
    pub fn with_per_asset(mut self, yes: bool) -> Self {
        self.per_asset = yes;
        self
    }

    fn counts(&self) -> [(Bucket, &'static str, u64); 6] {
        [
            (Bucket::Each, "last", self.last),
            (Bucket::Hour, "hourly", self.hourly),
            (Bucket::Day, "daily", self.daily),
            (Bucket::Week, "weekly", self.weekly),
            (Bucket::Month, "monthly", self.monthly),
            (Bucket::Year, "yearly", self.yearly),
        ]
    }

    pub(super) fn check(&self) -> Result<()> {
        let within = days::micros("within_days", self.within_days)?;
        if within == 0 && self.counts().iter().all(|(_, _, count)| *count == 0) {
            return Err(Error::invalid(
                "a keep policy without a rule keeps nothing: give last, hourly, daily, weekly, monthly, yearly or within_days",
            ));
        }
        Ok(())
    }

    /// Names the rules, for people.
    pub(super) fn rules(&self) -> String {
        let mut rules: Vec<String> = Vec::new();
        let counts = self.counts();
        rules.extend(counts.iter().filter(|(_, _, n)| *n > 0).map(|(_, name, n)| format!("{name} {n}")));
        if self.within_days > 0.0 {
            rules.push(format!("within {} days", self.within_days));
        }
        rules.join(", ")
    }

    pub(super) fn judge(&self) -> Result<Judgement> {
        let rules = self.counts().into_iter().filter(|(_, _, count)| *count > 0);
        let rules = rules.map(|(bucket, _, left)| Rule { bucket, left, last: None });
        Ok(Judgement {
            rules: rules.collect(),
            within: days::micros("within_days", self.within_days)?,
            per_asset: self.per_asset,
            action: self.action,
            assets: PerAsset::new(),
            day: None,
        })
    }
}

/// A part of time of which one record is kept.
#[derive(Clone, Copy, Debug)]
enum Bucket {
    /// No time at all: every record is a part of its own.
    Each,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Bucket {
    /// Returns the number of the part that a time of this day falls into.
    fn of(self, at: Timestamp, day: Day) -> i64 {
        match self {
            Self::Each => 0,
            Self::Hour => at.as_micros().div_euclid(HOUR),
            Self::Day => day.number,
            Self::Week => day.week,
            Self::Month => day.month,
            Self::Year => day.year,
        }
    }
}

#[derive(Clone, Debug)]
struct Rule {
    bucket: Bucket,
    /// How many more it keeps.
    left: u64,
    /// The part of time of the record that it kept last.
    last: Option<i64>,
}

impl Rule {
    /// Returns the part of time of which it asks for a record of this time; `None` if it asks for none.
    fn asks_for(&self, at: Timestamp, day: Day) -> Option<i64> {
        if self.left == 0 {
            return None;
        }
        let bucket = self.bucket.of(at, day);
        (self.last != Some(bucket) || matches!(self.bucket, Bucket::Each)).then_some(bucket)
    }

    /// Takes what it has asked for.
    fn take(&mut self, bucket: i64) {
        self.last = Some(bucket);
        self.left = self.left.saturating_sub(1);
    }
}

pub(super) struct Judgement {
    rules: Vec<Rule>,
    within: i64,
    per_asset: bool,
    action: RetentionAction,
    assets: PerAsset<Vec<Rule>>,
    /// That of the record that was met last.
    day: Option<Day>,
}

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let run_time = seen.facts.run_time();
        let day = *self.day.insert(Day::of(run_time, self.day));
        let asset = if self.per_asset { seen.asset } else { 0 };
        let rules = self.assets.of(asset, || self.rules.clone());
        let mut asked = self.within > 0 && seen.age() <= self.within;
        // Each rule is asked: a record may be the newest of its day and of its month.
        for rule in rules {
            let Some(bucket) = rule.asks_for(run_time, day) else { continue };
            asked = true;
            // What leaves is not taken for it.
            if seen.takes_a_place() {
                rule.take(bucket);
            }
        }
        (!asked).then(|| Trigger::one(Reason::new(self.action, Because::NotAskedFor)))
    }
}
