//! Places over memory.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{Capabilities, Layer as _, Store};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{FragilePlace, LimitedStore, PassThroughLayer, Place, WrappedPlace};

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

pub(crate) fn in_pass_through() -> impl Place {
    WrappedPlace::new(fragile(), |store| Arc::new(PassThroughLayer.layer(store)))
}

pub(crate) fn in_pointers() -> impl Place {
    WrappedPlace::new(fragile(), |store| Arc::new(Box::new(store)))
}

pub(crate) fn without_capabilities() -> impl Place {
    let capabilities = Capabilities::none().with_writable(true);
    WrappedPlace::new(fragile(), move |store| Arc::new(LimitedStore::new(store, capabilities)))
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
