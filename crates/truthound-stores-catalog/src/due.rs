//! When a process folds after a save.

use std::time::Duration;

use truthound_stores_core::{Clock, random_u64};

/// One save in so many folds, by chance: writers that never read fold, too.
const ONE_IN: u64 = 1_024;
/// A tail of more rows is folded: its listing is about to need a second page, of which stores give a thousand names each.
const ROWS: usize = 900;
/// A tail with as many rows in bodies is folded: each costs its readers a request.
const BODIES: usize = 32;
/// A process begins no more than one fold in this time: stores throttle writes to one name.
const APART: Duration = Duration::from_secs(1);

/// Tells by chance whether the writer of a save folds.
pub(crate) fn by_chance(clock: &dyn Clock) -> bool {
    random_u64(clock).is_multiple_of(ONE_IN)
}

/// Tells whether a tail has grown so long that who has seen it folds.
pub(crate) fn by_length(rows: usize, bodies: usize) -> bool {
    rows > ROWS || bodies >= BODIES
}

/// Tells whether so much time has passed since the last fold of this process began that it may begin another; both by the monotonic clock.
pub(crate) fn is_apart(last: Option<Duration>, now: Duration) -> bool {
    last.is_none_or(|last| now.saturating_sub(last) >= APART)
}

#[cfg(test)]
mod tests {
    use truthound_stores_testkit::ManualClock;

    use super::*;

    #[test]
    fn one_save_in_a_thousand_folds() {
        let clock = ManualClock::new(1);
        let folds = (0..100_000).filter(|_| by_chance(&clock)).count();
        assert!((60..140).contains(&folds), "{folds}");
    }

    #[test]
    fn long_tails_are_folded_and_not_more_often_than_stores_take_it() {
        assert!(!by_length(900, 31) && by_length(901, 0) && by_length(0, 32));
        let second = Duration::from_secs(1);
        assert!(is_apart(None, Duration::ZERO) && is_apart(Some(second), second * 2));
        assert!(!is_apart(Some(second), second + second / 2));
    }
}
