//! Instants in UTC with microseconds, and every text form that existing stores hold.

use std::fmt;
use std::str::FromStr;

use jiff::Span;

use crate::{Error, Result};

mod parse;
mod zone;

pub use zone::{NamedZone, Zone};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
const EPOCH: jiff::civil::DateTime = jiff::civil::datetime(1970, 1, 1, 0, 0, 0, 0);

/// Marks an instant: microseconds since 1970-01-01T00:00:00 UTC, in the years 1 to 9999.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Timestamp, Zone};
///
/// let instant = Timestamp::parse("2026-03-01T12:00:00+09:00", &Zone::Utc)?;
/// assert_eq!(instant.to_string(), "2026-03-01T03:00:00Z");
/// // Python's naive times are read in the zone that the store assumes.
/// let tokyo = "Asia/Tokyo".parse::<Zone>()?;
/// assert_eq!(Timestamp::parse("2026-03-01 12:00:00", &tokyo)?, instant);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first instant of year 1.
    pub const MIN: Self = Self(-62_135_596_800 * MICROS_PER_SECOND);
    /// The last microsecond of year 9999.
    pub const MAX: Self = Self(253_402_300_800 * MICROS_PER_SECOND - 1);
    /// 1970-01-01T00:00:00 UTC.
    pub const UNIX_EPOCH: Self = Self(0);

    /// Makes an instant from microseconds since 1970; what lies outside the years 1–9999 becomes
    /// [`MIN`](Self::MIN) or [`MAX`](Self::MAX).
    pub const fn from_micros(micros: i64) -> Self {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// Returns the microseconds since 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads a time in the forms that Python writes and reads (`datetime.isoformat`, `fromisoformat` of 3.11).
    ///
    /// These are calendar dates (`2026-01-31`, `20260131`) and week dates (`2026-W05-6`), alone or
    /// followed by `T` or a space and a time of `HH`, `HH:MM` or `HH:MM:SS` (or without colons) with
    /// a fraction of any length (digits after the sixth are dropped) and an offset (`Z`, `+09:00`,
    /// `+0900`, `+09`, `+09:00:30`; a fraction of an offset's second is dropped). A time without an offset is read in `assumed`; a date alone is
    /// its first instant.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the text, for anything else.
    pub fn parse(text: &str, assumed: &Zone) -> Result<Self> {
        parse::parse(text, assumed)
    }

    /// Returns the instant `micros` later (earlier if negative), stopping at the range's ends.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// Returns the microseconds from `earlier` to `self`.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the first instant of the day, in UTC.
    #[must_use]
    pub const fn start_of_day(self) -> Self {
        Self(self.0.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY)
    }

    /// Returns date and time in UTC. (The library's own instants end some hours before the year 9999 does.)
    fn civil(self) -> jiff::civil::DateTime {
        let time = Span::new().microseconds(self.0.rem_euclid(MICROS_PER_DAY));
        let days = Span::new().days(self.0.div_euclid(MICROS_PER_DAY));
        EPOCH.checked_add(days).and_then(|midnight| midnight.checked_add(time)).unwrap_or(EPOCH)
    }

    /// Returns the instant at which clocks in UTC show `local`, less `offset` seconds; `None` outside the supported years.
    fn of_civil(local: jiff::civil::DateTime, offset: i32) -> Option<Self> {
        let days = i64::from(EPOCH.date().until(local.date()).ok()?.get_days());
        let time = local.time();
        let seconds =
            i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        let micros = days * MICROS_PER_DAY
            + (seconds - i64::from(offset)) * MICROS_PER_SECOND
            + i64::from(time.subsec_nanosecond()) / 1000;
        (Self::MIN.0..=Self::MAX.0).contains(&micros).then_some(Self(micros))
    }

    /// Prints the instant in UTC by a `strftime` pattern without a zone.
    pub(crate) fn strftime(self, pattern: &'static str) -> String {
        self.civil().strftime(pattern).to_string()
    }
}

/// The text of an instant, made without asking for memory: each description that is written holds some.
struct Text {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Text {
    const LONGEST: usize = "2026-01-01T00:01:00.123456Z".len();

    fn of(instant: Timestamp) -> Self {
        let date = instant.civil().date();
        let micros = instant.0.rem_euclid(MICROS_PER_DAY);
        let (seconds, fraction) = (micros / MICROS_PER_SECOND, micros % MICROS_PER_SECOND);
        let mut text = Self { bytes: *b"0000-00-00T00:00:00.000000Z", length: Self::LONGEST };
        text.put(0..4, i64::from(date.year()));
        text.put(5..7, i64::from(date.month()));
        text.put(8..10, i64::from(date.day()));
        text.put(11..13, seconds / 3600);
        text.put(14..16, seconds / 60 % 60);
        text.put(17..19, seconds % 60);
        if fraction == 0 {
            text.length = "2026-01-01T00:01:00Z".len();
            text.bytes[19] = b'Z';
        } else {
            text.put(20..26, fraction);
        }
        text
    }

    /// Writes a number into its places, from the right.
    fn put(&mut self, places: std::ops::Range<usize>, number: i64) {
        let mut left = number;
        for place in self.bytes.get_mut(places).unwrap_or_default().iter_mut().rev() {
            *place = b'0' + u8::try_from(left % 10).unwrap_or_default();
            left /= 10;
        }
    }

    fn as_str(&self) -> &str {
        // Digits and signs alone.
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// Prints RFC 3339 in UTC: `2026-01-01T00:01:00.123456Z`, without a fraction where there is none.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::of(*self).as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads a time as [`Timestamp::parse`] does, assuming UTC.
impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text, &Zone::Utc)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Text::of(*self).as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
