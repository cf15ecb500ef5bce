//! The recipe of stores that keep versions.

use std::sync::Arc;

use truthound_stores_core::{Clock, Layer, Result, Store};

use crate::config::VersioningConfig;
use crate::store::VersionedStore;

/// Makes [`VersionedStore`]s.
///
/// **Order.** Inside of caching, observability and backpressure, which see one document and not its versions; outside of retention and replication: versions are records
/// of the store inside, so that they are replicated, and what retention removes is the current document alone.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::{StoreExt, SystemClock};
/// # use truthound_stores_memory::MemoryStore;
/// use truthound_stores_versioning::{VersioningConfig, VersioningLayer};
///
/// let layer = VersioningLayer::new(VersioningConfig::new(), Arc::new(SystemClock::new()))?;
/// assert_eq!(MemoryStore::new().layer(layer).to_string(), "Versioned(Memory)");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct VersioningLayer {
    config: VersioningConfig,
    clock: Arc<dyn Clock>,
}

impl VersioningLayer {
    /// Checks the settings; versions take time and chance from `clock`.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the setting that cannot be.
    pub fn new(config: VersioningConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        config.validate()?;
        Ok(Self { config, clock })
    }
}

impl<S: Store> Layer<S> for VersioningLayer {
    type Store = VersionedStore<S>;

    fn layer(self, inner: S) -> VersionedStore<S> {
        VersionedStore::of(inner, self.config, self.clock)
    }
}
