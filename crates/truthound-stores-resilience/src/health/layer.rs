//! The recipe of stores that are checked.

use std::sync::Arc;

use truthound_stores_core::{Clock, Layer, Result, Store, Timer};

use super::config::Terms;
use super::{HealthCheck, HealthCheckConfig, HealthCheckStore};
use crate::Spawn;

/// Makes [`HealthCheckStore`]s.
///
/// **Order.** Inside of [`RetryLayer`](crate::RetryLayer) and [`CircuitBreakerLayer`](crate::CircuitBreakerLayer): a call that a check refuses is an
/// outage to both, and checks are neither repeated nor refused by them.
#[derive(Clone, Debug)]
pub struct HealthCheckLayer {
    terms: Terms,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    spawn: Option<Arc<dyn Spawn>>,
}

impl HealthCheckLayer {
    /// Checks the settings, and takes time from `clock` and `timer`, which must go by one time.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the setting that cannot be, or that has no effect here: `query`.
    #[allow(clippy::needless_pass_by_value, reason = "as all layers take their settings")]
    pub fn new(config: HealthCheckConfig, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Result<Self> {
        config.without_query()?;
        Ok(Self { terms: config.terms()?, clock, timer, spawn: None })
    }

    /// Checks in the background, too, at every interval, on what `spawn` runs. Default: only those who call check.
    #[must_use]
    pub fn with_spawn(mut self, spawn: Arc<dyn Spawn>) -> Self {
        self.spawn = Some(spawn);
        self
    }
}

impl<S: Store> Layer<S> for HealthCheckLayer {
    type Store = HealthCheckStore<S>;

    fn layer(self, inner: S) -> HealthCheckStore<S> {
        let health = |probe| HealthCheck::of(self.terms, probe, self.clock, self.timer);
        HealthCheckStore::of(inner, health, self.spawn.as_deref())
    }
}
