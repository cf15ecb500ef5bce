//! The suite that every store passes: each layer over memory that can fail, and each ordered pair of them.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{Key, Layer as _, Store};
use truthound_stores_memory::MemoryStore;
use truthound_stores_resilience::{
    CircuitBreakerConfig, CircuitBreakerLayer, HealthCheckConfig, HealthCheckLayer, RepeatWrites,
};
use truthound_stores_testkit::{FragilePlace, Place, conformance_tests};

use crate::support::{Hasty, Patient, retries};

/// A memory, and handles on it.
#[derive(Debug, Default)]
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

type Wrap = fn(Arc<dyn Store>) -> Arc<dyn Store>;

/// A place whose stores are wrapped by some layers, the innermost first.
struct Wrapped(FragilePlace<Memory>, Vec<Wrap>);

impl Wrapped {
    fn by(layers: impl IntoIterator<Item = Wrap>) -> Self {
        Self(FragilePlace::default(), layers.into_iter().collect())
    }
}

#[async_trait]
impl Place for Wrapped {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let inner = self.0.open(namespace).await;
        self.1.iter().fold(inner, |store, wrap| wrap(store))
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

fn retry(store: Arc<dyn Store>) -> Arc<dyn Store> {
    Arc::new(retries(RepeatWrites::OneEffect).layer(store))
}

fn breaker(store: Arc<dyn Store>) -> Arc<dyn Store> {
    Arc::new(CircuitBreakerLayer::new(CircuitBreakerConfig::new(), Hasty::new()).unwrap().layer(store))
}

fn health(store: Arc<dyn Store>) -> Arc<dyn Store> {
    Arc::new(
        HealthCheckLayer::new(HealthCheckConfig::new(), Hasty::new(), Arc::new(Patient))
            .unwrap()
            .layer(store),
    )
}

conformance_tests!(retried, || Wrapped::by([retry as Wrap]));
conformance_tests!(broken, || Wrapped::by([breaker as Wrap]));
conformance_tests!(checked, || Wrapped::by([health as Wrap]));
conformance_tests!(retried_retried, || Wrapped::by([retry as Wrap, retry]));
conformance_tests!(retried_broken, || Wrapped::by([retry as Wrap, breaker]));
conformance_tests!(retried_checked, || Wrapped::by([retry as Wrap, health]));
conformance_tests!(broken_retried, || Wrapped::by([breaker as Wrap, retry]));
conformance_tests!(broken_broken, || Wrapped::by([breaker as Wrap, breaker]));
conformance_tests!(broken_checked, || Wrapped::by([breaker as Wrap, health]));
conformance_tests!(checked_retried, || Wrapped::by([health as Wrap, retry]));
conformance_tests!(checked_broken, || Wrapped::by([health as Wrap, breaker]));
conformance_tests!(checked_checked, || Wrapped::by([health as Wrap, health]));
conformance_tests!(all, || Wrapped::by([health as Wrap, breaker, retry]));

#[test]
fn a_stack_shows_itself_outermost_first() {
    let store = [health as Wrap, breaker, retry]
        .iter()
        .fold(Arc::new(MemoryStore::new()) as _, |store, wrap| wrap(store));
    assert_eq!(store.to_string(), "Retry(CircuitBreaker(HealthCheck(Memory)))");
}
