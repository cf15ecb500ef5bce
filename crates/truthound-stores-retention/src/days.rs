//! Spans of time as settings give them: numbers of days.

use truthound_stores_core::{Error, Result};

use crate::calendar::DAY;

/// Reads a number of days, fractions included, as microseconds.
///
/// # Errors
/// `Invalid`, naming the setting, for a number that is negative or none.
pub(crate) fn micros(name: &str, days: f64) -> Result<i64> {
    if !days.is_finite() || days < 0.0 {
        return Err(Error::invalid(format!("{name} = {days} is no number of days: give 0 or more")));
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a conversion to whole numbers stops at their ends, and times past them are all too far away"
    )]
    let micros = (days * DAY as f64).round() as i64;
    Ok(micros)
}

/// Shows a span in days, to a tenth.
pub(crate) struct Days(pub(crate) i64);

impl std::fmt::Display for Days {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Rounded down: what is not older than seven days must not be shown as older.
        let tenths = self.0.div_euclid(DAY / 10);
        let (whole, tenth) = (tenths.div_euclid(10), tenths.rem_euclid(10));
        if tenth == 0 { write!(f, "{whole} days") } else { write!(f, "{whole}.{tenth} days") }
    }
}
