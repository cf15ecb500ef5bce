//! Sums over documents: runs, outcomes and counts by day, by asset, or over all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Attributes, Query, RecordMeta, Result, Statistics, Status, Timestamp};

/// Says how documents are summed up: all in one, or apart by day, by asset, or both.
///
/// # Examples
/// ```
/// use truthound_stores_core::Grouping;
///
/// let by_day = Grouping::new().with_day(true);
/// assert!(by_day.day && !by_day.data_asset);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Grouping {
    /// Keep the days of `run_time`, in UTC, apart. Default: false.
    pub day: bool,
    /// Keep assets apart. Default: false.
    pub data_asset: bool,
}

impl Grouping {
    /// Sums up all documents in one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether days are kept apart.
    #[must_use]
    pub fn with_day(mut self, yes: bool) -> Self {
        self.day = yes;
        self
    }

    /// Sets whether assets are kept apart.
    #[must_use]
    pub fn with_data_asset(mut self, yes: bool) -> Self {
        self.data_asset = yes;
        self
    }
}

/// Sums up the documents of one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// The first instant of the group's day in UTC, if days are kept apart.
    pub day: Option<Timestamp>,
    /// The group's asset, if assets are kept apart.
    pub data_asset: Option<String>,
    /// How many documents there are.
    pub runs: u64,
    /// How many of them ended how.
    pub status: BTreeMap<Status, u64>,
    /// The counts of all documents added up; what does not fit stays at the largest number.
    pub totals: Statistics,
    /// The longest `execution_time_ms`.
    pub longest_ms: f64,
    /// What the documents take in the store, in bytes.
    pub bytes: u64,
    /// The earliest `run_time`.
    pub first_run: Timestamp,
    /// The latest `run_time`.
    pub last_run: Timestamp,
}

impl Summary {
    /// Returns the share of validators that passed, 0 to 1, over all documents; 1 if none ran.
    pub fn pass_rate(&self) -> f64 {
        self.totals.pass_rate()
    }

    /// Returns the mean `execution_time_ms` of a document; 0 if there is none.
    #[allow(clippy::cast_precision_loss, reason = "a mean needs no more than 52 bits")]
    pub fn mean_ms(&self) -> f64 {
        if self.runs == 0 { 0.0 } else { self.totals.execution_time_ms / self.runs as f64 }
    }

    /// Returns how many documents ended with `status`.
    pub fn with_status(&self, status: &Status) -> u64 {
        self.status.get(status).copied().unwrap_or(0)
    }
}

/// Sums documents up, one at a time: the reference meaning of [`Store::summarize`](crate::Store::summarize).
///
/// # Examples
/// ```
/// use truthound_stores_core::{Attributes, Grouping, Status, Summaries};
///
/// let run = Attributes::new("orders", "2026-01-31T12:00:00Z".parse()?, Status::FAILURE);
/// let mut sums = Summaries::new(Grouping::new().with_data_asset(true));
/// sums.add(&run, 1_000);
/// sums.add(&run, 500);
/// let sums = sums.finish();
/// assert_eq!(sums[0].data_asset.as_deref(), Some("orders"));
/// assert_eq!((sums[0].runs, sums[0].bytes, sums[0].with_status(&Status::FAILURE)), (2, 1_500, 2));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Summaries {
    grouping: Grouping,
    /// By day (or the one instant that stands for all), then by asset (or the empty text).
    groups: BTreeMap<Timestamp, BTreeMap<String, Summary>>,
}

impl Summaries {
    /// Begins with nothing.
    pub fn new(grouping: Grouping) -> Self {
        Self { grouping, groups: BTreeMap::new() }
    }

    /// Adds a document that takes `bytes` in the store.
    pub fn add(&mut self, attributes: &Attributes, bytes: u64) {
        let day = if self.grouping.day { attributes.run_time.start_of_day() } else { Timestamp::UNIX_EPOCH };
        let asset = if self.grouping.data_asset { attributes.data_asset.as_str() } else { "" };
        let assets = self.groups.entry(day).or_default();
        // Looked up by reference first: most documents meet a group that is there.
        if let Some(group) = assets.get_mut(asset) {
            add(group, attributes, bytes);
            return;
        }
        let mut group = Summary {
            day: self.grouping.day.then_some(day),
            data_asset: self.grouping.data_asset.then(|| asset.to_owned()),
            runs: 0,
            status: BTreeMap::new(),
            totals: Statistics::default(),
            longest_ms: 0.0,
            bytes: 0,
            first_run: attributes.run_time,
            last_run: attributes.run_time,
        };
        add(&mut group, attributes, bytes);
        assets.insert(asset.to_owned(), group);
    }

    /// Returns the groups that have documents, by day and then by asset.
    pub fn finish(self) -> Vec<Summary> {
        self.groups.into_values().flat_map(BTreeMap::into_values).collect()
    }

    /// Sums up what `query` lists of all that a store holds: the reference for all backends.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a query that [`Query::validate`] refuses.
    pub fn evaluate<'a>(
        query: &Query,
        grouping: Grouping,
        all: impl IntoIterator<Item = &'a RecordMeta>,
    ) -> Result<Vec<Summary>> {
        query.validate()?;
        let mut found: Vec<&RecordMeta> = all.into_iter().filter(|meta| query.matches(meta)).collect();
        let mut sums = Self::new(grouping);
        if query.limit.is_some() || query.offset > 0 {
            found.sort_unstable_by(|a, b| query.cmp(*a, *b));
        }
        let skip = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let take = query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        for meta in found.into_iter().skip(skip).take(take) {
            sums.add(&meta.attributes, meta.size);
        }
        Ok(sums.finish())
    }
}

fn add(group: &mut Summary, facts: &Attributes, bytes: u64) {
    group.runs += 1;
    if let Some(count) = group.status.get_mut(&facts.status) {
        *count += 1;
    } else {
        group.status.insert(facts.status.clone(), 1);
    }
    let (totals, one) = (&mut group.totals, &facts.statistics);
    for (sum, count) in [
        (&mut totals.total_validators, one.total_validators),
        (&mut totals.passed_validators, one.passed_validators),
        (&mut totals.failed_validators, one.failed_validators),
        (&mut totals.error_validators, one.error_validators),
        (&mut totals.total_rows, one.total_rows),
        (&mut totals.total_columns, one.total_columns),
        (&mut totals.total_issues, one.total_issues),
        (&mut totals.critical_issues, one.critical_issues),
        (&mut totals.high_issues, one.high_issues),
        (&mut totals.medium_issues, one.medium_issues),
        (&mut totals.low_issues, one.low_issues),
        (&mut group.bytes, bytes),
    ] {
        *sum = sum.saturating_add(count);
    }
    totals.execution_time_ms += one.execution_time_ms;
    group.longest_ms = group.longest_ms.max(one.execution_time_ms);
    group.first_run = group.first_run.min(facts.run_time);
    group.last_run = group.last_run.max(facts.run_time);
}

#[cfg(test)]
mod tests;
