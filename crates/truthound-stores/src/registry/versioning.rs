//! Versions around a store that is opened.

use std::sync::Arc;

use truthound_stores_core::options::Options;
use truthound_stores_core::{Result, Store, SystemClock};

use super::Registry;
use crate::{VersionedStore, VersioningConfig};

impl Registry {
    /// Wraps a store in versions, by settings by name.
    ///
    /// # Errors
    /// As for [`VersioningConfig::from_options`].
    ///
    /// # Examples
    /// ```
    /// # #[cfg(feature = "memory")]
    /// # #[tokio::main]
    /// # async fn main() -> truthound_stores::Result<()> {
    /// use truthound_stores::{Options, Registry};
    ///
    /// let registry = Registry::new();
    /// let store = registry.open("memory:").await?;
    /// let versions = registry.open_versions(store, &Options::new().with("mode", "semantic"))?;
    /// assert_eq!(versions.to_string(), "Versioned(Memory)");
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "memory"))]
    /// # fn main() {}
    /// ```
    pub fn open_versions(
        &self,
        store: Arc<dyn Store>,
        options: &Options,
    ) -> Result<VersionedStore<Arc<dyn Store>>> {
        VersionedStore::new(store, VersioningConfig::from_options(options)?, Arc::new(SystemClock::new()))
    }
}
