//! Times as documents write them.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result, Timestamp, Zone};

/// Holds a time with the text it is written as.
///
/// Python's times come in many forms, often without an offset; their text survives reading and writing.
/// Two are equal if their texts are.
///
/// # Examples
/// ```
/// use truthound_stores_core::{TimeText, Zone};
///
/// let naive = TimeText::new("2026-03-01 12:00:00")?;
/// assert_eq!(naive.as_str(), "2026-03-01 12:00:00");
/// assert_eq!(naive.instant(&"+09:00".parse()?)?.to_string(), "2026-03-01T03:00:00Z");
/// assert_eq!(TimeText::from(naive.instant(&Zone::Utc)?).as_str(), "2026-03-01T12:00:00Z");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimeText(String);

impl TimeText {
    /// Takes a text in any of the forms that [`Timestamp::parse`] reads.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the text, if it is no time.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        Timestamp::parse(&text, &Zone::Utc)?;
        Ok(Self(text))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the instant; a text without an offset is read in the zone `assumed`.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if that zone moves the time out of the years 1 to 9999.
    pub fn instant(&self, assumed: &Zone) -> Result<Timestamp> {
        Timestamp::parse(&self.0, assumed)
    }
}

/// Writes the instant in UTC, as [`Timestamp`] prints.
impl From<Timestamp> for TimeText {
    fn from(instant: Timestamp) -> Self {
        Self(instant.to_string())
    }
}

impl FromStr for TimeText {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::new(text)
    }
}

impl fmt::Display for TimeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for TimeText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for TimeText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
