//! Waiting before another try: longer each time, and never in step with others.

use std::time::Duration;

use truthound_stores_core::{Clock, random_u64};

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(10);

/// Returns how long to wait after the `tries`th try (1 is the first): half of it is left to chance, and what the store asked for is the least.
pub(crate) fn delay(clock: &dyn Clock, tries: u32, asked: Option<Duration>) -> Duration {
    let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
    let most = FIRST.saturating_mul(doubled).min(LONGEST);
    let half = most / 2;
    let micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).max(1);
    let chosen = half + Duration::from_micros(random_u64(clock) % micros);
    chosen.max(asked.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use truthound_stores_testkit::ManualClock;

    use super::*;

    #[test]
    fn waits_grow_to_a_limit_differ_and_heed_what_was_asked() {
        let clock = ManualClock::new(1);
        for tries in 1..60 {
            let most = FIRST.saturating_mul(1 << (tries - 1).min(20)).min(LONGEST);
            let chosen = delay(&clock, tries, None);
            assert!(chosen >= most / 2 && chosen <= most, "{tries}: {chosen:?}");
        }
        assert_ne!(delay(&clock, 9, None), delay(&clock, 9, None));
        assert_eq!(delay(&clock, 1, Some(Duration::from_mins(1))), Duration::from_mins(1));
    }
}
