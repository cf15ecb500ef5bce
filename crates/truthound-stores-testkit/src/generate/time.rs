//! Run times in the forms that Python writes.

use truthound_stores_core::Timestamp;

use crate::{ManualClock, SeededRandom};

/// A run time, and how its document writes it.
pub(super) struct RunTime {
    pub(super) instant: Timestamp,
    pub(super) text: String,
}

const MICROS_PER_SECOND: u64 = 1_000_000;
const DAYS: u64 = 90;

/// Draws a time within 90 days from the start of 2026.
pub(super) fn draw(random: &mut SeededRandom) -> RunTime {
    let mut micros = random.below(DAYS * 24 * 60 * 60) * MICROS_PER_SECOND;
    if random.chance(70) {
        micros += random.below(MICROS_PER_SECOND);
    }
    let instant = ManualClock::START.plus_micros(i64::try_from(micros).unwrap());
    let (minutes, offset) = match random.below(10) {
        0 => (9 * 60, "+09:00"),
        1 => (-(3 * 60 + 30), "-03:30"),
        2 => (0, "+00:00"),
        _ => (0, ""),
    };
    let local = instant.plus_micros(minutes * 60 * 1_000_000).to_string();
    RunTime { instant, text: format!("{}{offset}", local.trim_end_matches('Z')) }
}
