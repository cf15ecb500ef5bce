//! Retention at work: planning, applying, purging, restoring.

use std::sync::Arc;

use truthound_stores_core::{
    Clock, Collection, Error, ErrorKind, Query, RecordMeta, Result, Store, StoreExt as _, Timestamp,
};

use crate::decide::Rules;
use crate::lease::Lease;
use crate::plan::Planning;
use crate::relocate::{Destination, look_again, relocate};
use crate::schedule::Schedule;
use crate::stamp;
use crate::{
    Applied, PlanSink, PlanTotals, Removal, RetentionAction, RetentionConfig, RetentionPlan,
    RetentionSchedule, RetentionTargets,
};

mod restore;
mod tick;

pub use restore::{Deleted, RestoreFrom};
pub use tick::Tick;

/// Decides which records of a store go, and moves or deletes them.
///
/// It is handed the store with each call: any store, and the outermost wrapper of a stack, so that what wrappers keep of a record (its versions, a
/// cached copy) goes the way of the record. Nothing here is ever run by a save.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::{Collection, StoreExt};
/// use truthound_stores_memory::MemoryStore;
/// use truthound_stores_retention::{
///     Retention, RetentionAction, RetentionConfig, RetentionTargets, TimeBasedPolicy,
/// };
/// # use truthound_stores_core::{Reading, Record};
/// # use truthound_stores_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// # let clock = Arc::new(ManualClock::new(1));
/// # let store = MemoryStore::new().with_clock(clock.clone());
/// # let text = br#"{"run_id": "old", "run_time": "2020-01-01", "data_asset": "orders", "status": "success"}"#;
/// # store.put(Record::parse(Collection::RESULTS, text, &Reading::default())?).await?;
/// let archive = MemoryStore::new();
/// let config = RetentionConfig::new()
///     .with_policy(TimeBasedPolicy::new(90.0, RetentionAction::Archive))
///     .with_grace_days(0.0);
/// let targets = RetentionTargets::none().with_archive(Arc::new(archive.clone()));
/// let retention = Retention::new(&config, targets, clock)?;
///
/// let plan = retention.plan(&store, &Collection::RESULTS).await?;
/// assert_eq!(plan.totals.archive.records, 1);
/// println!("{}: {}", plan.removals[0].key, plan.removals[0].reasons[0]);
///
/// let applied = retention.apply(&store, &plan).await?;
/// assert_eq!(applied.archived.records, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Retention {
    rules: Arc<Rules>,
    targets: RetentionTargets,
    batch_size: usize,
    schedule: Option<Schedule>,
    clock: Arc<dyn Clock>,
}

impl Retention {
    /// Checks the settings, and takes time from `clock`.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming it, for a setting that cannot be, if there is no policy, and if a policy
    /// archives or puts in quarantine and `targets` has no store for that.
    pub fn new(config: &RetentionConfig, targets: RetentionTargets, clock: Arc<dyn Clock>) -> Result<Self> {
        let rules = Arc::new(Rules::new(config)?);
        targets.check(config)?;
        let schedule = config.schedule.as_ref().map(RetentionSchedule::plan).transpose()?;
        Ok(Self { rules, targets, batch_size: config.batch_size, schedule, clock })
    }

    /// Makes one without policies, which keeps everything: for bringing records back alone.
    pub fn restoring(targets: RetentionTargets, clock: Arc<dyn Clock>) -> Self {
        let rules = Arc::new(Rules::keep_all());
        Self { rules, targets, batch_size: RetentionConfig::default().batch_size, schedule: None, clock }
    }

    /// Closes the stores that records are moved to.
    ///
    /// # Errors
    /// The first that closing answers; all are closed.
    ///
    /// # Cancel safety
    /// Call it again to be sure that it is done.
    pub async fn close_targets(&self) -> Result<()> {
        let mut closed = Ok(());
        for target in [&self.targets.archive, &self.targets.quarantine].into_iter().flatten() {
            closed = closed.and(target.close().await);
        }
        closed
    }

    /// Returns the stores that records are moved to.
    pub fn targets(&self) -> &RetentionTargets {
        &self.targets
    }

    /// Plans what would be done: a dry run. Changes nothing and reads no document.
    ///
    /// The plan holds what goes; [`plan_into`](Self::plan_into) holds no more than a few pages of facts and something of each asset,
    /// however much goes. Several pages are asked for at once.
    ///
    /// # Errors
    /// What stops a listing, such as an outage. A record that cannot be read stops nothing: it is kept, and named in the plan.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn plan<S: Store + ?Sized>(&self, store: &S, collection: &Collection) -> Result<RetentionPlan> {
        let (mut removals, now) = (Vec::new(), self.clock.now());
        let (totals, damaged) = self.plan_at(store, collection, now, &mut removals).await?;
        Ok(RetentionPlan { collection: collection.clone(), now, removals, damaged, totals })
    }

    /// Plans as [`plan`](Self::plan) does, and tells `sink` of each record on the way; answers the totals, and the records that could not be read.
    ///
    /// # Errors
    /// As for [`plan`](Self::plan).
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn plan_into<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        sink: &mut dyn PlanSink,
    ) -> Result<(PlanTotals, Vec<Error>)> {
        self.plan_at(store, collection, self.clock.now(), sink).await
    }

    async fn plan_at<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        now: Timestamp,
        sink: &mut dyn PlanSink,
    ) -> Result<(PlanTotals, Vec<Error>)> {
        let mut planning = Planning::begin(store, &self.rules, collection, now, true).await?;
        while planning.page(sink).await? {}
        Ok((planning.totals, planning.damaged))
    }

    /// Carries a plan out, in batches: each record only if it is still in the state that was planned. Then deletions whose grace period is over
    /// go for good.
    ///
    /// A record that fails stops no other. What is moved is copied, read back and compared before the record goes. It may be called again with
    /// the same plan, and after it broke off anywhere.
    ///
    /// # Errors
    /// [`Unsupported`](truthound_stores_core::ErrorKind::Unsupported) for a store without compare-and-swap: nothing would keep a record from going that was
    /// changed meanwhile; [`Invalid`](truthound_stores_core::ErrorKind::Invalid) if records would be moved to where they are, and if every record there was
    /// would be deleted for good ([`allow_empty`](RetentionConfig::allow_empty)); what stops the listing of old deletions. What happened to single records is in the answer; an error
    /// that comes after something was done says of how many records that is, as `deleted`, `archived`, `quarantined` and `purged`.
    ///
    /// # Cancel safety
    /// Each record is there, or where it was moved to, or both.
    pub async fn apply<S: Store + ?Sized>(&self, store: &S, plan: &RetentionPlan) -> Result<Applied> {
        Self::check_store(store)?;
        self.rules.check_rest(&plan.totals)?;
        self.targets.check_apart(store, &*self.clock).await?;
        let (mut applied, began) = (Applied::default(), self.clock.now());
        let ended: Result<()> = async {
            self.carry_out(store, &plan.collection, &plan.removals, &mut applied, &mut None).await?;
            self.purge_into(store, &plan.collection, began, &mut applied, &mut None).await
        }
        .await;
        match ended {
            Ok(()) => Ok(applied),
            Err(error) => Err(applied.told(error)),
        }
    }

    /// Plans and applies page by page, so that no more than a page is held: for large stores and for schedules.
    ///
    /// # Errors
    /// As for [`plan`](Self::plan) and [`apply`](Self::apply).
    ///
    /// # Cancel safety
    /// As for [`apply`](Self::apply).
    pub async fn run<S: Store + ?Sized>(&self, store: &S, collection: &Collection) -> Result<Applied> {
        self.run_under(store, collection, &mut None).await
    }

    /// Plans and applies; `lease` is kept meanwhile, and without it nothing goes on.
    async fn run_under<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        lease: &mut Option<Lease>,
    ) -> Result<Applied> {
        Self::check_store(store)?;
        self.targets.check_apart(store, &*self.clock).await?;
        let mut applied = Applied::default();
        match self.run_into(store, collection, &mut applied, lease).await {
            Ok(()) => Ok(applied),
            Err(error) => Err(applied.told(error)),
        }
    }

    async fn run_into<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        applied: &mut Applied,
        lease: &mut Option<Lease>,
    ) -> Result<()> {
        let began = self.clock.now();
        if self.rules.may_refuse() {
            self.check_rest(store, collection, began, lease).await?;
        }
        let mut planning = Planning::begin(store, &self.rules, collection, began, false).await?;
        let mut removals: Vec<Removal> = Vec::new();
        while planning.page(&mut removals).await? {
            planning.damaged.drain(..).for_each(|error| applied.fail(error));
            self.carry_out(store, collection, &removals, applied, lease).await?;
            removals.clear();
            self.keep(store, lease).await?;
        }
        applied.planned = Some(planning.totals);
        self.purge_into(store, collection, began, applied, lease).await
    }

    /// Looks whether a run would leave anything: at no more records than it takes to find one that stays, which mostly is the newest.
    async fn check_rest<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        now: Timestamp,
        lease: &mut Option<Lease>,
    ) -> Result<()> {
        let mut planning = Planning::begin(store, &self.rules, collection, now, false).await?;
        while planning.totals.kept() == 0 && planning.page(&mut Nobody).await? {
            self.keep(store, lease).await?;
        }
        self.rules.check_rest(&planning.totals)
    }

    /// Removes deletions for good whose grace period is over; answers what was removed. Records that are held by a tag stay.
    ///
    /// # Errors
    /// As for [`apply`](Self::apply).
    ///
    /// # Cancel safety
    /// Each is removed or not.
    pub async fn purge<S: Store + ?Sized>(&self, store: &S, collection: &Collection) -> Result<Applied> {
        Self::check_store(store)?;
        let mut applied = Applied::default();
        match self.purge_into(store, collection, self.clock.now(), &mut applied, &mut None).await {
            Ok(()) => Ok(applied),
            Err(error) => Err(applied.told(error)),
        }
    }

    /// Checks that the store can do what keeps records safe.
    fn check_store<S: Store + ?Sized>(store: &S) -> Result<()> {
        let info = store.info();
        let (can, place) = (info.capabilities, info.location);
        if !can.writable {
            return Err(Error::unsupported(format!(
                "{place} is only read: retention plans for it, and moves or deletes nothing; copy its records into a store that can be written, \
                 and apply the policies there"
            )));
        }
        if !can.compare_and_swap {
            return Err(Error::unsupported(format!(
                "{place} cannot bind a delete to a revision, so that a record which changes meanwhile would be lost: retention only \
                 plans for it"
            )));
        }
        Ok(())
    }

    async fn carry_out<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        removals: &[Removal],
        applied: &mut Applied,
        lease: &mut Option<Lease>,
    ) -> Result<()> {
        for batch in removals.chunks(self.batch_size) {
            self.keep(store, lease).await?;
            for action in RetentionAction::ALL {
                let some: Vec<Removal> =
                    batch.iter().filter(|removal| removal.action == action).cloned().collect();
                if !some.is_empty() {
                    self.carry_out_one(store, collection, action, &some, applied).await?;
                }
            }
        }
        Ok(())
    }

    /// Says that a run by the schedule goes on, and finds out whether it may: after each step that takes as long as others make it.
    async fn keep<S: Store + ?Sized>(&self, store: &S, lease: &mut Option<Lease>) -> Result<()> {
        match lease {
            Some(lease) => lease.keep(store, self.clock.now()).await,
            None => Ok(()),
        }
    }

    async fn carry_out_one<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        action: RetentionAction,
        removals: &[Removal],
        applied: &mut Applied,
    ) -> Result<()> {
        if let Some(target) = self.targets.of(action) {
            let to = Destination { store: &**target, collection: collection.clone(), action, until: None };
            relocate(store, &to, removals, applied).await;
        } else if action != RetentionAction::Delete {
            // A plan of other settings: nothing is ever deleted instead.
            return Err(Error::invalid(format!(
                "the plan has the action {action}, and no store is named that takes the records: plan again"
            )));
        } else if self.rules.grace() > 0 {
            let until = Some(self.clock.now().plus_micros(self.rules.grace()));
            let to = Destination { store, collection: stamp::trash_of(collection)?, action, until };
            relocate(store, &to, removals, applied).await;
        } else {
            let going = removals.iter().map(|removal| (removal.key.clone(), removal.revision.clone()));
            let outcomes = store.delete_revisions(going.collect()).await;
            let mut changed = Vec::new();
            for (removal, outcome) in removals.iter().zip(outcomes) {
                if matches!(&outcome, Err(error) if error.kind() == ErrorKind::Conflict) {
                    changed.push(removal);
                }
                applied.left(action, removal.size, outcome);
            }
            look_again(store, &changed).await;
        }
        Ok(())
    }

    /// Removes what was due at `now`: the moment at which a run began, so that no run removes what it has deleted itself.
    async fn purge_into<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        now: Timestamp,
        applied: &mut Applied,
        lease: &mut Option<Lease>,
    ) -> Result<()> {
        // A collection whose name is too long for this can have no such deletions.
        let Ok(trash) = stamp::trash_of(collection) else { return Ok(()) };
        let query = Query::new().with_collection(trash).with_page_size(self.batch_size);
        let mut after = None;
        loop {
            let page = store.list_page(&query, after).await?;
            self.keep(store, lease).await?;
            page.damaged.into_iter().for_each(|error| applied.fail(error));
            let due: Vec<RecordMeta> = page.metas.into_iter().filter(|meta| self.is_due(meta, now)).collect();
            let going = due.iter().map(|meta| (meta.key.clone(), meta.revision.clone())).collect();
            for (meta, outcome) in due.iter().zip(store.delete_revisions(going).await) {
                match outcome {
                    Ok(true) => applied.purged.add(meta.size),
                    // Another run was faster, or it was restored.
                    Ok(false) => {}
                    Err(error) => applied.fail(error),
                }
            }
            // After the last one, too: whoever was silent for too long has not made the run alone.
            self.keep(store, lease).await?;
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    fn is_due(&self, meta: &RecordMeta, now: Timestamp) -> bool {
        stamp::until(meta).is_some_and(|until| until <= now)
            && self.rules.held_by(&meta.attributes.tags).is_none()
    }
}

/// Is told of a plan, and keeps nothing of it.
struct Nobody;

impl PlanSink for Nobody {
    fn remove(&mut self, _: Removal) {}
}
