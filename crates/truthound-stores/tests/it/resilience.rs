//! Layers around a store that was opened by its URL: with what this crate exports, and no other.

use std::sync::Arc;

use truthound_stores::{
    BreakerState, CircuitBreakerConfig, CircuitBreakerLayer, HealthCheckConfig, HealthCheckLayer, Query,
    RetryConfig, RetryLayer, Store, StoreExt, SystemClock, TokioRuntime, open,
};

#[tokio::test]
async fn layers_go_around_what_a_url_opens() {
    let (clock, runtime) = (Arc::new(SystemClock::new()), Arc::new(TokioRuntime));
    let (now, wait) = (|| Arc::clone(&clock) as _, || Arc::clone(&runtime) as _);
    let health = HealthCheckLayer::new(HealthCheckConfig::new(), now(), wait()).unwrap();
    let breaker = CircuitBreakerLayer::new(CircuitBreakerConfig::new(), now()).unwrap();
    let retries = RetryLayer::new(RetryConfig::new(), now(), wait()).unwrap();
    let opened = open("memory:").await.unwrap();
    let guarded = opened.layer(health.with_spawn(Arc::clone(&runtime) as _)).layer(breaker);
    assert_eq!(guarded.status().state, BreakerState::Closed);
    let store = guarded.layer(retries);
    assert_eq!(store.to_string(), "Retry(CircuitBreaker(HealthCheck(Memory)))");
    assert_eq!(store.info().backend, "memory");
    assert_eq!(store.count(&Query::new()).await.unwrap(), 0);
    store.close().await.unwrap();
}
