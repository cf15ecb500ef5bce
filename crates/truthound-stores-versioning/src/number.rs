//! What versions are called: ordinals, names of the four modes, and the ids of their records. Pure.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use truthound_stores_core::{Error, Result, Timestamp};

use crate::config::VersioningMode;
use crate::place::MOST_VERSIONS;

/// Says which part of a semantic version a save raises; the parts after it become 0, and nothing is carried: `1.0.99` → `1.0.100`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// The first part.
    Major,
    /// The second part.
    Minor,
    /// The third part.
    #[default]
    Patch,
}

impl Bump {
    /// Returns the name that the command line uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
        }
    }
}

impl FromStr for Bump {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Self::Major, Self::Minor, Self::Patch]
            .into_iter()
            .find(|bump| bump.as_str() == text)
            .ok_or_else(|| Error::invalid(format!("unknown bump {text:?}: it is major, minor or patch")))
    }
}

/// Three numbers, compared in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Semantic(pub(crate) [u64; 3]);

impl Semantic {
    pub(crate) const FIRST: Self = Self([1, 0, 0]);

    /// Raises one part; `None` if no greater number can be written.
    fn raise(self, bump: Bump) -> Option<Self> {
        let Self([major, minor, patch]) = self;
        Some(Self(match bump {
            Bump::Major => [major.checked_add(1)?, 0, 0],
            Bump::Minor => [major, minor.checked_add(1)?, 0],
            Bump::Patch => [major, minor, patch.checked_add(1)?],
        }))
    }
}

impl fmt::Display for Semantic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl FromStr for Semantic {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || Error::invalid(format!("{text:?} is no semantic version"));
        let mut parts =
            text.split('.').map(|part| part.parse::<u64>().map_err(|cause| refuse().caused_by(cause)));
        let mut next = || parts.next().unwrap_or_else(|| Err(refuse()));
        let version = Self([next()?, next()?, next()?]);
        if version.to_string() == text { Ok(version) } else { Err(refuse()) }
    }
}

/// Names a version's record: its ordinal, and chance that keeps the records of two writers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct VersionId {
    pub(crate) ordinal: u64,
    pub(crate) nonce: u64,
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}-{:016x}", self.ordinal, self.nonce)
    }
}

impl FromStr for VersionId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || Error::invalid(format!("{text:?} names no version's record"));
        let (ordinal, nonce) = text.split_once('-').ok_or_else(refuse)?;
        let ordinal = ordinal.parse().map_err(|cause| refuse().caused_by(cause))?;
        let nonce = u64::from_str_radix(nonce, 16).map_err(|cause| refuse().caused_by(cause))?;
        let id = Self { ordinal, nonce };
        if id.to_string() == text { Ok(id) } else { Err(refuse()) }
    }
}

/// What the next version must know of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    pub(crate) ordinal: u64,
    pub(crate) created_at: Timestamp,
    /// The last semantic version of the history, also if other modes have named versions since.
    pub(crate) semantic: Option<Semantic>,
}

/// The numbers of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) ordinal: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) semantic: Option<Semantic>,
}

impl Number {
    /// Counts on from the version before: ordinals by one, times by a microsecond at least, whatever the clock says.
    ///
    /// # Errors
    /// `Invalid` if the numbers are used up.
    pub(crate) fn after(
        before: Option<&Before>,
        mode: VersioningMode,
        bump: Bump,
        now: Timestamp,
    ) -> Result<Self> {
        let used_up = || Error::invalid("the numbers of versions are used up");
        let ordinal = before.map_or(Some(1), |before| before.ordinal.checked_add(1));
        let ordinal = ordinal.filter(|ordinal| *ordinal <= MOST_VERSIONS).ok_or_else(used_up)?;
        let created_at = before.map_or(now, |before| now.max(before.created_at.plus_micros(1)));
        let last = before.and_then(|before| before.semantic);
        let semantic = match (mode, last) {
            (VersioningMode::Semantic, Some(last)) => Some(last.raise(bump).ok_or_else(used_up)?),
            (VersioningMode::Semantic, None) => Some(Semantic::FIRST),
            (_, last) => last,
        };
        Ok(Self { ordinal, created_at, semantic })
    }

    /// Names the version; `hash` is asked for in the mode that names by hash.
    pub(crate) fn name(&self, mode: VersioningMode, branch: &str, hash: impl FnOnce() -> String) -> String {
        let name = match mode {
            VersioningMode::Incremental => format!("v{}", self.ordinal),
            VersioningMode::Semantic => self.semantic.unwrap_or(Semantic::FIRST).to_string(),
            VersioningMode::Timestamp => time_name(self.created_at),
            // Its hash knows the branch.
            VersioningMode::GitLike => return hash(),
        };
        if branch == MAIN { name } else { format!("{branch}/{name}") }
    }
}

/// The branch whose latest version is the current document.
pub(crate) const MAIN: &str = "main";

/// How many hexadecimal digits the hash of a version has.
pub(crate) const HASH_DIGITS: usize = 40;

/// The shortest prefix of a hash that names a version.
pub(crate) const SHORTEST_PREFIX: usize = 4;

/// Writes a time as the mode does: UTC without a sign of it, always six digits of a second.
pub(crate) fn time_name(time: Timestamp) -> String {
    let text = time.to_string();
    let text = text.trim_end_matches('Z');
    match text.split_once('.') {
        Some((seconds, fraction)) => format!("{seconds}.{fraction:0<6}"),
        None => format!("{text}.000000"),
    }
}

#[cfg(test)]
mod tests;
