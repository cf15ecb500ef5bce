//! The recipe of stores that make calls again.

use std::sync::Arc;

use truthound_stores_core::{Clock, Layer, Result, Store, Timer};

use super::{RepeatWrites, Retry, RetryConfig, RetryStore};

/// Makes [`RetryStore`]s.
///
/// **Order.** Outside of [`CircuitBreakerLayer`](crate::CircuitBreakerLayer), so that every attempt is counted and an open breaker ends the
/// retries; outside of whatever bounds the time of a single attempt; inside of what measures or limits calls as a whole. Not
/// around a store that makes its calls again itself, and not twice: attempts multiply.
#[derive(Clone, Debug)]
pub struct RetryLayer {
    retry: Retry,
    writes: RepeatWrites,
}

impl RetryLayer {
    /// Checks the settings, and takes time and chance from `clock` and `timer`, which must go by one time.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the setting that cannot be.
    #[allow(clippy::needless_pass_by_value, reason = "as all layers take their settings")]
    pub fn new(config: RetryConfig, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Result<Self> {
        Ok(Self { retry: Retry::new(&config, clock, timer)?, writes: config.writes })
    }
}

impl<S: Store> Layer<S> for RetryLayer {
    type Store = RetryStore<S>;

    fn layer(self, inner: S) -> RetryStore<S> {
        RetryStore::new(inner, self.retry.afresh(), self.writes)
    }
}
