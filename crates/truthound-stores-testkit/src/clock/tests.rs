//! What depends on time is tested by moving it: the clock must move exactly as told and in no other way.

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
