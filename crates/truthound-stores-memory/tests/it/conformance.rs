//! The suite that every store passes.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::Store;
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Place, conformance_tests};

/// Memory, which lasts as long as the place keeps a handle on it.
struct Memory(MemoryStore);

#[async_trait]
impl Place for Memory {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.0.in_namespace(namespace).unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

conformance_tests!(memory, || Memory(MemoryStore::new()));
