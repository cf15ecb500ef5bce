//! Requests: what their errors mean, and when they are made again.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{Clock, Error, ErrorKind, Result, Timer, random_u64};

/// How often a request that changes nothing, or the same each time, is made before its error is passed on. The clients of real stores
/// have repeated it before.
const ATTEMPTS: u32 = 5;
/// The first pause; each is up to twice as long as the one before (full jitter:
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Makes requests again that have failed in a way that may pass.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timer: Arc<dyn Timer>,
}

impl Wire {
    pub(crate) fn new(clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Self {
        Self { clock, timer }
    }

    /// Makes a request until it succeeds, fails for good, or has been made often enough. Only for what may be repeated blindly.
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
                Err(cause) => error(doing, name, cause),
            };
            if attempt == ATTEMPTS || !may_pass(&error) {
                return Err(error);
            }
            self.pause(attempt).await;
            attempt += 1;
        }
    }

    /// Waits before the next attempt, by chance up to twice as long as before the one before it.
    pub(crate) async fn pause(&self, attempt: u32) {
        let most = FIRST_PAUSE.saturating_mul(1 << attempt.min(16).saturating_sub(1)).min(LONGEST_PAUSE);
        let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX).max(1);
        self.timer.sleep(Duration::from_micros(random_u64(&*self.clock) % micros)).await;
    }
}

fn may_pass(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Overloaded)
}

/// Turns an error of the object store into a store's error. `doing` completes "cannot …".
pub(crate) fn error(doing: &str, name: &str, cause: object_store::Error) -> Error {
    use object_store::Error as Cause;
    let (kind, hint) = match &cause {
        Cause::NotFound { .. } => (ErrorKind::NotFound, ""),
        Cause::PermissionDenied { .. } => {
            (ErrorKind::Denied, ": check what the credentials are allowed to do")
        }
        Cause::Unauthenticated { .. } => (ErrorKind::Denied, ": check the credentials"),
        Cause::AlreadyExists { .. } | Cause::Precondition { .. } | Cause::NotModified { .. } => {
            (ErrorKind::Conflict, "")
        }
        Cause::NotSupported { .. } | Cause::NotImplemented { .. } => {
            (ErrorKind::Unsupported, ": the object store does not offer it")
        }
        Cause::InvalidPath { .. } | Cause::UnknownConfigurationKey { .. } => (ErrorKind::Invalid, ""),
        _ => (ErrorKind::Unavailable, ""),
    };
    Error::new(kind, format!("cannot {doing}{hint}")).with("object", name.to_owned()).caused_by(cause)
}
