//! The registry of all compiled-in backends, as plain functions.

#[cfg(feature = "config-file")]
use std::path::Path;
use std::sync::Arc;

use truthound_stores_core::options::Options;
use truthound_stores_core::{Result, Store};

use crate::{Backend, Registry, backends};

/// Opens a store by its URL.
///
/// `file:///absolute/path`, `file:relative/path` or a bare path; `memory:`. Every option of the backend may be a parameter
/// under its own name: `file:results?namespace=nightly&compression=zstd`.
///
/// # Errors
/// As for [`Registry::open_with`].
///
/// # Cancel safety
/// As for [`Registry::get_store`].
///
/// # Examples
/// ```
/// # #[cfg(feature = "memory")]
/// # #[tokio::main]
/// # async fn main() -> truthound_stores::Result<()> {
/// use truthound_stores::{Store, open};
///
/// let store = open("memory:?namespace=nightly").await?;
/// assert_eq!(store.info().backend, "memory");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "memory"))]
/// # fn main() {}
/// ```
pub async fn open(url: &str) -> Result<Arc<dyn Store>> {
    Registry::new().open(url).await
}

/// Opens a store by its URL, with more options beside those of the URL.
///
/// # Errors
/// As for [`Registry::open_with`].
///
/// # Cancel safety
/// As for [`Registry::get_store`].
pub async fn open_with(url: &str, options: Options) -> Result<Arc<dyn Store>> {
    Registry::new().open_with(url, options).await
}

/// Opens the store that a configuration file describes.
///
/// # Errors
/// As for [`Registry::open_config`].
///
/// # Cancel safety
/// As for [`Registry::get_store`].
#[cfg(feature = "config-file")]
pub async fn open_config(
    path: impl AsRef<Path> + Send,
    lookup: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Arc<dyn Store>> {
    Registry::new().open_config(path, lookup).await
}

/// Opens a store by the name of its backend, with options by their names.
///
/// # Errors
/// As for [`Registry::get_store`].
///
/// # Cancel safety
/// As for [`Registry::get_store`].
///
/// # Examples
/// ```
/// # #[cfg(feature = "filesystem")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use truthound_stores::{Options, Store, get_store};
///
/// # let folder = tempfile::tempdir()?;
/// # let base_path = folder.path().to_string_lossy().into_owned();
/// let store = get_store("filesystem", Options::new().with("base_path", base_path)).await?;
/// assert_eq!(store.info().backend, "filesystem");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "filesystem"))]
/// # fn main() {}
/// ```
pub async fn get_store(name: &str, options: Options) -> Result<Arc<dyn Store>> {
    Registry::new().get_store(name, options).await
}

/// Lists the names of the backends that are compiled in.
///
/// # Examples
/// ```
/// use truthound_stores::{is_backend_available, list_available_backends};
///
/// for name in list_available_backends() {
///     assert!(is_backend_available(&name));
/// }
/// ```
pub fn list_available_backends() -> Vec<String> {
    backends::compiled_in().iter().map(|backend| backend.name().to_owned()).collect()
}

/// Tells whether a backend of this name is compiled in.
pub fn is_backend_available(name: &str) -> bool {
    backends::compiled_in().iter().map(Backend::name).any(|known| known == name)
}
