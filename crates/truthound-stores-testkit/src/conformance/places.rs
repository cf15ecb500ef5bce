//! Places made of a function, and of other places.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{Key, Store};

use super::Place;

/// A place whose stores a function opens, by their namespace; what is written there persists.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_memory::MemoryStore;
/// use truthound_stores_testkit::{FragilePlace, OpenedPlace};
///
/// let memory = MemoryStore::new();
/// let place = OpenedPlace::new(move |namespace| Arc::new(memory.in_namespace(namespace).unwrap()));
/// let fragile = FragilePlace::new(place);
/// ```
pub struct OpenedPlace<F>(F);

impl<F: Fn(&str) -> Arc<dyn Store> + Send + Sync + 'static> OpenedPlace<F> {
    /// Makes a place of a function.
    pub fn new(open: F) -> Self {
        Self(open)
    }
}

impl<F> fmt::Debug for OpenedPlace<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedPlace").finish_non_exhaustive()
    }
}

#[async_trait]
impl<F: Fn(&str) -> Arc<dyn Store> + Send + Sync + 'static> Place for OpenedPlace<F> {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        (self.0)(namespace)
    }

    fn persists(&self) -> bool {
        true
    }
}

/// A place whose stores are wrapped. What lies inside is damaged and cut off as before.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_testkit::{FragilePlace, PassThrough, Place, WrappedPlace};
///
/// fn passed_through(place: impl Place) -> impl Place {
///     WrappedPlace::new(FragilePlace::new(place), |store| Arc::new(PassThrough::new(store)))
/// }
/// # let _ = passed_through(truthound_stores_testkit::OpenedPlace::new(|_| Arc::new(truthound_stores_memory::MemoryStore::new())));
/// ```
pub struct WrappedPlace<P, W> {
    inner: P,
    wrap: W,
}

impl<P: Place, W: Fn(Arc<dyn Store>) -> Arc<dyn Store> + Send + Sync + 'static> WrappedPlace<P, W> {
    /// Wraps each store that a place opens.
    pub fn new(inner: P, wrap: W) -> Self {
        Self { inner, wrap }
    }
}

impl<P: fmt::Debug, W> fmt::Debug for WrappedPlace<P, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrappedPlace").field("inner", &self.inner).finish_non_exhaustive()
    }
}

#[async_trait]
impl<P: Place, W: Fn(Arc<dyn Store>) -> Arc<dyn Store> + Send + Sync + 'static> Place for WrappedPlace<P, W> {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        (self.wrap)(self.inner.open(namespace).await)
    }

    fn persists(&self) -> bool {
        self.inner.persists()
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        self.inner.damage(namespace, key).await
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.inner.set_outage(on).await
    }
}
