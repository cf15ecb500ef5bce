//! Making calls again that may succeed later.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use truthound_stores_core::{Clock, Error, Result, Timer, random_u64};

mod batch;
mod config;
mod effect;
mod layer;
mod schedule;
mod store;

pub use config::RetryConfig;
pub use effect::RepeatWrites;
pub use layer::RetryLayer;
pub use store::RetryStore;

use schedule::{Next, Plan, Schedule};

/// Makes calls again: how often and after which pauses its [`RetryConfig`] says.
///
/// It decides when a call is made again; whether it may be is for the caller to say, who knows what the call does. Clones share their
/// [`stats`](Self::stats).
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::{Error, ErrorKind};
/// use truthound_stores_resilience::{Retry, RetryConfig};
/// # use truthound_stores_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// # let clock = Arc::new(ManualClock::new(1));
/// # let timer = Arc::clone(&clock);
/// let config = RetryConfig::new().with_base_delay(0.0);
/// let retry = Retry::new(&config, clock, timer)?;
/// let answer = retry
///     .run(|attempt| async move {
///         if attempt < 3 { Err(Error::new(ErrorKind::Unavailable, "not yet")) } else { Ok(attempt) }
///     })
///     .await?;
/// assert_eq!((answer, retry.stats().retries), (3, 2));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Retry {
    plan: Plan,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    retries: AtomicU64,
    recovered: AtomicU64,
    given_up: AtomicU64,
}

/// Counts what retries have done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryStats {
    /// Attempts beyond the first of a call.
    pub retries: u64,
    /// Calls that succeeded after they had failed at first.
    pub recovered: u64,
    /// Calls that failed in a way that may pass, and were not made again any more.
    pub given_up: u64,
}

impl Retry {
    /// Checks the settings, and takes time and chance from `clock` and `timer`, which must go by one time.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the setting that cannot be.
    pub fn new(config: &RetryConfig, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Result<Self> {
        Ok(Self { plan: config.plan()?, clock, timer, counters: Arc::default() })
    }

    /// Makes a call until it succeeds, fails in a way that does not pass ([`Error::is_retryable`]), or was made often enough.
    ///
    /// `attempt` is given the number of the attempt, 1 being the first. Only for what may be repeated whatever became of the
    /// attempts before: reads, and writes that the store itself recognises.
    ///
    /// # Errors
    /// The last attempt's, with the number of `attempts` as its context if there were several.
    ///
    /// # Cancel safety
    /// Dropping the future drops the attempt that is under way and makes no other.
    pub async fn run<T, F, A>(&self, attempt: F) -> Result<T>
    where
        F: FnMut(u32) -> A + Send,
        A: Future<Output = Result<T>> + Send,
        T: Send,
    {
        self.run_if(Error::is_retryable, attempt).await
    }

    /// Makes a call as [`run`](Self::run) does, again only after errors that `may_repeat` allows.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    ///
    /// # Cancel safety
    /// As for [`run`](Self::run).
    pub async fn run_if<T, P, F, A>(&self, may_repeat: P, mut attempt: F) -> Result<T>
    where
        P: Fn(&Error) -> bool + Send + Sync,
        F: FnMut(u32) -> A + Send,
        A: Future<Output = Result<T>> + Send,
        T: Send,
    {
        let mut attempts = self.begin();
        loop {
            match attempt(attempts.number()).await {
                Err(error) if may_repeat(&error) => attempts.again(error).await?,
                outcome => return attempts.end(outcome),
            }
        }
    }

    /// Begins a call whose attempts the caller makes itself: for what [`run`](Self::run) is too simple for.
    pub fn begin(&self) -> Attempts<'_> {
        Attempts { retry: self, schedule: Schedule::new(self.plan, self.clock.monotonic()), number: 1 }
    }

    /// Makes one that counts for itself.
    fn afresh(self) -> Self {
        Self { counters: Arc::default(), ..self }
    }

    /// Returns what was done so far, by this one and its clones.
    pub fn stats(&self) -> RetryStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { retries, recovered, given_up } = &*self.counters;
        RetryStats { retries: read(retries), recovered: read(recovered), given_up: read(given_up) }
    }
}

/// Shows the settings.
impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("plan", &self.plan)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// Keeps count of one call's attempts, and of the pauses between them. Got from [`Retry::begin`].
#[derive(Debug)]
#[must_use = "it only counts: the attempts are the caller's to make"]
pub struct Attempts<'r> {
    retry: &'r Retry,
    schedule: Schedule,
    number: u32,
}

impl Attempts<'_> {
    /// Returns the number of the attempt that is to be made, or under way; 1 is the first.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Waits until the next attempt is to be made, after one that failed with `error`.
    ///
    /// It does not judge the error, but for how long it asks to wait.
    ///
    /// # Errors
    /// `error`, at once, if there is to be no other attempt.
    ///
    /// # Cancel safety
    /// Dropping the future ends the call.
    pub async fn again(&mut self, error: Error) -> Result<()> {
        let Retry { clock, timer, counters, .. } = self.retry;
        match self.schedule.next(error.retry_after(), clock.monotonic(), random_u64(clock)) {
            Next::After(pause) => {
                timer.sleep(pause).await;
                self.number = self.number.saturating_add(1);
                counters.retries.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Next::Stop(_) => {
                counters.given_up.fetch_add(1, Ordering::Relaxed);
                Err(self.counted(error))
            }
        }
    }

    /// Ends the call with the outcome of its last attempt.
    ///
    /// # Errors
    /// That of the outcome, with the number of `attempts` as its context if there were several.
    pub fn end<T>(self, outcome: Result<T>) -> Result<T> {
        self.settle(outcome.is_ok());
        outcome.map_err(|error| self.counted(error))
    }

    /// Counts the call, once it is known whether all of it succeeded.
    fn settle(&self, succeeded: bool) {
        if succeeded && self.number > 1 {
            self.retry.counters.recovered.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counted(&self, error: Error) -> Error {
        if self.number > 1 { error.with("attempts", self.number.to_string()) } else { error }
    }
}

#[cfg(test)]
mod tests;
