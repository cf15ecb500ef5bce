//! What is tried again, how often, and when: on a clock that the test moves.

use std::sync::Mutex;
use std::time::Duration;

use truthound_stores_core::{BoxFuture, ErrorKind};
use truthound_stores_testkit::ManualClock;

use super::*;

/// Passes every pause at once, and notes it. Moves the clock by it.
#[derive(Debug)]
struct Noting(Arc<ManualClock>, Mutex<Vec<Duration>>);

impl Timer for Noting {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.1.lock().unwrap().push(duration);
        self.0.advance(duration);
        Box::pin(async {})
    }
}

fn retry(config: &RetryConfig) -> (Retry, Arc<ManualClock>, Arc<Noting>) {
    let clock = Arc::new(ManualClock::new(1));
    let timer = Arc::new(Noting(Arc::clone(&clock), Mutex::default()));
    let retry = Retry::new(config, Arc::clone(&clock) as _, Arc::clone(&timer) as _).unwrap();
    (retry, clock, timer)
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "injected")
}

#[tokio::test]
async fn only_errors_that_may_pass_are_tried_again() {
    for (kind, attempts) in [
        (ErrorKind::Unavailable, 4),
        (ErrorKind::Timeout, 4),
        (ErrorKind::Overloaded, 4),
        (ErrorKind::NotFound, 1),
        (ErrorKind::Conflict, 1),
        (ErrorKind::Invalid, 1),
        (ErrorKind::Denied, 1),
        (ErrorKind::Corrupt, 1),
        (ErrorKind::Closed, 1),
        (ErrorKind::Internal, 1),
        (ErrorKind::Unsupported, 1),
    ] {
        let (retry, ..) = retry(&RetryConfig::new());
        let mut made = 0;
        let answer: Result<()> = retry
            .run(|number| {
                made = number;
                async move { Err(error(kind)) }
            })
            .await;
        assert_eq!((answer.unwrap_err().kind(), made), (kind, attempts));
    }
    let (retry, ..) = retry(&RetryConfig::new());
    let full: Result<()> = retry.run(|_| async { Err(error(ErrorKind::Unavailable).retryable(false)) }).await;
    assert_eq!((full.unwrap_err().context("attempts"), retry.stats()), (None, RetryStats::default()));
}

#[tokio::test]
async fn the_last_error_says_how_many_attempts_there_were() {
    let (retry, _, timer) = retry(&RetryConfig::new().with_jitter(false));
    let answer: Result<()> = retry.run(|_| async { Err(error(ErrorKind::Timeout)) }).await;
    let error = answer.unwrap_err();
    assert_eq!(error.context("attempts"), Some("4"), "{error}");
    let pauses: Vec<u128> = timer.1.lock().unwrap().iter().map(Duration::as_millis).collect();
    assert_eq!(pauses, [100, 200, 400]);
    assert_eq!(retry.stats(), RetryStats { retries: 3, recovered: 0, given_up: 1 });
}

#[tokio::test]
async fn chance_comes_from_the_clock() {
    let pauses = |seed| async move {
        let clock = Arc::new(ManualClock::new(seed));
        let timer = Arc::new(Noting(Arc::clone(&clock), Mutex::default()));
        let retry = Retry::new(&RetryConfig::new(), clock, Arc::clone(&timer) as _).unwrap();
        let answer: Result<()> = retry.run(|_| async { Err(error(ErrorKind::Timeout)) }).await;
        answer.unwrap_err();
        timer.1.lock().unwrap().clone()
    };
    assert_eq!(pauses(1).await, pauses(1).await);
    assert_ne!(pauses(1).await, pauses(2).await);
}

/// The deadline is held against the clock, so attempts that take long use it up, too.
#[tokio::test]
async fn attempts_that_take_long_use_up_the_deadline() {
    let (retry, clock, _) = retry(&RetryConfig::new().with_jitter(false).with_deadline(10.0));
    let mut made = 0;
    let answer: Result<()> = retry
        .run(|number| {
            made = number;
            clock.advance(Duration::from_secs(6));
            async { Err(error(ErrorKind::Timeout)) }
        })
        .await;
    assert_eq!((answer.unwrap_err().context("attempts"), made), (Some("2"), 2));
}

#[tokio::test]
async fn a_pause_lasts_until_the_timer_says_so() {
    let clock = Arc::new(ManualClock::new(1));
    let config = RetryConfig::new().with_jitter(false).with_base_delay(5.0);
    let retry = Retry::new(&config, Arc::clone(&clock) as _, Arc::clone(&clock) as _).unwrap();
    let counting = retry.clone();
    let call = tokio::spawn(async move {
        counting
            .run(|number| async move { if number == 1 { Err(error(ErrorKind::Unavailable)) } else { Ok(number) } })
            .await
    });
    tokio::task::yield_now().await;
    clock.advance(Duration::from_millis(4_999));
    tokio::task::yield_now().await;
    assert_eq!(retry.stats().retries, 0, "it is still waiting");
    clock.advance(Duration::from_millis(1));
    assert_eq!(call.await.unwrap().unwrap(), 2);
    assert_eq!(retry.stats(), RetryStats { retries: 1, recovered: 1, given_up: 0 });
}
