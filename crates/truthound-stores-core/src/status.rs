//! The outcome of a validation run.

use std::borrow::Cow;
use std::fmt;

/// Names how a run ended: `success`, `failure`, `error`, `warning`, or whatever else a document says.
///
/// Documents with other words are stored, listed and found as they are. The word `failed`, which the
/// configuration document uses, means `failure` wherever a status is given.
///
/// # Examples
/// ```
/// use truthound_stores_core::Status;
///
/// assert_eq!(Status::from("failed"), Status::FAILURE);
/// assert_eq!(Status::from("skipped").as_str(), "skipped");
/// assert!(!Status::from("skipped").is_known());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(Cow<'static, str>);

impl Status {
    /// Every check passed.
    pub const SUCCESS: Self = Self(Cow::Borrowed("success"));
    /// At least one check failed.
    pub const FAILURE: Self = Self(Cow::Borrowed("failure"));
    /// The run itself broke.
    pub const ERROR: Self = Self(Cow::Borrowed("error"));
    /// Issues were found, none of them critical.
    pub const WARNING: Self = Self(Cow::Borrowed("warning"));
    /// The document has no status (expectation suites, for example).
    pub const NONE: Self = Self(Cow::Borrowed(""));

    const KNOWN: [Self; 4] = [Self::SUCCESS, Self::FAILURE, Self::ERROR, Self::WARNING];

    /// Returns the word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether it is one of Truthound's four.
    pub fn is_known(&self) -> bool {
        Self::KNOWN.contains(self)
    }
}

impl From<&str> for Status {
    fn from(word: &str) -> Self {
        let word = if word == "failed" { "failure" } else { word };
        if word.is_empty() {
            return Self::NONE;
        }
        let known = Self::KNOWN.into_iter().find(|status| status.as_str() == word);
        known.unwrap_or_else(|| Self(Cow::Owned(word.to_owned())))
    }
}

impl From<String> for Status {
    fn from(word: String) -> Self {
        Self::from(word.as_str())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Status {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
