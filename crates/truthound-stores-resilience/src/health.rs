//! Asking a store from time to time whether it is well.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{AbortHandle, Either, abortable, select};
use futures_util::lock::Mutex as Turn;
use truthound_stores_core::{BoxFuture, Clock, Error, ErrorKind, Result, Timer};

use crate::breaker::Signal;

mod config;
mod layer;
mod state;
mod store;

pub use config::HealthCheckConfig;
pub use layer::HealthCheckLayer;
pub use state::{HealthState, HealthStatus};
pub use store::HealthCheckStore;

use config::Terms;
use state::Machine;

/// Asks once whether a store is well.
pub type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Asks a store from time to time whether it is well, and remembers what it heard.
///
/// Whoever makes calls asks [`ready`](Self::ready) before each: that checks where it is time to, and refuses calls of a store that does not
/// answer. [`watch`](Self::watch) gives a future that checks at every interval, for whoever has something to run it on; without one, checks are
/// made by those who call.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::{Error, ErrorKind, Result};
/// use truthound_stores_resilience::{HealthCheck, HealthCheckConfig, HealthState, Probe};
/// use truthound_stores_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let clock = Arc::new(ManualClock::new(1));
/// let probe: Probe = Arc::new(|| Box::pin(async { Err(Error::new(ErrorKind::Unavailable, "connection refused")) }));
/// let health = HealthCheck::new(&HealthCheckConfig::new(), probe, clock.clone(), clock)?;
/// assert_eq!(health.status().state, HealthState::Unknown);
///
/// let refused = health.ready().await.unwrap_err();
/// assert_eq!(refused.report(), "the store failed its health check: connection refused");
/// assert_eq!(health.status().state, HealthState::Unhealthy);
/// # Ok(())
/// # }
/// ```
pub struct HealthCheck {
    terms: Terms,
    probe: Probe,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    state: Mutex<State>,
    /// One check at a time.
    turn: Turn<()>,
}

struct State {
    machine: Machine,
    /// What the last check that ended said.
    error: Option<Error>,
}

impl HealthCheck {
    /// Checks the settings; `probe` asks the store, time comes from `clock` and `timer`, which must go by one time.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid), naming the setting that cannot be.
    pub fn new(
        config: &HealthCheckConfig,
        probe: Probe,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
    ) -> Result<Self> {
        Ok(Self::of(config.terms()?, probe, clock, timer))
    }

    fn of(terms: Terms, probe: Probe, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Self {
        let state = Mutex::new(State { machine: Machine::new(terms), error: None });
        Self { terms, probe, clock, timer, state, turn: Turn::new(()) }
    }

    /// Returns what is known of the store at this moment. Asks nobody.
    pub fn status(&self) -> HealthStatus {
        let state = self.state();
        state.machine.status(state.error.as_ref())
    }

    /// Checks now, whatever the interval, and also if checks are not `enabled`. Of those who ask while a check is under way, all wait for the one
    /// that follows it.
    ///
    /// # Errors
    /// What the store answered; [`Timeout`](ErrorKind::Timeout) if it did not within the configured `timeout`.
    ///
    /// # Cancel safety
    /// Dropping the future drops the check; another who waits for it makes it instead.
    pub async fn check_now(&self) -> Result<()> {
        let asked = self.state().machine.begun();
        let _turn = self.turn.lock().await;
        {
            let state = self.state();
            if state.machine.has_ended_since(asked) {
                return state.error.as_ref().map_or(Ok(()), |error| Err(error.repeat()));
            }
        }
        self.check().await
    }

    /// Checks before a call, where it is time to: if the last check is `interval` seconds ago, or the store is unhealthy.
    ///
    /// A store that is healthy is checked by one of its callers, while the others go on. One that is unhealthy is checked before every call, once for
    /// all who call meanwhile: so it is used again as soon as it answers, and costs no call more than the `timeout` while it does not.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) if the store is unhealthy because it did not answer. The call was not begun: a write had no effect. A
    /// store that answers with another error is unhealthy, but is left to answer the call itself.
    ///
    /// # Cancel safety
    /// As for [`check_now`](Self::check_now).
    pub async fn ready(&self) -> Result<()> {
        if !self.terms.enabled {
            return Ok(());
        }
        let now = self.clock.monotonic();
        let (state, due) = {
            let state = self.state();
            (state.machine.state(), state.machine.is_due(now))
        };
        let checked = if state == HealthState::Unhealthy {
            self.check_now().await
        } else if due && let Some(_turn) = self.turn.try_lock() {
            self.check().await
        } else {
            return Ok(());
        };
        match checked {
            Err(error) if self.refuses(&error) => {
                let refusal = Error::new(ErrorKind::Unavailable, "the store failed its health check");
                Err(refusal.caused_by(error))
            }
            _ => Ok(()),
        }
    }

    /// Makes a future that checks at once and then at every interval, and a handle that ends it.
    ///
    /// The future ends when the handle is dropped, and at once if checks are not `enabled`. It needs nothing but to be polled.
    pub fn watch(self: &Arc<Self>) -> (impl Future<Output = ()> + Send + 'static, Watching) {
        let check = Arc::clone(self);
        let (watching, handle) = abortable(async move {
            if !check.terms.enabled {
                return;
            }
            loop {
                // What it heard is remembered; there is nobody here to be told.
                drop(check.check_now().await);
                check.timer.sleep(check.terms.interval).await;
            }
        });
        (async move { watching.await.unwrap_or(()) }, Watching(handle))
    }

    /// Tells whether a check that ended so keeps calls from being made.
    fn refuses(&self, error: &Error) -> bool {
        Signal::of(error) == Signal::Failure && self.state().machine.state() == HealthState::Unhealthy
    }

    /// Makes a check; the caller has the turn.
    async fn check(&self) -> Result<()> {
        let began = self.clock.monotonic();
        let number = self.state().machine.begin();
        let patience = self.timer.sleep(self.terms.timeout);
        let outcome = match select((self.probe)(), patience).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => Err(no_answer(self.terms.timeout)),
        };
        let (now, ended) = (self.clock.now(), self.clock.monotonic());
        let mut state = self.state();
        state.machine.end(number, outcome.is_ok(), now, ended, ended.saturating_sub(began));
        state.error = outcome.as_ref().err().map(Error::repeat);
        outcome
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_answer(timeout: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("no answer to the health check within {timeout:?}"))
        .during("check")
}

/// Shows the status.
impl fmt::Debug for HealthCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthCheck").field("status", &self.status()).finish_non_exhaustive()
    }
}

/// Keeps a future of [`HealthCheck::watch`] going; dropping it ends the future, and a check that is under way with it.
#[derive(Debug)]
#[must_use = "dropping it ends the checks"]
pub struct Watching(AbortHandle);

impl Watching {
    /// Ends the checks, as dropping does.
    pub fn stop(&self) {
        self.0.abort();
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests;
