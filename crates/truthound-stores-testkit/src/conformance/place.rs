//! Where a case finds its stores.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{Key, Store};

/// A fresh, empty place for one case; it hands out stores on itself.
///
/// Everything lies in the place, nothing in the handles: opening the same namespace twice gives two handles on the same
/// documents, and the case may close each on its own. An [`OpenedPlace`](crate::OpenedPlace) or a [`WrappedPlace`](crate::WrappedPlace) will
/// often do.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::Store;
/// use truthound_stores_memory::MemoryStore;
/// use truthound_stores_testkit::Place;
///
/// /// A memory that each case has for its own, and that ends with its handles.
/// struct Memory(MemoryStore);
///
/// #[async_trait::async_trait]
/// impl Place for Memory {
///     async fn open(&self, namespace: &str) -> Arc<dyn Store> {
///         Arc::new(self.0.in_namespace(namespace).unwrap())
///     }
///
///     fn persists(&self) -> bool {
///         true
///     }
/// }
/// ```
#[async_trait]
pub trait Place: Send + Sync + 'static {
    /// Opens a handle on a namespace, which is empty the first time. Panics if that fails.
    async fn open(&self, namespace: &str) -> Arc<dyn Store>;

    /// Tells whether a handle that is opened after all others were closed sees the same documents.
    fn persists(&self) -> bool;

    /// Damages what is stored under `key`, as a bad disk would; answers whether it could.
    ///
    /// Default: it cannot, and what the suite has to say about damage is left to the store's own tests.
    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        let _ = (namespace, key);
        false
    }

    /// Makes what lies under all stores of this place unreachable, or reachable again; answers whether it could.
    ///
    /// While it is unreachable, calls answer [`Unavailable`](truthound_stores_core::ErrorKind::Unavailable). Default: it
    /// cannot, and what the suite has to say about outages is left to the store's own tests.
    async fn set_outage(&self, on: bool) -> bool {
        let _ = on;
        false
    }
}
