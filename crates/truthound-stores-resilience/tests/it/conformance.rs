//! The suite that every store passes: each layer over memory that can fail, and each ordered pair of them.

use std::sync::Arc;

use truthound_stores_core::{Layer as _, Store};
use truthound_stores_memory::MemoryStore;
use truthound_stores_resilience::{
    CircuitBreakerConfig, CircuitBreakerLayer, HealthCheckConfig, HealthCheckLayer, RepeatWrites,
};
use truthound_stores_testkit::{FragilePlace, OpenedPlace, Place, WrappedPlace, conformance_tests};

use crate::support::{Hasty, Patient, retries};

type Wrap = fn(Arc<dyn Store>) -> Arc<dyn Store>;

/// A memory that can fail, whose stores are wrapped by some layers, the innermost first.
fn wrapped(layers: impl IntoIterator<Item = Wrap>) -> impl Place {
    let (memory, layers) = (MemoryStore::new(), layers.into_iter().collect::<Vec<_>>());
    let memory = OpenedPlace::new(move |namespace| Arc::new(memory.in_namespace(namespace).unwrap()));
    WrappedPlace::new(FragilePlace::new(memory), move |store| {
        layers.iter().fold(store, |store, wrap| wrap(store))
    })
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

conformance_tests!(retried, || wrapped([retry as Wrap]));
conformance_tests!(broken, || wrapped([breaker as Wrap]));
conformance_tests!(checked, || wrapped([health as Wrap]));
conformance_tests!(retried_retried, || wrapped([retry as Wrap, retry]));
conformance_tests!(retried_broken, || wrapped([retry as Wrap, breaker]));
conformance_tests!(retried_checked, || wrapped([retry as Wrap, health]));
conformance_tests!(broken_retried, || wrapped([breaker as Wrap, retry]));
conformance_tests!(broken_broken, || wrapped([breaker as Wrap, breaker]));
conformance_tests!(broken_checked, || wrapped([breaker as Wrap, health]));
conformance_tests!(checked_retried, || wrapped([health as Wrap, retry]));
conformance_tests!(checked_broken, || wrapped([health as Wrap, breaker]));
conformance_tests!(checked_checked, || wrapped([health as Wrap, health]));
conformance_tests!(all, || wrapped([health as Wrap, breaker, retry]));

#[test]
fn a_stack_shows_itself_outermost_first() {
    let store = [health as Wrap, breaker, retry]
        .iter()
        .fold(Arc::new(MemoryStore::new()) as _, |store, wrap| wrap(store));
    assert_eq!(store.to_string(), "Retry(CircuitBreaker(HealthCheck(Memory)))");
}
