//! The settings of versions: `VersioningConfig` of the configuration document.

use serde::{Deserialize, Serialize};
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result};

use crate::checksum::ChecksumAlgorithm;

/// Says how versions are named. An integer names the ordinal in the item's history in every mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VersioningMode {
    /// `v1`, `v2`, `v3`: the ordinal.
    #[default]
    Incremental,
    /// `1.0.0`, `1.0.1`, `1.1.0`: see [`Bump`](crate::Bump).
    Semantic,
    /// `2026-01-31T12:00:00.123456`: the time in UTC, in microseconds, greater with each version of an item.
    Timestamp,
    /// Forty hexadecimal digits: a hash of the content, the parent and the item. Any unique prefix of four digits or more names it.
    GitLike,
}

/// Says what becomes of the history of an item that is deleted through the wrapper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeletedHistory {
    /// It is kept: the deletion is the latest version, older ones can be read and rolled back to, and a new document under the id goes on from there.
    #[default]
    Keep,
    /// It goes with the item: versions, branches and labels. Nobody sees any of it once the document is gone.
    Remove,
}

/// Holds the settings of versions.
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_versioning::{VersioningConfig, VersioningMode};
///
/// let options = Options::from_pairs([("mode", "semantic"), ("max_versions", "10")])?;
/// let config = VersioningConfig::from_options(&options)?;
/// assert_eq!(config, VersioningConfig::new().with_mode(VersioningMode::Semantic).with_max_versions(10));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "the names and types of the configuration document")]
#[non_exhaustive]
pub struct VersioningConfig {
    /// How versions are named. May change between runs: versions keep their names. Default: `incremental`.
    pub mode: VersioningMode,
    /// How many versions of an item are kept, counted back from the latest, and as many of each branch; 0 keeps all. Default: 0.
    pub max_versions: u64,
    /// Remove what `max_versions` does not keep with each save; else only [`cleanup`](crate::VersionedStore::cleanup) does. Default: true.
    pub auto_cleanup: bool,
    /// Keep with each version which JSON paths it changed. Default: true.
    pub track_changes: bool,
    /// Refuse to save without a message. Default: false.
    pub require_message: bool,
    /// Allow branches. Default: false.
    pub enable_branching: bool,
    /// The hash of each version's content, checked whenever it is read. Default: `sha256`.
    pub checksum_algorithm: ChecksumAlgorithm,
    /// What becomes of the history of a deleted item. Not part of the configuration document. Default: `keep`.
    pub deleted_history: DeletedHistory,
}

impl Default for VersioningConfig {
    fn default() -> Self {
        Self {
            mode: VersioningMode::Incremental,
            max_versions: 0,
            auto_cleanup: true,
            track_changes: true,
            require_message: false,
            enable_branching: false,
            checksum_algorithm: ChecksumAlgorithm::Sha256,
            deleted_history: DeletedHistory::Keep,
        }
    }
}

impl VersioningConfig {
    /// The names of these settings, for [`Options::read`].
    pub const NAMES: &'static [&'static str] = &[
        "mode",
        "max_versions",
        "auto_cleanup",
        "track_changes",
        "require_message",
        "enable_branching",
        "checksum_algorithm",
        "deleted_history",
    ];

    /// Makes the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the settings from options by name.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that is unknown, has the wrong type or a
    /// value that cannot be.
    pub fn from_options(options: &Options) -> Result<Self> {
        let config: Self = options.read("versioning", Self::NAMES)?;
        config.validate()?;
        Ok(config)
    }

    /// Checks what types cannot.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) for a checksum that is only good for reading old versions.
    pub fn validate(&self) -> Result<()> {
        if self.checksum_algorithm.is_for_writing() {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "checksum_algorithm = \"{}\" is too weak for new versions, which are still read with it: choose sha256, sha512 or blake3",
            self.checksum_algorithm
        )))
    }

    /// Sets how versions are named.
    #[must_use]
    pub fn with_mode(mut self, mode: VersioningMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets how many versions are kept.
    #[must_use]
    pub fn with_max_versions(mut self, max_versions: u64) -> Self {
        self.max_versions = max_versions;
        self
    }

    /// Sets whether saves remove what is too many.
    #[must_use]
    pub fn with_auto_cleanup(mut self, auto_cleanup: bool) -> Self {
        self.auto_cleanup = auto_cleanup;
        self
    }

    /// Sets whether versions keep which paths they changed.
    #[must_use]
    pub fn with_track_changes(mut self, track_changes: bool) -> Self {
        self.track_changes = track_changes;
        self
    }

    /// Sets whether saves need a message.
    #[must_use]
    pub fn with_require_message(mut self, require_message: bool) -> Self {
        self.require_message = require_message;
        self
    }

    /// Sets whether there are branches.
    #[must_use]
    pub fn with_enable_branching(mut self, enable_branching: bool) -> Self {
        self.enable_branching = enable_branching;
        self
    }

    /// Sets the hash of contents.
    #[must_use]
    pub fn with_checksum_algorithm(mut self, algorithm: ChecksumAlgorithm) -> Self {
        self.checksum_algorithm = algorithm;
        self
    }

    /// Sets what becomes of the history of a deleted item.
    #[must_use]
    pub fn with_deleted_history(mut self, deleted_history: DeletedHistory) -> Self {
        self.deleted_history = deleted_history;
        self
    }
}

#[cfg(test)]
mod tests;
