//! R-DB-3: retries are exactly as configured, with jitter.

use proptest::prelude::*;

use super::super::RetryConfig;
use super::*;

fn schedule(config: &RetryConfig) -> Schedule {
    Schedule::new(config.plan().unwrap(), Duration::ZERO)
}

fn exact() -> RetryConfig {
    RetryConfig::new().with_jitter(false)
}

/// All pauses, where no attempt takes time.
fn pauses(config: &RetryConfig, chance: u64) -> Vec<u128> {
    let mut schedule = schedule(config);
    let mut now = Duration::ZERO;
    let mut pauses = Vec::new();
    while let Next::After(pause) = schedule.next(None, now, chance) {
        pauses.push(pause.as_micros());
        now += pause;
    }
    pauses
}

#[test]
fn without_jitter_pauses_are_the_formula() {
    assert_eq!(pauses(&exact(), 7), [100_000, 200_000, 400_000]);
    let long =
        exact().with_max_retries(6).with_base_delay(1.0).with_exponential_base(3.0).with_max_delay(20.0);
    assert_eq!(pauses(&long, 7), [1_000_000, 3_000_000, 9_000_000, 20_000_000, 20_000_000, 20_000_000]);
    assert_eq!(pauses(&exact().with_exponential_base(1.0), 7), [100_000; 3]);
    assert_eq!(pauses(&exact().with_base_delay(0.0), 7), [0; 3]);
    assert!(pauses(&exact().with_max_retries(0), 7).is_empty());
}

#[test]
fn jitter_spreads_a_pause_over_its_second_half() {
    let config = RetryConfig::new().with_max_retries(1);
    assert_eq!(pauses(&config, 0), [50_000]);
    assert_eq!(pauses(&config, 50_000), [100_000]);
    assert_eq!(pauses(&config, 50_001), [50_000]);
}

#[test]
fn what_the_store_asks_for_is_the_least_and_beyond_the_longest_nobody_waits() {
    let next = |config: &RetryConfig, asked: f64, chance| {
        schedule(config).next(Some(Duration::from_secs_f64(asked)), Duration::ZERO, chance)
    };
    let after = |millis| Next::After(Duration::from_millis(millis));
    assert_eq!(next(&exact(), 2.0, 0), after(2_000));
    assert_eq!(next(&exact(), 0.05, 0), after(100));
    // With jitter those who were asked for the same do not come back together.
    assert_eq!(next(&RetryConfig::new(), 2.0, 0), after(2_000));
    assert_eq!(next(&RetryConfig::new(), 2.0, 40_000), after(2_040));
    assert_eq!(next(&RetryConfig::new(), 30.0, 40_000), after(30_000));
    assert_eq!(next(&exact(), 30.001, 0), Next::Stop(Reason::TooLong));
}

#[test]
fn no_attempt_begins_after_the_deadline() {
    let config = exact().with_deadline(0.5);
    let mut calls = schedule(&config);
    assert_eq!(calls.next(None, Duration::from_millis(400), 0), Next::After(Duration::from_millis(100)));
    let mut late = schedule(&config);
    assert_eq!(late.next(None, Duration::from_millis(401), 0), Next::Stop(Reason::Deadline));
}

#[test]
fn pauses_never_end_the_call_by_themselves_when_they_grow_beyond_all_measure() {
    let config = exact().with_max_retries(200).with_exponential_base(1e30).with_max_delay(1e9);
    let found = pauses(&config, 0);
    assert_eq!(found.len(), 200);
    assert!(found.iter().skip(1).all(|&pause| pause == 1_000_000_000_000_000), "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_pause_is_within_its_bounds(
        base in 0.0..2.0_f64,
        more in 0.0..50.0_f64,
        factor in 1.0..10.0_f64,
        retries in 0..12_u32,
        asked in proptest::option::of(0.0..60.0_f64),
        chance in any::<u64>(),
    ) {
        let config = RetryConfig::new()
            .with_max_retries(retries)
            .with_base_delay(base)
            .with_max_delay(base + more)
            .with_exponential_base(factor);
        let asked = asked.map(Duration::from_secs_f64);
        let (mut jittered, mut plain) = (schedule(&config), schedule(&config.clone().with_jitter(false)));
        let longest = Duration::from_secs_f64(base + more);
        let mut count = 0;
        loop {
            match (jittered.next(asked, Duration::ZERO, chance), plain.next(asked, Duration::ZERO, chance)) {
                (Next::After(pause), Next::After(formula)) => {
                    prop_assert!(pause <= longest && formula <= longest);
                    prop_assert!(pause >= asked.unwrap_or_default() && formula >= asked.unwrap_or_default());
                    prop_assert!(pause >= formula / 2, "{pause:?} {formula:?}");
                    count += 1;
                }
                (with, without) => {
                    prop_assert_eq!(with, without);
                    break;
                }
            }
        }
        let waits = asked.unwrap_or_default() <= longest;
        prop_assert_eq!(count, if waits { retries } else { 0 });
    }
}
