//! `FileSystemConfig` of the configuration document.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};

use truthound_stores_core::codec::{Codec, Format};
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result, StoreConfig};

use crate::suffix;

/// Says what an acknowledged save survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// A power cut: the log that holds the document is synced to the disk before the save is acknowledged.
    #[default]
    Fsync,
    /// The end of the process, but not of the machine: when to sync is left to the operating system.
    Os,
}

/// Holds the settings of a [`FileSystemStore`](crate::FileSystemStore).
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_filesystem::FileSystemConfig;
///
/// let config = FileSystemConfig::new(".truthound/results").with_use_compression(true);
/// assert!(config.pretty_print);
///
/// let options = Options::from_pairs([("base_path", "/data"), ("namespace", "prod")])?;
/// assert_eq!(FileSystemConfig::from_options(&options)?.store.namespace, "prod");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FileSystemConfig {
    /// The settings that all stores share. The prefix is `validations` unless given.
    #[serde(flatten)]
    pub store: StoreConfig,
    /// The folder that holds the namespaces. Default: `.truthound/store`.
    pub base_path: PathBuf,
    /// How new documents' names end, before any suffix for compression: a dot and 1–16 letters, digits, `-` or `_`.
    /// Default: that of the format (`.json`, `.yaml`, `.pkl`).
    pub file_extension: Option<String>,
    /// Make missing folders at the first save. If false, a missing folder is an error. Default: true.
    pub create_dirs: bool,
    /// Write JSON documents indented by two spaces, as Truthound does; if false, on one line. Default: true.
    pub pretty_print: bool,
    /// Compress new documents with gzip, unless `compression` says otherwise. Default: false.
    pub use_compression: Option<bool>,
    /// What an acknowledged save survives: `fsync` or `os`. Default: `fsync`.
    pub durability: Durability,
}

impl Default for FileSystemConfig {
    fn default() -> Self {
        Self {
            store: StoreConfig::default(),
            base_path: PathBuf::from(".truthound/store"),
            file_extension: None,
            create_dirs: true,
            pretty_print: true,
            use_compression: None,
            durability: Durability::Fsync,
        }
    }
}

/// The settings beside those of [`StoreConfig`], as they stand in options.
#[derive(Deserialize)]
#[serde(default)]
struct Own {
    base_path: PathBuf,
    file_extension: Option<String>,
    create_dirs: bool,
    pretty_print: bool,
    use_compression: Option<bool>,
    durability: Durability,
}

impl Default for Own {
    fn default() -> Self {
        let config = FileSystemConfig::default();
        Self {
            base_path: config.base_path,
            file_extension: config.file_extension,
            create_dirs: config.create_dirs,
            pretty_print: config.pretty_print,
            use_compression: config.use_compression,
            durability: config.durability,
        }
    }
}

impl FileSystemConfig {
    /// The prefix of results unless another is given.
    pub const DEFAULT_PREFIX: &'static str = "validations";

    const OWN_NAMES: [&'static str; 6] =
        ["base_path", "file_extension", "create_dirs", "pretty_print", "use_compression", "durability"];

    /// Keeps documents under `base_path`, with default settings.
    pub fn new(base_path: impl Into<PathBuf>) -> Self {
        Self { base_path: base_path.into(), ..Self::default() }
    }

    /// Reads the settings by their names in the configuration document.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that does not exist or has the
    /// wrong type. Combinations are checked when a store is opened.
    pub fn from_options(options: &Options) -> Result<Self> {
        let names = [StoreConfig::NAMES, &Self::OWN_NAMES].concat();
        let mut shared = options.clone();
        let mut own = Options::new();
        for name in Self::OWN_NAMES {
            if let Some(value) = shared.remove(name) {
                own = own.with(name, value);
            }
        }
        // Checks the names of both parts against all that exist.
        options.read::<serde::de::IgnoredAny>("filesystem", &names)?;
        let own: Own = own.read("filesystem", &names)?;
        Ok(Self {
            store: shared.read("filesystem", &names)?,
            base_path: own.base_path,
            file_extension: own.file_extension,
            create_dirs: own.create_dirs,
            pretty_print: own.pretty_print,
            use_compression: own.use_compression,
            durability: own.durability,
        })
    }

    /// Sets the settings that all stores share.
    #[must_use]
    pub fn with_store(mut self, store: StoreConfig) -> Self {
        self.store = store;
        self
    }

    /// Sets how new documents' names end.
    #[must_use]
    pub fn with_file_extension(mut self, extension: impl Into<String>) -> Self {
        self.file_extension = Some(extension.into());
        self
    }

    /// Sets whether missing folders are made.
    #[must_use]
    pub fn with_create_dirs(mut self, yes: bool) -> Self {
        self.create_dirs = yes;
        self
    }

    /// Sets whether JSON documents are indented.
    #[must_use]
    pub fn with_pretty_print(mut self, yes: bool) -> Self {
        self.pretty_print = yes;
        self
    }

    /// Sets whether new documents are compressed with gzip.
    #[must_use]
    pub fn with_use_compression(mut self, yes: bool) -> Self {
        self.use_compression = Some(yes);
        self
    }

    /// Sets what an acknowledged save survives.
    #[must_use]
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Decides how new documents are written and named.
    ///
    /// # Errors
    /// `Invalid` for an extension that is unusable or contradicts the format, and for contradicting compression settings;
    /// `Unsupported` for a codec that is not compiled in.
    pub(crate) fn writing(&self) -> Result<(Codec, String)> {
        let format = self.store.serialization_format;
        let compression = self.store.effective_compression(self.use_compression, false)?;
        let codec = Codec::new(format, compression).with_pretty(self.pretty_print);
        codec.check_available()?;
        let extension = match &self.file_extension {
            None => suffix::extension_of(format).to_owned(),
            Some(extension) => checked(extension, format)?.to_owned(),
        };
        Ok((codec, extension))
    }
}

fn checked(extension: &str, format: Format) -> Result<&str> {
    if !suffix::is_extension(extension) {
        return Err(Error::invalid(format!(
            "file_extension {extension:?} is not usable: write a dot and 1 to 16 letters, digits, - or _"
        )));
    }
    if let Some(compression) = suffix::compression_named(extension) {
        return Err(Error::invalid(format!(
            "file_extension {extension:?} names a compression: set compression = \"{compression}\" instead"
        )));
    }
    match suffix::format_named(extension) {
        Some(named) if named != format => Err(Error::invalid(format!(
            "file_extension {extension:?} contradicts serialization_format = \"{format}\": leave one of them out"
        ))),
        _ => Ok(extension),
    }
}

impl<'de> Deserialize<'de> for FileSystemConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Options::from_value(value)
            .and_then(|options| Self::from_options(&options))
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
