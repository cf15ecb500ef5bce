//! The breaker around calls: what is dropped, what hangs, what races. Time is the test's.

use std::time::Duration;

use truthound_stores_core::{Error, ErrorKind};
use truthound_stores_testkit::{Gate, ManualClock};

use super::*;

const TIMEOUT: Duration = Duration::from_mins(1);

fn breaker() -> (CircuitBreaker, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(1));
    let config = CircuitBreakerConfig::new().with_failure_threshold(2);
    (CircuitBreaker::new(&config, Arc::clone(&clock) as _).unwrap(), clock)
}

async fn fail(breaker: &CircuitBreaker) {
    let outage = async { Err::<(), _>(Error::new(ErrorKind::Unavailable, "connection refused")) };
    breaker.call(outage).await.unwrap_err();
}

async fn half_open() -> CircuitBreaker {
    let (breaker, clock) = breaker();
    fail(&breaker).await;
    fail(&breaker).await;
    clock.advance(TIMEOUT);
    breaker
}

#[tokio::test]
async fn a_refused_call_is_not_begun_and_says_why_and_until_when() {
    let (breaker, clock) = breaker();
    fail(&breaker).await;
    fail(&breaker).await;
    clock.advance(Duration::from_secs(20));
    let mut begun = false;
    let call = async {
        begun = true;
        Ok(())
    };
    let refusal = breaker.call(call).await.unwrap_err();
    assert!(!begun);
    assert_eq!((refusal.kind(), refusal.is_retryable()), (ErrorKind::Unavailable, true));
    assert_eq!(refusal.retry_after(), Some(Duration::from_secs(40)));
    assert!(refusal.report().ends_with("connection refused"), "{}", refusal.report());
    assert_eq!(breaker.status().refused, 1);
}

/// A caller that gave up on its call once kept the place of it for ever.
#[tokio::test]
async fn a_probe_whose_future_is_dropped_gives_its_place_back() {
    let breaker = half_open().await;
    let gate = Gate::new("in the store");
    let held = |gate: Gate| async move {
        gate.pass().await;
        Ok(())
    };
    let probes: Vec<_> = (0..3)
        .map(|_| {
            let (breaker, call) = (breaker.clone(), held(gate.clone()));
            tokio::spawn(async move { breaker.call(call).await })
        })
        .collect();
    gate.reached_by(3).await;
    assert_eq!(breaker.status().probes, 3);
    assert!(breaker.acquire().is_err(), "all places are taken");
    for probe in probes {
        probe.abort();
        assert!(probe.await.unwrap_err().is_cancelled());
    }
    assert_eq!((breaker.status().probes, breaker.status().probes_succeeded), (0, 0));
    for _ in 0..3 {
        breaker.call(async { Ok(()) }).await.unwrap();
    }
    assert_eq!(breaker.status().state, BreakerState::Closed);
}

#[tokio::test]
async fn a_permit_that_is_dropped_without_a_word_changes_no_count() {
    let (breaker, _) = breaker();
    fail(&breaker).await;
    drop(breaker.acquire().unwrap());
    assert_eq!(breaker.status().failures_in_a_row, 1);
    breaker.acquire().unwrap().settle(Signal::Failure);
    assert_eq!(breaker.status().state, BreakerState::Open);
}

#[tokio::test]
async fn of_many_callers_at_once_exactly_so_many_get_through() {
    let breaker = half_open().await;
    let gate = Gate::new("in the store");
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (breaker, gate) = (breaker.clone(), gate.clone());
            tokio::spawn(async move {
                breaker
                    .call(async {
                        gate.pass().await;
                        Ok(())
                    })
                    .await
            })
        })
        .collect();
    gate.reached_by(3).await;
    // The others were refused without waiting for the three.
    let mut through = Vec::new();
    for call in calls {
        tokio::task::yield_now().await;
        if call.is_finished() {
            assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
        } else {
            through.push(call);
        }
    }
    assert_eq!((through.len(), gate.arrivals()), (3, 3));
    gate.open();
    for call in through {
        call.await.unwrap().unwrap();
    }
    assert_eq!(breaker.status().state, BreakerState::Closed);
}
