//! Why a record is not kept, and why it is kept all the same.

use std::fmt;
use std::sync::Arc;

use truthound_stores_core::{Status, Timestamp};

use crate::RetentionAction;
use crate::days::Days;

/// Says which policy does not keep a record, and why.
///
/// `Display` is a sentence for people, such as `time: 120.5 days old, more than 90 days (delete)`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reason {
    /// What the policy wants done.
    pub action: RetentionAction,
    /// What it found.
    pub because: Because,
}

/// Says what a policy found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Because {
    /// The record's age is above the limit, both in microseconds.
    Age {
        /// The record's age.
        age: i64,
        /// The limit.
        limit: i64,
    },
    /// As many newer records were kept as the policy keeps.
    Count {
        /// The limit.
        limit: u64,
        /// Whether those of the record's asset were counted, or all.
        per_asset: bool,
    },
    /// Together with the newer records that no other policy takes away, it takes more bytes than the policy keeps.
    Size {
        /// The record and those that are newer.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Its status has another limit of age.
    Status {
        /// The status.
        status: Status,
        /// The record's age, in microseconds.
        age: i64,
        /// The limit, in microseconds.
        limit: i64,
    },
    /// Its tag has another limit of age.
    Tag {
        /// The tag, as `name=value`.
        tag: Arc<str>,
        /// The record's age, in microseconds.
        age: i64,
        /// The limit, in microseconds.
        limit: i64,
    },
    /// No rule of a keep policy asks for it.
    NotAskedFor,
    /// A predicate said so.
    Said {
        /// The predicate's name.
        name: Arc<str>,
        /// What it said.
        why: String,
    },
}

impl Reason {
    pub(crate) fn new(action: RetentionAction, because: Because) -> Self {
        Self { action, because }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.because {
            Because::Age { age, limit } => {
                write!(f, "time: {} old, more than {}", Days(*age), Days(*limit))?;
            }
            Because::Count { limit, per_asset } => {
                let of = if *per_asset { "of its asset" } else { "of the store" };
                write!(f, "count: not among the newest {limit} {of}")?;
            }
            Because::Size { bytes, limit } => {
                write!(f, "size: {bytes} bytes with all newer ones, more than {limit}")?;
            }
            Because::Status { status, age, limit } => {
                write!(f, "status {status}: {} old, more than {}", Days(*age), Days(*limit))?;
            }
            Because::Tag { tag, age, limit } => {
                write!(f, "tag {tag}: {} old, more than {}", Days(*age), Days(*limit))?;
            }
            Because::NotAskedFor => f.write_str("keep: no rule asks for it")?,
            Because::Said { name, why } => write!(f, "{name}: {why}")?,
        }
        write!(f, " ({})", self.action)
    }
}

/// Says why a record is kept whatever the policies want.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Protection {
    /// A tag holds it.
    Held {
        /// The tag, as the settings name it.
        tag: String,
    },
    /// Its asset is excluded: no policy looks at it or counts it.
    Excluded,
    /// It was saved within the grace period.
    Grace {
        /// When that ends.
        until: Timestamp,
    },
    /// It is its asset's newest one (`preserve_latest`).
    Latest,
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { tag } => write!(f, "held by the tag {tag}"),
            Self::Excluded => f.write_str("its asset is excluded"),
            Self::Grace { until } => write!(f, "saved lately: in its grace period until {until}"),
            Self::Latest => f.write_str("the latest of its asset"),
        }
    }
}
