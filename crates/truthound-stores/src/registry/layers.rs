//! Wrapping a store in the layers that a configuration file lists.

use std::sync::Arc;

use truthound_stores_core::{Error, Result, Store};

use super::Registry;
use crate::FileLayer;

impl Registry {
    /// Wraps a store in layers, listed outermost first.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the layer by its place and type, for options that it does not have or that cannot be, and for a type that
    /// stands twice.
    ///
    /// # Cancel safety
    /// Dropping the future wraps nothing.
    pub async fn wrap(&self, mut store: Arc<dyn Store>, layers: &[FileLayer]) -> Result<Arc<dyn Store>> {
        crate::file::check(layers)?;
        for (at, layer) in layers.iter().enumerate().rev() {
            let name = format!("{} ({})", at + 1, layer.kind());
            store = self.wrap_in(store, layer).await.map_err(|error| error.with("layer", name))?;
        }
        Ok(store)
    }

    #[cfg_attr(
        not(feature = "retention"),
        allow(clippy::unused_async, reason = "other builds open stores here")
    )]
    async fn wrap_in(&self, store: Arc<dyn Store>, layer: &FileLayer) -> Result<Arc<dyn Store>> {
        match layer.kind() {
            #[cfg(feature = "retention")]
            "retention" => {
                let retention = self.open_retention(layer.options()).await?;
                Ok(Arc::new(crate::RetentionStore::new(store, retention).owning_targets()))
            }
            #[cfg(feature = "versioning")]
            "versioning" => Ok(Arc::new(self.open_versions(store, layer.options())?)),
            // The file's reader knows the types of this build.
            other => {
                drop(store);
                Err(Error::unsupported(format!("the layer {other:?} is not part of this build")))
            }
        }
    }
}
