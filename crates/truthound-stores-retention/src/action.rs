//! What becomes of a record that is not kept.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use truthound_stores_core::{Error, Result};

/// Says what becomes of a record that a policy does not keep: `RetentionAction` of the configuration document.
///
/// Actions are ordered by what they take away, the mildest first; of several that fall on one record the mildest is carried
/// out. Names are read in any case: `delete`, `DELETE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RetentionAction {
    /// Moved to the store of quarantine.
    Quarantine,
    /// Moved to the archive.
    Archive,
    /// Removed for good, once the grace period is over.
    Delete,
}

impl RetentionAction {
    /// All actions, the mildest first.
    pub const ALL: [Self; 3] = [Self::Quarantine, Self::Archive, Self::Delete];

    /// Returns the name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Archive => "archive",
            Self::Delete => "delete",
        }
    }
}

impl fmt::Display for RetentionAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RetentionAction {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|action| action.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            Error::invalid(format!("unknown action {text:?}: an action is quarantine, archive or delete"))
        })
    }
}

impl Serialize for RetentionAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RetentionAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: Error| de::Error::custom(error.message()))
    }
}
