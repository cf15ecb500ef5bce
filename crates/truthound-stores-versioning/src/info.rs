//! What is known of a version.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use truthound_stores_core::{Error, Key, Result, Timestamp};

use crate::checksum::ChecksumAlgorithm;

/// Says how a version came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// It was saved.
    #[default]
    Save,
    /// An older version was made the latest again.
    Rollback,
    /// A branch was merged.
    Merge,
    /// The document was written past the versioned store; the version was made by the save that found it.
    Outside,
    /// The document was deleted: this version has no content.
    Deletion,
    /// It was brought in from another store.
    Import,
}

impl Origin {
    const ALL: [Self; 6] =
        [Self::Save, Self::Rollback, Self::Merge, Self::Outside, Self::Deletion, Self::Import];

    /// Returns the name as it is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Rollback => "rollback",
            Self::Merge => "merge",
            Self::Outside => "outside",
            Self::Deletion => "deletion",
            Self::Import => "import",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Origin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|origin| origin.as_str() == text)
            .ok_or_else(|| Error::invalid(format!("unknown origin {text:?} of a version")))
    }
}

/// Describes a version without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionInfo {
    /// The item.
    pub item: Key,
    /// The place in the item's history, from 1. Versions of a branch count on from where it left.
    pub ordinal: u64,
    /// The name that the mode gave it.
    pub version: String,
    /// When it was made; later for each version of a history, whatever the clocks of its writers say.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Option<String>,
    /// Why.
    pub message: Option<String>,
    /// The name of the version before it.
    pub parent: Option<String>,
    /// The caller's own facts.
    pub metadata: BTreeMap<String, String>,
    /// The hash of the content, in hexadecimal digits; empty for a deletion.
    pub checksum: String,
    /// Which hash that is.
    pub algorithm: ChecksumAlgorithm,
    /// The bytes of the content's canonical text.
    pub size: u64,
    /// The branch on which it was made.
    pub branch: String,
    /// How it came to be.
    pub origin: Origin,
}
