//! How bad an issue is.

use std::borrow::Cow;
use std::fmt;

use super::field::Field;
use super::misfit::Misfit;
use crate::json::Json;

/// Names how bad an issue is: `critical`, `high`, `medium`, `low`, or whatever else a document says.
///
/// # Examples
/// ```
/// use truthound_stores_core::Severity;
///
/// assert_eq!(Severity::from("critical"), Severity::CRITICAL);
/// assert_eq!(Severity::from("blocker").as_str(), "blocker");
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Severity(Cow<'static, str>);

impl Severity {
    /// The data must not be used.
    pub const CRITICAL: Self = Self(Cow::Borrowed("critical"));
    /// Worse than medium, not critical.
    pub const HIGH: Self = Self(Cow::Borrowed("high"));
    /// Between low and high.
    pub const MEDIUM: Self = Self(Cow::Borrowed("medium"));
    /// Worth knowing.
    pub const LOW: Self = Self(Cow::Borrowed("low"));

    const KNOWN: [Self; 4] = [Self::CRITICAL, Self::HIGH, Self::MEDIUM, Self::LOW];

    /// Returns the word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether it is one of Truthound's four.
    pub fn is_known(&self) -> bool {
        Self::KNOWN.contains(self)
    }
}

impl From<&str> for Severity {
    fn from(word: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|severity| severity.as_str() == word);
        known.unwrap_or_else(|| Self(Cow::Owned(word.to_owned())))
    }
}

impl From<String> for Severity {
    fn from(word: String) -> Self {
        Self::from(word.as_str())
    }
}

impl AsRef<str> for Severity {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl serde::Serialize for Severity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Severity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl Field for Severity {
    fn read(json: Json, default: Self) -> (Self, Option<Json>) {
        let (word, odd) = String::read(json, default.0.into_owned());
        (Self::from(word), odd)
    }

    fn write(&self) -> Result<Json, Misfit> {
        Ok(self.as_str().into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}
