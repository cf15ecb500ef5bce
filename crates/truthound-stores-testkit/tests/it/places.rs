//! Places over memory.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{Capabilities, Key, Layer as _, Store};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{FragilePlace, LimitedStore, PassThroughLayer, Place};

/// A memory, and handles on it.
#[derive(Debug, Default)]
pub(crate) struct Memory(MemoryStore);

impl Memory {
    pub(crate) fn handle(&self, namespace: &str) -> MemoryStore {
        self.0.in_namespace(namespace).unwrap()
    }
}

#[async_trait]
impl Place for Memory {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.handle(namespace))
    }

    fn persists(&self) -> bool {
        true
    }
}

/// A memory with everything that a case may ask of a place.
pub(crate) fn fragile() -> FragilePlace<Memory> {
    FragilePlace::default()
}

/// A place whose stores are wrapped.
pub(crate) struct Wrapped {
    inner: FragilePlace<Memory>,
    wrap: fn(Arc<dyn Store>) -> Arc<dyn Store>,
}

impl Wrapped {
    pub(crate) fn in_pass_through() -> Self {
        Self { inner: fragile(), wrap: |store| Arc::new(PassThroughLayer.layer(store)) }
    }

    pub(crate) fn in_pointers() -> Self {
        Self { inner: fragile(), wrap: |store| Arc::new(Box::new(store)) }
    }

    pub(crate) fn without_capabilities() -> Self {
        Self {
            inner: fragile(),
            wrap: move |store| Arc::new(LimitedStore::new(store, Capabilities::none().with_writable(true))),
        }
    }
}

#[async_trait]
impl Place for Wrapped {
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

/// A memory that nobody can reach once all handles are closed.
#[derive(Debug, Default)]
pub(crate) struct Mortal(Memory);

#[async_trait]
impl Place for Mortal {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        self.0.open(namespace).await
    }

    fn persists(&self) -> bool {
        false
    }
}
