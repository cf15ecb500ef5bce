//! The suite that every store passes, over memory that can fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use truthound_stores_core::{Key, Store, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{RetentionAction, RetentionLayer, RetentionTargets};
use truthound_stores_testkit::{FragilePlace, ManualClock, Place, conformance_tests};
use truthound_stores_versioning::{VersionedStore, VersioningConfig};

use crate::support::{daily, retention};

/// A memory, and handles on it.
#[derive(Debug, Default)]
pub(crate) struct Memory(pub(crate) MemoryStore);

#[async_trait]
impl Place for Memory {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.0.in_namespace(namespace).unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

#[derive(Default)]
struct Wrapped(FragilePlace<Memory>);

pub(crate) fn layer() -> RetentionLayer {
    let clock = Arc::new(ManualClock::new(1));
    RetentionLayer::new(retention(&daily(RetentionAction::Delete), RetentionTargets::none(), &clock))
}

#[async_trait]
impl Place for Wrapped {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.0.open(namespace).await.layer(layer()))
    }

    fn persists(&self) -> bool {
        self.0.persists()
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        self.0.damage(namespace, key).await
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.0.set_outage(on).await
    }
}

/// Counts the handles of all tests.
static HANDLES: AtomicU64 = AtomicU64::new(1);

/// Versions outside, as stacks have them.
#[derive(Default)]
struct Versioned(Wrapped);

#[async_trait]
impl Place for Versioned {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        // Each handle draws names of its own: with one seed for all, two writers once met at one name, as no two processes do.
        let clock = Arc::new(ManualClock::new(HANDLES.fetch_add(1, Ordering::Relaxed)));
        let inner = self.0.open(namespace).await;
        Arc::new(VersionedStore::new(inner, VersioningConfig::new(), clock).unwrap())
    }

    fn persists(&self) -> bool {
        self.0.persists()
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        self.0.damage(namespace, key).await
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.0.set_outage(on).await
    }
}

conformance_tests!(retention, Wrapped::default);
conformance_tests!(versioned_retention, Versioned::default);

#[test]
fn a_stack_shows_itself_outermost_first() {
    assert_eq!(MemoryStore::new().layer(layer()).to_string(), "Retention(Memory)");
}
