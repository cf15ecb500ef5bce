//! Times on the command line: an instant, or an age that is counted back from now. And days, as answers show them.

use std::str::FromStr;
use std::time::Duration;

use truthound_stores::Timestamp;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A time as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// This instant.
    At(Timestamp),
    /// So many microseconds ago.
    Ago(i64),
}

impl When {
    /// Finds the instant.
    pub(crate) fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(instant) => instant,
            Self::Ago(micros) => now.plus_micros(-micros),
        }
    }
}

/// Reads `90s`, `30m`, `12h`, `7d`, `2w`, or whatever [`Timestamp::parse`] reads, in UTC unless it says otherwise.
impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((number, unit)) = age(text) else {
            // What the parser of times says does not mention ages.
            return text.parse().map(Self::At).map_err(|_refused: truthound_stores::Error| {
                "write an age such as 90s, 30m, 12h, 7d or 2w, or a time such as 2026-01-31 or \
                 2026-01-31T12:00:00Z"
                    .to_owned()
            });
        };
        let micros =
            number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit * MICROS_PER_SECOND));
        micros
            .map(Self::Ago)
            .ok_or_else(|| "that is longer ago than time is counted: write a smaller age".to_owned())
    }
}

/// Reads a length of time as ages are written: `90s`, `30m`, `12h`, `7d` or `2w`. `None` for anything else, and for what no clock counts.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let (number, unit) = age(text)?;
    let seconds = number.parse::<i64>().ok()?.checked_mul(unit)?;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// Prints the day of an instant, in UTC: `2026-01-31`.
pub(crate) fn day(time: Timestamp) -> String {
    let text = time.to_string();
    text.split_once('T').map_or_else(|| text.clone(), |(day, _)| day.to_owned())
}

/// Splits an age into its digits and the seconds of its unit.
fn age(text: &str) -> Option<(&str, i64)> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((digits, seconds))
}

#[cfg(test)]
mod tests;
