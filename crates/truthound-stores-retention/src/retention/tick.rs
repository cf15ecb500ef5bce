//! Running by a schedule.

use std::time::Duration;

use truthound_stores_core::{Collection, Error, Result, Store, Timer, Timestamp};

use super::Retention;
use crate::Applied;
use crate::lease::{Asked, Lease};

/// The longest pause between two looks at a schedule that is not due: clocks are set, and others run.
const LONGEST: Duration = Duration::from_hours(1);
/// The pause after a run that failed, and the longest one while another process runs.
const SHORT: Duration = Duration::from_mins(1);

/// Says what became of a look at the schedule.
#[derive(Debug)]
#[non_exhaustive]
pub enum Tick {
    /// Nothing is due until then.
    NotDue(Timestamp),
    /// Another process runs; it has until then to say that it goes on.
    Busy(Timestamp),
    /// A run was due, and was made.
    Ran(Box<Applied>),
}

impl Retention {
    /// Makes a run if the schedule says that one is due, and if no other process makes it: however many call this at once, one runs.
    ///
    /// Who runs is said by a record in a hidden collection of the store. A process that ends in the middle keeps others from running for
    /// [`lease_seconds`](crate::RetentionSchedule::lease_seconds) at the most. A run that fails is due again.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) without a schedule in the settings; as for [`run`](Retention::run);
    /// [`Conflict`](truthound_stores_core::ErrorKind::Conflict) if the run took so long without a sign of life that another process took over.
    ///
    /// # Cancel safety
    /// As for [`run`](Retention::run); the next run waits for the end of the lease.
    pub async fn tick<S: Store + ?Sized>(&self, store: &S, collection: &Collection) -> Result<Tick> {
        let Some(schedule) = &self.schedule else {
            return Err(Error::invalid(
                "retention has no schedule: give it an interval or a cron expression",
            ));
        };
        Self::check_store(store)?;
        let lease = match Lease::ask(store, collection, schedule, &*self.clock).await? {
            Asked::Taken(lease) => lease,
            Asked::NotDue(at) => return Ok(Tick::NotDue(at)),
            Asked::Busy(until) => return Ok(Tick::Busy(until)),
        };
        let mut lease = Some(lease);
        let ran = self.run_under(store, collection, &mut lease).await;
        let given_back = match lease {
            Some(lease) => lease.give_back(store, ran.is_ok(), self.clock.now()).await,
            None => Ok(()),
        };
        let applied = ran?;
        given_back?;
        Ok(Tick::Ran(Box::new(applied)))
    }

    /// Looks at the schedule again and again, and makes the runs that are due, until it is dropped; `told` is told what became of each look.
    ///
    /// `timer` must go by the time of the clock. A run that fails is made again a minute later.
    ///
    /// # Cancel safety
    /// As for [`tick`](Self::tick).
    pub async fn keep_schedule<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        timer: &dyn Timer,
        mut told: impl FnMut(&Result<Tick>) + Send,
    ) {
        loop {
            let tick = self.tick(store, collection).await;
            told(&tick);
            let pause = match &tick {
                Ok(Tick::NotDue(at)) => self.until(*at).min(LONGEST),
                Ok(Tick::Busy(until)) => self.until(*until).min(SHORT),
                // The schedule says when the next one is due.
                Ok(Tick::Ran(_)) => continue,
                Err(_) => SHORT,
            };
            timer.sleep(pause).await;
        }
    }

    fn until(&self, at: Timestamp) -> Duration {
        let micros = at.micros_since(self.clock.now());
        // A moment more, so that it is over then.
        Duration::from_micros(u64::try_from(micros).unwrap_or_default()) + Duration::from_millis(1)
    }
}
