//! The recipe of stores behind a circuit breaker.

use std::sync::Arc;

use truthound_stores_core::{Clock, Layer, Result, Store};

use super::state::Limits;
use super::{CircuitBreaker, CircuitBreakerConfig, CircuitBreakerStore};

/// Makes [`CircuitBreakerStore`]s.
///
/// **Order.** Inside of [`RetryLayer`](crate::RetryLayer), so that every attempt is counted and an open breaker ends the retries. Outside of
/// whatever bounds the time of a call: one that is dropped by its caller, instead of failing with `Timeout`, says nothing of the store.
#[derive(Clone, Debug)]
pub struct CircuitBreakerLayer(Whose);

#[derive(Clone, Debug)]
enum Whose {
    /// Each store gets one of its own.
    Own(Limits, Arc<dyn Clock>),
    Shared(CircuitBreaker),
}

impl CircuitBreakerLayer {
    /// Checks the settings, and gives each store a breaker of its own, which measures time by `clock`.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the setting that cannot be.
    #[allow(clippy::needless_pass_by_value, reason = "as all layers take their settings")]
    pub fn new(config: CircuitBreakerConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self(Whose::Own(config.limits()?, clock)))
    }

    /// Puts a store behind `breaker`, together with all others that are behind it: stores that fail together.
    pub fn shared(breaker: CircuitBreaker) -> Self {
        Self(Whose::Shared(breaker))
    }
}

impl<S: Store> Layer<S> for CircuitBreakerLayer {
    type Store = CircuitBreakerStore<S>;

    fn layer(self, inner: S) -> CircuitBreakerStore<S> {
        let breaker = match self.0 {
            Whose::Own(limits, clock) => CircuitBreaker::of(limits, clock),
            Whose::Shared(breaker) => breaker,
        };
        CircuitBreakerStore::new(inner, breaker)
    }
}
