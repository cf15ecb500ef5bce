//! What depends on time is tested by moving it: the clock must move exactly as told and in no other way.

use std::sync::Arc;

use super::*;

#[test]
fn a_set_wall_clock_leaves_monotonic_time_alone() {
    let clock = ManualClock::new(1);
    clock.advance(Duration::from_millis(1_500));
    clock.set("2020-02-29T00:00:00Z".parse().unwrap());
    assert_eq!(clock.now().to_string(), "2020-02-29T00:00:00Z");
    assert_eq!(clock.monotonic(), Duration::from_millis(1_500));
    clock.advance(Duration::from_micros(1));
    assert_eq!(clock.now().to_string(), "2020-02-29T00:00:00.000001Z");
}

#[test]
fn one_seed_gives_the_same_randomness_and_another_gives_another() {
    let draw = |seed| {
        let clock = ManualClock::new(seed);
        let mut bytes = [0; 20];
        clock.fill_random(&mut bytes);
        bytes
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[tokio::test]
async fn sleepers_wake_when_the_clock_is_moved_past_them() {
    let clock = Arc::new(ManualClock::new(1));
    let mut nap = tokio::spawn(clock.sleep(Duration::from_secs(10)));
    clock.advance(Duration::from_secs(9));
    tokio::task::yield_now().await;
    assert!(!nap.is_finished());
    clock.advance(Duration::from_secs(1));
    (&mut nap).await.unwrap();
    clock.sleep(Duration::ZERO).await;
}

#[tokio::test]
async fn a_sleeper_that_was_dropped_is_forgotten() {
    let clock = ManualClock::new(1);
    drop(clock.sleep(Duration::from_secs(1)));
    clock.advance(Duration::from_secs(2));
    let late = clock.sleep(Duration::ZERO);
    late.await;
}
