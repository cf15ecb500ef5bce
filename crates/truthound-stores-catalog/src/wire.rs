//! Requests: what their errors mean, and when they are made again.

use std::sync::Arc;

use truthound_stores_core::{Clock, Error, ErrorKind, Result, Timer};

use crate::backoff::delay;
use crate::error;
use crate::flaw::{Flaw, Flaws};
use crate::fold::Portions;
use crate::workers::Workers;

/// How often a request that changes nothing, or the same each time, is made before its error is passed on. The clients of real stores
/// have repeated it before.
const ATTEMPTS: u32 = 5;

/// Makes requests again that have failed in a way that may pass.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timer: Arc<dyn Timer>,
    /// Who encodes and decodes what is sent and received.
    pub(crate) workers: Workers,
    pub(crate) flaws: Flaws,
    /// How much the folds take that are made by it.
    pub(crate) portions: Portions,
}

impl Wire {
    pub(crate) fn new(clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Self {
        let (workers, flaws, portions) = (Workers::default(), Flaws::default(), Portions::default());
        Self { clock, timer, workers, flaws, portions }
    }

    /// Hands in who encodes and decodes. By default the caller does.
    pub(crate) fn with_workers(mut self, workers: Workers) -> Self {
        self.workers = workers;
        self
    }

    /// Has folds take less.
    #[cfg(test)]
    pub(crate) fn with_portions(mut self, portions: Portions) -> Self {
        self.portions = portions;
        self
    }

    /// Puts an error back.
    #[cfg(test)]
    pub(crate) fn with_flaw(mut self, flaw: Option<Flaw>) -> Self {
        self.flaws.one = flaw;
        self
    }

    /// Says what an error means of a request that may be repeated blindly.
    pub(crate) fn error(&self, cause: &object_store::Error, name: &str) -> Error {
        let error = error::of(cause, name);
        if self.flaws.has(Flaw::BusyTakenForConflict)
            && matches!(cause, object_store::Error::AlreadyExists { .. })
        {
            return Error::new(ErrorKind::Conflict, "somebody else was first");
        }
        error
    }

    /// Makes a request until it succeeds, fails for good, or has been made often enough. Only for what may be repeated blindly. `doing`
    /// completes "cannot …".
    pub(crate) async fn again<T, F>(
        &self,
        doing: &str,
        name: &str,
        mut request: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        let mut attempt = 1;
        loop {
            let error = match request().await {
                Ok(done) => return Ok(done),
                Err(cause) => self.error(&cause, name).with("doing", doing),
            };
            if attempt == ATTEMPTS || !error.is_retryable() {
                return Err(error);
            }
            self.pause(attempt, Some(&error)).await;
            attempt += 1;
        }
    }

    /// Waits after the `tries`th try, longer each time, and as long as the store has asked for.
    pub(crate) async fn pause(&self, tries: u32, error: Option<&Error>) {
        let asked = error.and_then(Error::retry_after);
        self.timer.sleep(delay(&*self.clock, tries, asked)).await;
    }
}
