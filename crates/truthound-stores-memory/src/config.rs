//! The settings of a store in memory.

use std::collections::BTreeMap;

use serde::Deserialize;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result, StoreConfig, Zone};

/// Holds the settings of a [`MemoryStore`](crate::MemoryStore).
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_memory::MemoryConfig;
///
/// let options = Options::from_pairs([("max_items", "500"), ("namespace", "nightly")])?;
/// let config = MemoryConfig::from_options(&options)?;
/// assert_eq!(config, MemoryConfig::new().with_max_items(500).with_namespace("nightly"));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MemoryConfig {
    /// Keeps groups of documents apart: the same id in two namespaces is two documents. One path segment; `""` means
    /// none. Default: `default`.
    pub namespace: String,
    /// Keeps groups of documents apart within a namespace: a path; `""` means none. Default: none.
    pub prefix: String,
    /// Facts that are attached to the store and shown by [`Store::info`](truthound_stores_core::Store::info). Default: none.
    pub metadata: BTreeMap<String, String>,
    /// The zone of times that are written without an offset: `UTC`, an offset or an IANA name. Default: UTC.
    ///
    /// It is shown by [`Store::info`](truthound_stores_core::Store::info), and typed saves read their documents by it.
    pub assume_timezone: Zone,
    /// How many documents each collection of the namespace and prefix holds at the most; 0 means any number. Default: 0.
    ///
    /// When a new document is saved into a full collection, those with the oldest `run_time` go first (of several the
    /// one with the smallest id), never the new one itself. An overwrite evicts nothing. Collections that wrappers hide
    /// have no limit. Evictions appear in the change feed as deletes.
    pub max_items: usize,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        let StoreConfig { namespace, metadata, assume_timezone, .. } = StoreConfig::default();
        Self { namespace, prefix: String::new(), metadata, assume_timezone, max_items: 0 }
    }
}

impl MemoryConfig {
    /// The names of these settings, for [`Options::read`].
    pub const NAMES: &'static [&'static str] =
        &["namespace", "prefix", "metadata", "assume_timezone", "max_items"];

    /// Makes the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the settings from options by name.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that is unknown, has the wrong
    /// type, or has no effect in memory (`serialization_format`, `compression`).
    pub fn from_options(options: &Options) -> Result<Self> {
        let mut options = options.clone();
        for name in ["serialization_format", "compression"] {
            if options.remove(name).is_some_and(|value| !value.is_null()) {
                return Err(Error::invalid(format!(
                    "option {name:?} has no effect in memory, where documents are not encoded: leave it out"
                )));
            }
        }
        options.read("memory", Self::NAMES)
    }

    /// Sets the namespace.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Sets the prefix.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Attaches a fact to the store.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets the zone of times that are written without an offset.
    #[must_use]
    pub fn with_assume_timezone(mut self, zone: Zone) -> Self {
        self.assume_timezone = zone;
        self
    }

    /// Sets how many documents each collection holds at the most; 0 means any number.
    #[must_use]
    pub fn with_max_items(mut self, max_items: usize) -> Self {
        self.max_items = max_items;
        self
    }

    /// Checks namespace and prefix, and answers the one spelling of both that names the space.
    pub(crate) fn space(&self) -> Result<(String, String)> {
        let namespace = StoreConfig::segments("namespace", &self.namespace)?;
        if namespace.len() > 1 {
            return Err(Error::invalid(format!(
                "namespace {:?} is not usable: it is one path segment, without /",
                self.namespace
            )));
        }
        Ok((namespace.concat(), StoreConfig::segments("prefix", &self.prefix)?.join("/")))
    }
}

#[cfg(test)]
mod tests;
