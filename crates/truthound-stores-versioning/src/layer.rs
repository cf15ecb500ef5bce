//! The recipe of stores that keep versions.

use std::sync::Arc;

use truthound_stores_core::{Clock, Layer, Result, Store};

use crate::config::VersioningConfig;
use crate::store::VersionedStore;

/// Makes [`VersionedStore`]s.
///
/// **Order.** Inside of caching, observability and backpressure, which see one document and not its versions; outside of replication: versions are records of the store inside, so that
/// they are replicated. Outside of retries, a breaker and checks: each call of the store inside is then repeated and counted by itself. Retries may stand outside, too, but not those
/// that repeat writes whatever has become of them: they make two versions of a save whose answer was lost. Retention removes the current document, never a version, and tells no difference as a
/// wrapper; what its plans delete becomes a version if they are applied to the versioned store, as the program does, and has no history any more if they are applied to the store inside.
/// What it restores says so where `require_message` is set.
/// Two layers of versions around one store refuse each other's records; a configuration file with two is refused.
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
