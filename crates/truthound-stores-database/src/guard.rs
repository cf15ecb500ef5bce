//! The path of every call: health check, circuit breaker, pool, and retries around them.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};
use truthound_stores_core::{Error, ErrorKind, Result, Timer};
use truthound_stores_resilience::{
    Attempts, BreakerStatus, CircuitBreaker, HealthCheck, HealthStatus, Permit, Probe, Retry, RetryStats,
    Signal,
};

use crate::error::{Failed, Trouble};
use crate::pool::{Lease, Pool};
use crate::sql::Sql;

/// Guards the pool.
#[derive(Debug)]
pub(crate) struct Guard {
    pool: Pool,
    retry: Option<Retry>,
    breaker: Option<CircuitBreaker>,
    health: Option<Arc<HealthCheck>>,
    /// SQLite has one writer at a time. Waiting for a turn here is fair; waiting for its lock is by polling.
    writer: Option<Mutex<()>>,
}

impl Guard {
    /// Puts what the settings ask for into the path.
    ///
    /// # Errors
    /// `Invalid`, naming the setting that cannot be.
    pub(crate) fn new(pool: Pool, timer: &Arc<dyn Timer>, one_writer: bool) -> Result<Self> {
        let settings = pool.settings();
        let clock = pool.clock();
        let retry = settings.retry.as_ref();
        let retry =
            retry.map(|config| Retry::new(config, Arc::clone(clock), Arc::clone(timer))).transpose()?;
        let breaker = settings.circuit_breaker.as_ref();
        let breaker = breaker.map(|config| CircuitBreaker::new(config, Arc::clone(clock))).transpose()?;
        let health = match &settings.health_check {
            None => None,
            Some(config) => {
                let probe = probe(&pool, config.query.clone());
                let check = HealthCheck::new(config, probe, Arc::clone(clock), Arc::clone(timer))?;
                Some(Arc::new(check))
            }
        };
        let writer = one_writer.then(Mutex::default);
        Ok(Self { pool, retry, breaker, health, writer })
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) fn retry_stats(&self) -> Option<RetryStats> {
        self.retry.as_ref().map(Retry::stats)
    }

    pub(crate) fn breaker_status(&self) -> Option<BreakerStatus> {
        self.breaker.as_ref().map(CircuitBreaker::status)
    }

    pub(crate) fn health_status(&self) -> Option<HealthStatus> {
        self.health.as_ref().map(|health| health.status())
    }

    /// Asks the database now whether it is well.
    pub(crate) async fn check(&self) -> Option<Result<()>> {
        match &self.health {
            Some(health) => Some(health.check_now().await),
            None => None,
        }
    }

    /// Begins a call.
    pub(crate) fn call(&self) -> Call<'_> {
        let attempts = self.retry.as_ref().map(Retry::begin);
        Call { guard: self, attempts, doubtful: false, replaced: false, writes: false }
    }

    /// Begins a call that writes.
    pub(crate) fn write(&self) -> Call<'_> {
        Call { writes: true, ..self.call() }
    }
}

fn probe(pool: &Pool, query: String) -> Probe {
    let pool = pool.clone();
    Arc::new(move || {
        let (pool, query) = (pool.clone(), query.clone());
        Box::pin(async move {
            // All of a database in memory that a check could find out is that it is in use.
            let Some(mut lease) = pool.acquire_for_check().await? else { return Ok(()) };
            // Whatever it answers, of types that nothing here can read, too: that it answers is what was asked.
            lease.execute(Sql::text(lease.dialect(), &query).once()).await?;
            Ok(())
        })
    })
}

/// One call, and the attempts that it takes.
pub(crate) struct Call<'g> {
    guard: &'g Guard,
    attempts: Option<Attempts<'g>>,
    /// An attempt may have been carried out, though nobody said so.
    doubtful: bool,
    /// A connection was replaced that was taken to work, and did not.
    replaced: bool,
    writes: bool,
}

/// One attempt: a connection, and leave to use it.
pub(crate) struct Attempt<'g> {
    pub(crate) lease: Lease,
    permit: Option<Permit>,
    turn: Option<MutexGuard<'g, ()>>,
}

/// What follows from an attempt.
pub(crate) enum Next<T> {
    Done(Result<T>),
    Again,
}

impl<'g> Call<'g> {
    /// Tells whether an earlier attempt may have been carried out.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Begins the next attempt; waits and tries again where nothing was begun.
    ///
    /// # Errors
    /// What kept the call from being begun at last.
    ///
    /// # Cancel safety
    /// Dropping the future ends the call.
    pub(crate) async fn attempt(&mut self) -> Result<Attempt<'g>> {
        loop {
            match self.begin().await {
                Ok(attempt) => return Ok(attempt),
                Err(error) => self.again(error).await?,
            }
        }
    }

    async fn begin(&self) -> Result<Attempt<'g>> {
        let guard = self.guard;
        if let Some(health) = &guard.health {
            health.ready().await?;
        }
        let permit = guard.breaker.as_ref().map(CircuitBreaker::acquire).transpose()?;
        let turn = match &guard.writer {
            Some(writer) if self.writes => {
                let turn = guard.pool.within(guard.pool.settings().pool_timeout, writer.lock()).await;
                Some(turn.ok_or_else(|| {
                    let message = format!(
                        "others of this program have been writing for {:?}: raise pool_timeout, or write less at once",
                        guard.pool.settings().pool_timeout
                    );
                    Error::new(ErrorKind::Timeout, message).retryable(false)
                })?)
            }
            _ => None,
        };
        match guard.pool.acquire().await {
            Ok(lease) => Ok(Attempt { lease, permit, turn }),
            Err(failed) => {
                tell(permit, Some(&failed));
                Err(failed.error)
            }
        }
    }

    /// Ends an attempt; waits where there is to be another one.
    ///
    /// # Cancel safety
    /// Dropping the future ends the call.
    pub(crate) async fn settle<T>(&mut self, attempt: Attempt<'g>, outcome: Result<T, Failed>) -> Next<T> {
        let Attempt { mut lease, permit, turn } = attempt;
        if matches!(&outcome, Err(Failed { trouble: Trouble::Lost | Trouble::Unknown, .. })) {
            lease.spoil();
        }
        let was_broken_before = lease.was_broken_before();
        // Given back before the pause, so that others need not wait for it.
        drop((lease, turn));
        match outcome {
            Ok(done) => {
                tell(permit, None);
                Next::Done(match self.attempts.take() {
                    Some(attempts) => attempts.end(Ok(done)),
                    None => Ok(done),
                })
            }
            Err(failed) if was_broken_before && !self.replaced => {
                // As if it had been asked before: a ping that is not answered is no attempt either, and says nothing of the database.
                drop(permit);
                self.guard.pool.found_broken();
                self.replaced = true;
                self.doubtful |= failed.trouble == Trouble::Unknown;
                Next::Again
            }
            Err(failed) => {
                tell(permit, Some(&failed));
                // One that says itself that nobody knows needs nobody to say so.
                let doubtful = self.doubtful && failed.trouble != Trouble::Unknown;
                self.doubtful |= failed.trouble == Trouble::Unknown;
                match self.again_if(doubtful, failed.error).await {
                    Ok(()) => Next::Again,
                    Err(error) => Next::Done(Err(error)),
                }
            }
        }
    }

    async fn again(&mut self, error: Error) -> Result<()> {
        self.again_if(self.doubtful, error).await
    }

    /// Waits for the next attempt, or says why there is none. `doubtful` tells whether an earlier one may have been carried out, and the error does not
    /// say so: whatever kept this attempt from finding out, what became of the call is not known.
    async fn again_if(&mut self, doubtful: bool, error: Error) -> Result<()> {
        let ended = if error.is_retryable()
            && let Some(attempts) = &mut self.attempts
        {
            attempts.again(error).await
        } else {
            match self.attempts.take() {
                Some(attempts) => attempts.end(Err(error)),
                None => Err(error),
            }
        };
        ended.map_err(|last| if doubtful { unsure(last) } else { last })
    }
}

/// Tells the breaker what an attempt says of the database.
fn tell(permit: Option<Permit>, failed: Option<&Failed>) {
    let Some(permit) = permit else { return };
    match failed {
        // Whatever it answered, be it that its disk is full or that a statement took too long, it is there.
        None | Some(Failed { trouble: Trouble::Again | Trouble::Taken | Trouble::Refused, .. }) => {
            permit.settle(Signal::Success);
        }
        Some(failed) => permit.record(&Err::<(), _>(failed.error.repeat())),
    }
}

/// Says that it is not known whether a write was carried out. Nobody should make it again without looking.
fn unsure(last: Error) -> Error {
    let message = "an earlier attempt of this call may have been carried out, and it could not be found out whether it was: read to know";
    Error::new(ErrorKind::Timeout, message).retryable(false).caused_by(last)
}

#[cfg(test)]
mod tests;
