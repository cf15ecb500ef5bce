//! The breaker and the checks in the path of every operation, and all layers together.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{
    DeleteOptions, ErrorKind, GetOptions, Grouping, PutOptions, Query, Record, Result, Store, StoreExt,
};
use truthound_stores_resilience::{
    BreakerState, CircuitBreaker, CircuitBreakerConfig, CircuitBreakerLayer, HealthCheckConfig,
    HealthCheckLayer, HealthState, RetryConfig, RetryLayer,
};
use truthound_stores_testkit::{Fault, Gate, ManualClock, Operation};

use crate::support::flaky;

const TIMEOUT: Duration = Duration::from_mins(1);

/// Makes every call that a store has but `close`; answers what each failed with.
async fn every_call(store: &dyn Store, record: &Record) -> Vec<Option<ErrorKind>> {
    fn kind<T>(answer: &Result<T>) -> Option<ErrorKind> {
        answer.as_ref().err().map(truthound_stores_core::Error::kind)
    }
    let (key, all) = (&record.key, Query::new());
    let mut kinds = vec![
        kind(&store.put_opts(record.clone(), PutOptions::default()).await),
        kind(&store.get_opts(key, GetOptions::default()).await),
        kind(&store.list_page(&all, None).await),
        kind(&store.count(&all).await),
        kind(&store.summarize(&all, Grouping::new()).await),
        kind(&store.changes(None, 1).await),
        kind(&store.check().await),
        kind(&store.flush().await),
        kind(&store.delete_opts(key, DeleteOptions::default()).await),
    ];
    kinds.extend(store.put_many(vec![record.clone(); 2], PutOptions::default()).await.iter().map(kind));
    kinds.extend(store.delete_many(vec![key.clone(); 2], DeleteOptions::default()).await.iter().map(kind));
    kinds
}

#[tokio::test]
async fn an_open_breaker_refuses_every_call_and_asks_the_store_none() {
    let (flaky, _, faults, records) = flaky();
    let clock = Arc::new(ManualClock::new(1));
    let config = CircuitBreakerConfig::new().with_failure_threshold(1);
    let store = flaky.layer(CircuitBreakerLayer::new(config, Arc::clone(&clock) as _).unwrap());
    faults.add(Fault::fail(ErrorKind::Timeout));
    store.count(&Query::new()).await.unwrap_err();
    let calls = faults.total_calls();
    assert_eq!(every_call(&store, &records[0]).await, [Some(ErrorKind::Unavailable); 13]);
    assert_eq!(faults.total_calls(), calls);
    let error = store.put(records[0].clone()).await.unwrap_err();
    assert_eq!((error.operation(), error.key()), (Some("put"), Some(&records[0].key)));
    assert_eq!(error.retry_after(), Some(TIMEOUT));

    clock.advance(TIMEOUT);
    assert_eq!(every_call(&store, &records[0]).await, [None; 13]);
    assert_eq!(store.status().state, BreakerState::Closed);
}

#[tokio::test]
async fn every_call_can_open_the_breaker() {
    for operation in Operation::ALL {
        if operation == Operation::Close {
            continue;
        }
        let (flaky, _, faults, records) = flaky();
        let config = CircuitBreakerConfig::new().with_failure_threshold(1);
        let store = flaky.layer(CircuitBreakerLayer::new(config, Arc::new(ManualClock::new(1))).unwrap());
        faults.add(Fault::fail(ErrorKind::Unavailable).on(operation));
        every_call(&store, &records[0]).await;
        assert_eq!(store.status().opened, 1, "{operation}");
    }
}

#[tokio::test]
async fn a_closed_store_says_so_whatever_the_breaker() {
    let (flaky, _, faults, records) = flaky();
    let config = CircuitBreakerConfig::new().with_failure_threshold(1);
    let store = flaky.layer(CircuitBreakerLayer::new(config, Arc::new(ManualClock::new(1))).unwrap());
    faults.add(Fault::fail(ErrorKind::Unavailable));
    store.count(&Query::new()).await.unwrap_err();
    store.close().await.unwrap();
    assert_eq!(every_call(&store, &records[0]).await, [Some(ErrorKind::Closed); 13]);
}

/// A layer is a recipe: two stores that were made by one must not share what they went through.
#[tokio::test]
async fn stores_of_one_layer_have_a_state_of_their_own() {
    let (flaky, memory, faults, _) = flaky();
    let clock = Arc::new(ManualClock::new(1));
    let breaker = CircuitBreakerConfig::new().with_failure_threshold(1);
    let breaker = CircuitBreakerLayer::new(breaker, Arc::clone(&clock) as _).unwrap();
    let retries = RetryConfig::new().with_base_delay(0.0);
    let retries = RetryLayer::new(retries, Arc::clone(&clock) as _, clock).unwrap();
    let failing = flaky.layer(breaker.clone()).layer(retries.clone());
    let well = memory.layer(breaker).layer(retries);
    faults.outage(ErrorKind::Overloaded);
    failing.count(&Query::new()).await.unwrap_err();
    faults.outage(ErrorKind::Unavailable);
    failing.count(&Query::new()).await.unwrap_err();
    well.count(&Query::new()).await.unwrap();
    assert_eq!((failing.stats().retries, well.stats().retries), (6, 0));
}

#[tokio::test]
async fn stores_behind_one_breaker_fail_together() {
    let (one, memory, faults, _) = flaky();
    let config = CircuitBreakerConfig::new().with_failure_threshold(1);
    let breaker = CircuitBreaker::new(&config, Arc::new(ManualClock::new(1))).unwrap();
    let one = one.layer(CircuitBreakerLayer::shared(breaker.clone()));
    let two = memory.layer(CircuitBreakerLayer::shared(breaker));
    faults.add(Fault::fail(ErrorKind::Unavailable));
    one.count(&Query::new()).await.unwrap_err();
    assert_eq!(two.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn every_call_of_a_store_that_fails_its_check_is_refused() {
    let (flaky, _, faults, records) = flaky();
    let clock = Arc::new(ManualClock::new(1));
    let layer = HealthCheckLayer::new(HealthCheckConfig::new(), Arc::clone(&clock) as _, clock).unwrap();
    let store = flaky.layer(layer);
    faults.add(Fault::fail(ErrorKind::Timeout).on(Operation::Check).forever());
    let mut expected = [Some(ErrorKind::Unavailable); 13];
    // What is asked for is what the check itself says.
    expected[6] = Some(ErrorKind::Timeout);
    assert_eq!(every_call(&store, &records[0]).await, expected);
    assert_eq!(faults.total_calls(), faults.calls(Operation::Check), "nothing else was asked of it");
    faults.heal();
    assert_eq!(every_call(&store, &records[0]).await, [None; 13]);
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Check));
    store.check().await.unwrap_err();
    assert_eq!(store.status().state, HealthState::Unhealthy);
    store.close().await.unwrap();
    assert_eq!(every_call(&store, &records[0]).await, [Some(ErrorKind::Closed); 13]);
}

#[tokio::test]
async fn a_store_without_checks_asks_none() {
    let (flaky, _, faults, records) = flaky();
    let clock = Arc::new(ManualClock::new(1));
    let config = HealthCheckConfig::new().with_enabled(false);
    let store = flaky.layer(HealthCheckLayer::new(config, Arc::clone(&clock) as _, clock).unwrap());
    assert_eq!(every_call(&store, &records[0]).await, [None; 13]);
    assert_eq!(faults.calls(Operation::Check), 1, "the one that was asked for");
}

/// R-DB-3, R-DB-6: retries end at an open breaker instead of waiting for it; when the store is back, calls succeed again.
#[tokio::test]
async fn the_layers_together_fail_fast_and_recover() {
    let (flaky, _, faults, records) = flaky();
    let clock = Arc::new(ManualClock::new(1));
    let time = || Arc::clone(&clock);
    let retries = RetryConfig::new().with_base_delay(0.0).with_max_retries(10);
    let store = flaky
        .layer(CircuitBreakerLayer::new(CircuitBreakerConfig::new(), time() as _).unwrap())
        .layer(RetryLayer::new(retries, time() as _, time() as _).unwrap());
    faults.outage(ErrorKind::Unavailable);
    let error = store.put(records[0].clone()).await.unwrap_err();
    assert_eq!(
        error.context("attempts"),
        Some("6"),
        "five reached the store, the sixth an open breaker: {error}"
    );
    assert_eq!(faults.calls(Operation::Put), 5);
    faults.heal();
    assert_eq!(store.put(records[0].clone()).await.unwrap_err().retry_after(), Some(TIMEOUT));
    clock.advance(TIMEOUT);
    store.put(records[0].clone()).await.unwrap();
}

/// A caller that loses its patience drops its call: with a breaker half open, the place must be free again.
#[tokio::test]
async fn a_dropped_call_through_all_layers_leaves_nothing_behind() {
    let (flaky, _, faults, records) = flaky();
    let clock = Arc::new(ManualClock::new(1));
    let breaker = CircuitBreakerConfig::new().with_failure_threshold(1).with_half_open_max_calls(1);
    let guard = CircuitBreaker::new(&breaker, Arc::clone(&clock) as _).unwrap();
    let store = flaky.layer(CircuitBreakerLayer::shared(guard.clone())).layer(
        RetryLayer::new(
            RetryConfig::new().with_max_retries(0),
            Arc::clone(&clock) as _,
            Arc::clone(&clock) as _,
        )
        .unwrap(),
    );
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Put));
    store.put(records[0].clone()).await.unwrap_err();
    clock.advance(TIMEOUT);
    let gate = Gate::new("in the store");
    faults.add(Fault::hold(&gate).on(Operation::Put));
    let (caller, record) = (store.clone(), records[0].clone());
    let call = tokio::spawn(async move { caller.put(record).await });
    gate.reached().await;
    assert_eq!((guard.status().state, guard.status().probes), (BreakerState::HalfOpen, 1));
    assert_eq!(store.put(records[1].clone()).await.unwrap_err().kind(), ErrorKind::Unavailable);
    call.abort();
    call.await.unwrap_err();
    assert_eq!(guard.status().probes, 0);
    store.put(records[1].clone()).await.unwrap();
}
