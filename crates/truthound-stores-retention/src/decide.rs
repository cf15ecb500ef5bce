//! The decision: a pure function of policies, facts and `now`.

use truthound_stores_core::{Error, Facts, Labels, Pattern, Result, Timestamp};

use crate::assets::{Assets, PerAsset};
use crate::lately::Lately;
use crate::policy::{Judge, Seen};
use crate::{
    CompositePolicy, PlanTotals, Protection, Reason, RetentionAction, RetentionConfig, TagMatch, days,
};

/// Says whether a record is kept, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It is kept.
    Keep {
        /// What keeps it whatever the policies want; `None` if no policy wants it gone.
        protection: Option<Protection>,
        /// Which policies want it gone all the same.
        reasons: Vec<Reason>,
    },
    /// It goes.
    Remove {
        /// What becomes of it.
        action: RetentionAction,
        /// Why: which policies want it gone, with the action of each.
        reasons: Vec<Reason>,
    },
}

/// The settings, checked, as decisions need them.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    policy: CompositePolicy,
    hold_tags: Vec<TagMatch>,
    excluded: Vec<Pattern>,
    preserve_latest: bool,
    /// In microseconds.
    grace: i64,
    allow_empty: bool,
}

impl Rules {
    pub(crate) fn new(config: &RetentionConfig) -> Result<Self> {
        config.check()?;
        let mut policy = CompositePolicy::any(config.policies.clone());
        policy.mode = config.mode;
        Ok(Self {
            policy,
            hold_tags: config.hold_tags.clone(),
            excluded: config.excluded_assets.clone(),
            preserve_latest: config.preserve_latest,
            grace: days::micros("grace_days", config.grace_days)?,
            allow_empty: config.allow_empty,
        })
    }

    /// Makes rules that keep everything.
    pub(crate) fn keep_all() -> Self {
        Self {
            policy: CompositePolicy::any([]),
            hold_tags: Vec::new(),
            excluded: Vec::new(),
            preserve_latest: false,
            grace: 0,
            allow_empty: false,
        }
    }

    /// Returns how long deletions can be restored, in microseconds.
    pub(crate) fn grace(&self) -> i64 {
        self.grace
    }

    /// Refuses to leave nothing, where nothing would come back.
    ///
    /// # Errors
    /// `Invalid` if all records would be deleted for good, and nobody has said that they may be.
    pub(crate) fn check_rest(&self, totals: &PlanTotals) -> Result<()> {
        let all = totals.scanned;
        if self.allow_empty || self.grace > 0 || all == 0 || totals.delete.records < all {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "every record would be deleted for good ({all} of {all}), as if nothing had been saved for long: if that is meant, set allow_empty = true; with \
             grace_days above 0 deletions can be undone"
        )))
    }

    /// Tells whether [`check_rest`](Self::check_rest) may refuse a plan.
    pub(crate) fn may_refuse(&self) -> bool {
        let mut actions = Vec::new();
        self.policy.policies.iter().for_each(|policy| policy.actions(&mut actions));
        !self.allow_empty && self.grace == 0 && actions.contains(&RetentionAction::Delete)
    }

    /// Tells whether no policy looks at an asset.
    pub(crate) fn excludes(&self, asset: &str) -> bool {
        self.excluded.iter().any(|pattern| pattern.matches(asset))
    }

    /// Tells whether there may be assets that no policy looks at.
    pub(crate) fn may_exclude(&self) -> bool {
        !self.excluded.is_empty()
    }

    /// Returns the tag that holds a record, if one does.
    pub(crate) fn held_by(&self, tags: &Labels) -> Option<&TagMatch> {
        self.hold_tags.iter().find(|tag| tag.matches(tags))
    }

    /// Returns the latest run time of a record that can go; `None` if the newer ones have a say in what becomes of the others.
    pub(crate) fn horizon(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        if self.preserve_latest { Ok(None) } else { self.policy.horizon(now) }
    }

    pub(crate) fn judge(&self, now: Timestamp) -> Result<Decider<'_>> {
        Ok(Decider {
            rules: self,
            now,
            assets: Assets::default(),
            excluded: PerAsset::new(),
            met: PerAsset::new(),
            held: Lately::default(),
            describes: self.policy.describes(),
            judge: Box::new(self.policy.judge()?),
        })
    }
}

/// Decides on one record after the other: each must be shown once, and the newest (by run time and then by id) first.
///
/// It remembers something of each asset, and nothing of single records.
pub(crate) struct Decider<'r> {
    rules: &'r Rules,
    now: Timestamp,
    assets: Assets,
    /// Whether the asset is excluded, once that was asked.
    excluded: PerAsset<Option<bool>>,
    /// Whether a record of the asset was met.
    met: PerAsset<bool>,
    /// The tags that hold records.
    held: Lately<Option<&'r TagMatch>>,
    /// Whether a policy asks for descriptions.
    describes: bool,
    judge: Box<dyn Judge>,
}

impl Decider<'_> {
    /// # Errors
    /// Those of a record that cannot be described, where a policy asks for that.
    pub(crate) fn decide(&mut self, facts: &dyn Facts) -> Result<Verdict> {
        let asset_name = facts.data_asset();
        let asset = self.assets.number(asset_name);
        let excluded = self.excluded.of(asset, || None);
        if *excluded.get_or_insert_with(|| self.rules.excludes(asset_name)) {
            return Ok(Verdict::Keep { protection: Some(Protection::Excluded), reasons: Vec::new() });
        }
        let described = if self.describes { Some(facts.describe()?) } else { None };
        let protection = self.protection(facts, asset);
        let seen = Seen {
            facts,
            described: described.as_ref(),
            asset,
            now: self.now,
            protected: protection.is_some(),
            leaves: false,
        };
        Ok(match (self.judge.judge(&seen), protection) {
            (None, _) => Verdict::Keep { protection: None, reasons: Vec::new() },
            (Some(trigger), Some(protection)) => {
                Verdict::Keep { protection: Some(protection), reasons: trigger.reasons }
            }
            (Some(trigger), None) => Verdict::Remove { action: trigger.action, reasons: trigger.reasons },
        })
    }

    fn protection(&mut self, facts: &dyn Facts, asset: usize) -> Option<Protection> {
        let is_latest = self.rules.preserve_latest && !std::mem::replace(self.met.of(asset, || false), true);
        if let Some(tag) = self.held.of(facts.tags(), |tags| self.rules.held_by(tags)) {
            return Some(Protection::Held { tag: tag.to_string() });
        }
        if self.rules.grace > 0 {
            let until = facts.saved_at().plus_micros(self.rules.grace);
            if self.now < until {
                return Some(Protection::Grace { until });
            }
        }
        is_latest.then_some(Protection::Latest)
    }
}

#[cfg(test)]
mod tests;
