//! Sums over documents, and what is said of them.

use futures_util::StreamExt;
use truthound_stores::{ErrorKind, Grouping, Query, Status, Store, StoreExt, Summaries, Summary};

use super::found::Damage;
use crate::exit::Failure;

/// Sums up what `query` lists. Documents that cannot be read are named, and the others summed up all the same.
pub(super) async fn summarize(
    store: &dyn Store,
    query: &Query,
    grouping: Grouping,
) -> Result<(Vec<Summary>, Damage), Failure> {
    let mut damage = Damage::default();
    match store.summarize(query, grouping).await {
        Ok(sums) => return Ok((sums, damage)),
        Err(error) if error.kind() == ErrorKind::Corrupt || error.key().is_some() => {}
        Err(error) => return Err(error.into()),
    }
    let mut sums = Summaries::new(grouping);
    let mut metas = store.list(&query.clone().with_page_size(10_000));
    while let Some(meta) = metas.next().await {
        if let Some(meta) = damage.sift(meta)? {
            sums.add(&meta.attributes, meta.size);
        }
    }
    Ok((sums.finish(), damage))
}

/// How many runs ended how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcomes {
    pub(super) successes: u64,
    pub(super) failures: u64,
    pub(super) warnings: u64,
    pub(super) errors: u64,
    /// With a status that is not one of Truthound's, or none.
    pub(super) others: u64,
}

impl Outcomes {
    pub(super) fn of(sum: &Summary) -> Self {
        let successes = sum.with_status(&Status::SUCCESS);
        let failures = sum.with_status(&Status::FAILURE);
        let warnings = sum.with_status(&Status::WARNING);
        let errors = sum.with_status(&Status::ERROR);
        let others = sum.runs.saturating_sub(successes + failures + warnings + errors);
        Self { successes, failures, warnings, errors, others }
    }
}
