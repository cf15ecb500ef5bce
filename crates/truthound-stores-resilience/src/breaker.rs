//! Refusing calls for a while when the store does not answer.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use truthound_stores_core::{Clock, Error, ErrorKind, Result};

mod config;
mod layer;
mod permit;
mod signal;
mod state;
mod store;

pub use config::CircuitBreakerConfig;
pub use layer::CircuitBreakerLayer;
pub use permit::Permit;
pub use signal::Signal;
pub use state::{BreakerState, BreakerStatus};
pub use store::CircuitBreakerStore;

use state::{Limits, Machine, Refusal, Ticket};

/// Lets calls through while a store answers, refuses them at once when it does not, and tries it again after a while.
///
/// Closed, it lets all calls through; after `failure_threshold` failures in a row it opens. Open, it refuses all calls, for `timeout` seconds. Half
/// open, it lets at most `half_open_max_calls` through at a time, and no more in all than are needed; it closes after
/// `success_threshold` successes and opens again at the first failure. What counts as what, [`Signal`] says. Clones are one breaker.
///
/// It cannot get stuck: a call that is dropped gives its place back, and places that have not been given back for `timeout` seconds are given
/// away anew. What comes of a call that began in an earlier state changes nothing.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use truthound_stores_core::{Error, ErrorKind, Result};
/// use truthound_stores_resilience::{BreakerState, CircuitBreaker, CircuitBreakerConfig};
/// use truthound_stores_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let clock = Arc::new(ManualClock::new(1));
/// let breaker = CircuitBreaker::new(&CircuitBreakerConfig::new().with_failure_threshold(1), clock.clone())?;
/// let down = || async { Err::<(), _>(Error::new(ErrorKind::Unavailable, "connection refused")) };
/// breaker.call(down()).await.unwrap_err();
///
/// let refused = breaker.call(async { Ok(()) }).await.unwrap_err();
/// assert_eq!(refused.retry_after(), Some(Duration::from_secs(60)));
/// assert_eq!(refused.report(), "the circuit breaker is open: connection refused");
///
/// clock.advance(Duration::from_secs(60));
/// breaker.call(async { Ok(()) }).await?;
/// assert_eq!(breaker.status().state, BreakerState::HalfOpen);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CircuitBreaker(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
}

struct Inner {
    machine: Machine,
    /// Why it opened last: what is told to those who are refused.
    cause: Option<Error>,
}

impl CircuitBreaker {
    /// Checks the settings; the breaker begins closed, and measures time by `clock`.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid), naming the setting that cannot be.
    pub fn new(config: &CircuitBreakerConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self::of(config.limits()?, clock))
    }

    fn of(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let inner = Mutex::new(Inner { machine: Machine::new(limits), cause: None });
        Self(Arc::new(Shared { clock, inner }))
    }

    /// Makes a call if the breaker lets it, and learns from its outcome. A call that is refused is not begun.
    ///
    /// # Errors
    /// The call's own; [`Unavailable`](ErrorKind::Unavailable) with [`retry_after`](Error::retry_after) if it is refused.
    ///
    /// # Cancel safety
    /// Dropping the future drops the call, gives its place back, and says nothing for or against the store.
    pub async fn call<T: Send>(&self, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
        let permit = self.acquire()?;
        let outcome = call.await;
        permit.record(&outcome);
        outcome
    }

    /// Asks to make a call. Whoever gets a permit tells it what came of the call, or drops it.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) if the call is refused, with [`retry_after`](Error::retry_after): when an open breaker
    /// tries the store again; a second at most while a half-open one waits for the calls it has let through.
    pub fn acquire(&self) -> Result<Permit> {
        let now = self.0.clock.monotonic();
        let mut inner = self.inner();
        match inner.machine.ask(now) {
            Ok(ticket) => Ok(Permit::new(self.clone(), ticket)),
            Err(refusal) => Err(refused(refusal, inner.cause.as_ref())),
        }
    }

    /// Returns the state and the counts of this moment.
    pub fn status(&self) -> BreakerStatus {
        let now = self.0.clock.monotonic();
        self.inner().machine.status(now)
    }

    /// Hears what came of a call.
    fn tell(&self, ticket: Ticket, signal: Signal, error: Option<&Error>) {
        let now = self.0.clock.monotonic();
        let mut inner = self.inner();
        if inner.machine.tell(ticket, signal, now) {
            inner.cause = error.map(Error::repeat);
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(refusal: Refusal, cause: Option<&Error>) -> Error {
    let message = match refusal.state {
        BreakerState::HalfOpen => "the circuit breaker is half open, and tries the store with other calls",
        _ => "the circuit breaker is open",
    };
    let error = Error::new(ErrorKind::Unavailable, message).retry_after_delay(refusal.retry_after);
    match cause {
        Some(cause) => error.caused_by(cause.repeat()),
        None => error,
    }
}

/// Shows the status.
impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CircuitBreaker").field(&self.status()).finish()
    }
}

#[cfg(test)]
mod tests;
