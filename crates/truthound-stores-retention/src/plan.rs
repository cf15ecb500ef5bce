//! What would be done: made from facts alone, page by page.

use truthound_stores_core::{
    Collection, Error, ErrorKind, Facts, Grouping, Key, OrderBy, Query, Result, Revision, Store, Timestamp,
};

use crate::ahead::Ahead;
use crate::decide::{Decider, Rules, Verdict};
use crate::{Protection, Reason, RetentionAction};

mod totals;

pub use totals::{Amount, PlanTotals};

/// How many records are asked for at a time.
const PAGE: usize = 10_000;

/// Says what would be done with a store's records, and why: a dry run, and what [`apply`](crate::Retention::apply) carries out.
///
/// It names each record that is not kept by its revision, and so is good only for what it saw: a record that is changed after it was
/// planned is left alone.
#[derive(Debug)]
#[non_exhaustive]
pub struct RetentionPlan {
    /// The collection that was looked at.
    pub collection: Collection,
    /// The moment for which ages were found.
    pub now: Timestamp,
    /// The records that are not kept, the newest first.
    pub removals: Vec<Removal>,
    /// Records that could not be read, and so are kept; each error names one.
    pub damaged: Vec<Error>,
    /// How many records there are, and what becomes of them.
    pub totals: PlanTotals,
}

/// Plans what becomes of one record that is not kept.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Removal {
    /// The record.
    pub key: Key,
    /// The state of it that the plan is about.
    pub revision: Revision,
    /// What becomes of it: the mildest of the actions that the policies want.
    pub action: RetentionAction,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What it takes in the store, in bytes.
    pub size: u64,
    /// Its asset.
    pub data_asset: String,
    /// Its run time.
    pub run_time: Timestamp,
}

/// Is told of each record while a plan is made, the newest first.
pub trait PlanSink: Send {
    /// Takes a record that is not kept.
    fn remove(&mut self, removal: Removal);

    /// Takes a record that a policy wants gone, and that is kept all the same.
    fn protect(&mut self, _facts: &dyn Facts, _protection: &Protection, _reasons: &[Reason]) {}
}

impl PlanSink for Vec<Removal> {
    fn remove(&mut self, removal: Removal) {
        self.push(removal);
    }
}

/// A plan in the making: one page after the other, so that no more than a few pages are held.
pub(crate) struct Planning<'r, S: ?Sized> {
    listing: Ahead<'r, S>,
    decider: Decider<'r>,
    pub(crate) totals: PlanTotals,
    pub(crate) damaged: Vec<Error>,
}

impl<'r, S: Store + ?Sized> Planning<'r, S> {
    /// Begins a plan. `ahead` says that nothing but deciding is done between pages, so that the next may be under way.
    pub(crate) async fn begin(
        store: &'r S,
        rules: &'r Rules,
        collection: &Collection,
        now: Timestamp,
        ahead: bool,
    ) -> Result<Self> {
        if collection.is_hidden() {
            return Err(Error::invalid(format!(
                "the collection {collection} belongs to a wrapper, who looks after it: retention is for the others"
            )));
        }
        let all = Query::new()
            .with_collection(collection.clone())
            .with_order_by(OrderBy::RunTime)
            .with_ascending(false)
            .with_page_size(PAGE);
        let mut totals = PlanTotals::default();
        let mut query = all.clone();
        if let Some(horizon) = rules.horizon(now)? {
            // Newer ones cannot go: they are counted, and not looked at.
            let newer = all.with_start_time(horizon.plus_micros(1));
            match count(store, rules, &newer).await {
                Ok((scanned, excluded)) => {
                    (totals.scanned, totals.excluded) = (scanned, excluded);
                    query = query.with_end_time(horizon);
                }
                // A number is not certain: the listing says which record it is.
                Err(error) if error.kind() == ErrorKind::Corrupt => {}
                Err(error) => return Err(error),
            }
        }
        let decider = rules.judge(now)?;
        let listing = Ahead::new(store, query, ahead);
        Ok(Self { listing, decider, totals, damaged: Vec::new() })
    }

    /// Decides on the next page; false at the end.
    pub(crate) async fn page(&mut self, sink: &mut dyn PlanSink) -> Result<bool> {
        let Some(mut met) = self.listing.next().await? else { return Ok(false) };
        let mut damaged = std::mem::take(&mut met.damaged);
        for facts in met.facts() {
            // What is damaged may show only when more is asked of it.
            damaged.extend(self.decide(facts, sink).err());
        }
        self.totals.damaged += damaged.len() as u64;
        self.damaged.extend(damaged);
        Ok(true)
    }

    /// Decides on a record.
    ///
    /// # Errors
    /// Those of a record that cannot be read, which so is kept.
    pub(crate) fn decide(&mut self, facts: &dyn Facts, sink: &mut dyn PlanSink) -> Result<()> {
        match self.decider.decide(facts)? {
            Verdict::Keep { protection: None, .. } => {}
            Verdict::Keep { protection: Some(protection), reasons } => {
                self.totals.protect(&protection, &reasons);
                // What is excluded no policy looks at.
                if !reasons.is_empty() {
                    sink.protect(facts, &protection, &reasons);
                }
            }
            Verdict::Remove { action, reasons } => {
                let removal = Removal {
                    key: facts.key()?,
                    revision: facts.revision(),
                    action,
                    reasons,
                    size: facts.size(),
                    data_asset: facts.data_asset().to_owned(),
                    run_time: facts.run_time(),
                };
                self.totals.remove(action, removal.size);
                sink.remove(removal);
            }
        }
        self.totals.scanned += 1;
        Ok(())
    }
}

/// Counts what a query finds, and how many of it are of excluded assets, which sums by asset tell in one request.
async fn count<S: Store + ?Sized>(store: &S, rules: &Rules, query: &Query) -> Result<(u64, u64)> {
    if !rules.may_exclude() {
        return Ok((store.count(query).await?, 0));
    }
    let (mut all, mut excluded) = (0, 0);
    for sum in store.summarize(query, Grouping::new().with_data_asset(true)).await? {
        all += sum.runs;
        excluded += if rules.excludes(sum.data_asset.as_deref().unwrap_or_default()) { sum.runs } else { 0 };
    }
    Ok((all, excluded))
}
