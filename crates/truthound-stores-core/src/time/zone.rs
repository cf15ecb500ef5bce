//! The zone that times without an offset are read in.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::{Error, Result, Timestamp};

/// Says where times without an offset were written: the option `assume_timezone`.
///
/// Written as `UTC`, an offset (`+09:00`), or an IANA name (`Europe/Berlin`), which is looked up in the
/// system's time zone database. A local time that a clock change skips or repeats is read as RFC 5545
/// says: with the offset before the change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// Coordinated Universal Time.
    #[default]
    Utc,
    /// A fixed offset, in seconds east of UTC.
    Fixed(i32),
    /// A zone with rules, by its IANA name.
    Named(NamedZone),
}

/// Holds a zone of the time zone database; made by parsing a [`Zone`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedZone(TimeZone);

impl Zone {
    /// Finds the instant of a local date and time. `None` if it lies outside the supported years.
    pub(super) fn instant_of(&self, local: DateTime) -> Option<Timestamp> {
        let offset = match self {
            Self::Utc => 0,
            Self::Fixed(seconds) => *seconds,
            Self::Named(NamedZone(zone)) => {
                let instant = zone.to_timestamp(local).ok()?;
                return Some(Timestamp::from_micros(instant.as_microsecond()));
            }
        };
        Timestamp::of_civil(local, offset)
    }
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.eq_ignore_ascii_case("utc") || text == "Z" {
            return Ok(Self::Utc);
        }
        if text.starts_with(['+', '-']) {
            if let Some(seconds) = super::parse::offset(text) {
                return Ok(Self::Fixed(seconds));
            }
        } else if let Ok(zone) = TimeZone::get(text) {
            return Ok(Self::Named(NamedZone(zone)));
        }
        Err(Error::invalid(format!(
            "time zone {text:?} is not known: write UTC, an offset such as +09:00, or a name such as \
             Europe/Berlin"
        )))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utc => f.write_str("UTC"),
            Self::Fixed(seconds) => {
                let (sign, seconds) = if *seconds < 0 { ('-', -seconds) } else { ('+', *seconds) };
                write!(f, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
                if seconds % 60 == 0 { Ok(()) } else { write!(f, ":{:02}", seconds % 60) }
            }
            Self::Named(NamedZone(zone)) => f.write_str(zone.iana_name().unwrap_or("UTC")),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
