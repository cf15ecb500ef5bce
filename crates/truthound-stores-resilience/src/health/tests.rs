//! Checks on a clock that the test moves: when they are made, by whom, and that nothing stays behind.

use std::sync::atomic::{AtomicU64, Ordering};

use truthound_stores_testkit::{Gate, ManualClock};

use super::*;

/// A store that can be asked: how it answers is the test's.
#[derive(Default)]
struct Asked {
    times: AtomicU64,
    broken: Mutex<Option<ErrorKind>>,
    gate: Mutex<Option<Gate>>,
}

impl Asked {
    fn times(&self) -> u64 {
        self.times.load(Ordering::SeqCst)
    }

    fn breaks(&self, kind: impl Into<Option<ErrorKind>>) {
        *self.broken.lock().unwrap() = kind.into();
    }

    fn holds(&self, gate: &Gate) {
        *self.gate.lock().unwrap() = Some(gate.clone());
    }
}

fn health(config: &HealthCheckConfig) -> (Arc<HealthCheck>, Arc<Asked>, Arc<ManualClock>) {
    let (clock, asked) = (Arc::new(ManualClock::new(1)), Arc::new(Asked::default()));
    let answering = Arc::clone(&asked);
    let probe: Probe = Arc::new(move || {
        let asked = Arc::clone(&answering);
        Box::pin(async move {
            asked.times.fetch_add(1, Ordering::SeqCst);
            let gate = asked.gate.lock().unwrap().clone();
            if let Some(gate) = gate {
                gate.pass().await;
            }
            let broken = *asked.broken.lock().unwrap();
            broken.map_or(Ok(()), |kind| Err(Error::new(kind, "injected")))
        })
    });
    let check = HealthCheck::new(config, probe, Arc::clone(&clock) as _, Arc::clone(&clock) as _).unwrap();
    (Arc::new(check), asked, clock)
}

/// Lets tasks run until none of them can go on.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_healthy_store_is_asked_once_an_interval_however_many_call() {
    let (health, asked, clock) = health(&HealthCheckConfig::new());
    for _ in 0..5 {
        health.ready().await.unwrap();
    }
    assert_eq!(asked.times(), 1);
    clock.advance(Duration::from_secs(30));
    for _ in 0..5 {
        health.ready().await.unwrap();
    }
    assert_eq!(asked.times(), 2);
    let status = health.status();
    assert_eq!((status.state, status.checks, status.failed), (HealthState::Healthy, 2, 0));
    assert_eq!(status.last_checked_at.unwrap().to_string(), "2026-01-01T00:00:30Z");
}

#[tokio::test]
async fn callers_of_a_healthy_store_do_not_wait_for_the_check_of_another() {
    let (health, asked, clock) = health(&HealthCheckConfig::new());
    health.ready().await.unwrap();
    clock.advance(Duration::from_secs(30));
    let gate = Gate::new("check");
    asked.holds(&gate);
    let checking = Arc::clone(&health);
    let one = tokio::spawn(async move { checking.ready().await });
    gate.reached().await;
    health.ready().await.unwrap();
    assert!(!one.is_finished());
    gate.open();
    one.await.unwrap().unwrap();
}

/// R-DB-6: a store that is back is used again at once, not after the next interval.
#[tokio::test]
async fn an_unhealthy_store_is_refused_until_it_answers_and_not_longer() {
    let (health, asked, _) = health(&HealthCheckConfig::new());
    asked.breaks(ErrorKind::Unavailable);
    for times in 1..=3 {
        let refusal = health.ready().await.unwrap_err();
        assert_eq!((refusal.kind(), asked.times()), (ErrorKind::Unavailable, times));
    }
    let status = health.status();
    assert_eq!((status.state, status.failures_in_a_row), (HealthState::Unhealthy, 3));
    assert_eq!(status.last_error.as_deref(), Some("injected"));
    asked.breaks(None);
    health.ready().await.unwrap();
    assert_eq!((health.status().state, health.status().last_error), (HealthState::Healthy, None));
}

#[tokio::test]
async fn callers_of_an_unhealthy_store_share_one_check() {
    let (health, asked, _) = health(&HealthCheckConfig::new());
    asked.breaks(ErrorKind::Unavailable);
    health.ready().await.unwrap_err();
    let gate = Gate::new("check");
    asked.holds(&gate);
    let first = Arc::clone(&health);
    let mut callers = vec![tokio::spawn(async move { first.ready().await })];
    gate.reached().await;
    for _ in 0..20 {
        let health = Arc::clone(&health);
        callers.push(tokio::spawn(async move { health.ready().await }));
    }
    settle().await;
    asked.breaks(None);
    gate.open();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert_eq!(asked.times(), 3, "the first, the one under way, and one more for all who came meanwhile");
}

#[tokio::test]
async fn a_check_without_an_answer_fails_after_its_timeout() {
    let (health, asked, clock) = health(&HealthCheckConfig::new());
    asked.holds(&Gate::new("for ever"));
    let waiting = Arc::clone(&health);
    let caller = tokio::spawn(async move { waiting.check_now().await });
    settle().await;
    clock.advance(Duration::from_millis(4_999));
    settle().await;
    assert!(!caller.is_finished());
    clock.advance(Duration::from_millis(1));
    assert_eq!(caller.await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(health.status().last_took, Some(Duration::from_secs(5)));
    // A call that is refused for it has certainly had no effect: no timeout.
    let waiting = Arc::clone(&health);
    let caller = tokio::spawn(async move { waiting.ready().await });
    settle().await;
    clock.advance(Duration::from_secs(5));
    assert_eq!(caller.await.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_check_that_is_dropped_is_made_by_the_next_who_waits() {
    let (health, asked, _) = health(&HealthCheckConfig::new());
    let gate = Gate::new("check");
    asked.holds(&gate);
    let (one, two) = (Arc::clone(&health), Arc::clone(&health));
    let first = tokio::spawn(async move { one.check_now().await });
    gate.reached().await;
    let second = tokio::spawn(async move { two.check_now().await });
    settle().await;
    first.abort();
    gate.reached_by(2).await;
    gate.open();
    second.await.unwrap().unwrap();
    assert_eq!(health.status().checks, 1);
}

#[tokio::test]
async fn a_store_that_answers_with_an_error_of_another_kind_answers_its_calls_itself() {
    let (health, asked, _) = health(&HealthCheckConfig::new());
    asked.breaks(ErrorKind::Denied);
    health.ready().await.unwrap();
    assert_eq!(health.status().state, HealthState::Unhealthy);
    assert_eq!(health.check_now().await.unwrap_err().kind(), ErrorKind::Denied);
}

#[tokio::test]
async fn calls_go_on_until_as_many_checks_have_failed_as_configured() {
    let (health, asked, clock) = health(&HealthCheckConfig::new().with_failure_threshold(2));
    asked.breaks(ErrorKind::Unavailable);
    health.ready().await.unwrap();
    clock.advance(Duration::from_secs(30));
    health.ready().await.unwrap_err();
    assert_eq!(asked.times(), 2);
}

#[tokio::test]
async fn checks_that_are_not_enabled_are_not_made() {
    let (health, asked, _) = health(&HealthCheckConfig::new().with_enabled(false));
    asked.breaks(ErrorKind::Unavailable);
    health.ready().await.unwrap();
    let (watching, _handle) = health.watch();
    watching.await;
    assert_eq!((asked.times(), health.status().state), (0, HealthState::Unknown));
}

#[tokio::test]
async fn a_watch_checks_at_once_and_at_every_interval_until_its_handle_is_dropped() {
    let (health, asked, clock) = health(&HealthCheckConfig::new().with_interval(10.0));
    let (watching, handle) = health.watch();
    let task = tokio::spawn(watching);
    settle().await;
    assert_eq!(asked.times(), 1);
    for times in 2..5 {
        clock.advance(Duration::from_secs(10));
        settle().await;
        assert_eq!(asked.times(), times);
        health.ready().await.unwrap();
        assert_eq!(asked.times(), times, "the watch made the check that was due");
    }
    drop(handle);
    settle().await;
    assert!(task.is_finished(), "the watch goes on");
    task.await.unwrap();
    assert_eq!(Arc::strong_count(&health), 1, "the watch keeps nothing");
}
