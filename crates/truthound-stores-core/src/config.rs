//! The settings that all stores share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codec::{Compression, Format};
use crate::{Error, Reading, Result, Zone};

/// Holds the settings that every backend has: `StoreConfig` of the configuration document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StoreConfig {
    /// Keeps groups of documents apart: the same id in two namespaces is two documents. One folder or path segment;
    /// `""` means none. Default: `default`.
    pub namespace: String,
    /// The path of results within the store; `""` means none. Default: the backend's own (`validations` on disk,
    /// `truthound/` on object stores).
    pub prefix: Option<String>,
    /// The format of new documents: json, yaml or pickle. Documents in any format are read. Default: json.
    pub serialization_format: Format,
    /// The compression of new documents: none, gzip, lz4 or zstd. Documents in any compression are read. Default: the
    /// backend's own, as its `use_compression` says.
    pub compression: Option<Compression>,
    /// Facts that are attached to the store and shown by [`Store::info`](crate::Store::info). Default: none.
    pub metadata: BTreeMap<String, String>,
    /// The zone of times that are written without an offset: `UTC`, an offset or an IANA name. Default: UTC.
    pub assume_timezone: Zone,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            namespace: "default".to_owned(),
            prefix: None,
            serialization_format: Format::Json,
            compression: None,
            metadata: BTreeMap::new(),
            assume_timezone: Zone::Utc,
        }
    }
}

impl StoreConfig {
    /// The names of these settings, for [`Options::read`](crate::options::Options::read).
    pub const NAMES: &'static [&'static str] =
        &["namespace", "prefix", "serialization_format", "compression", "metadata", "assume_timezone"];

    /// Sets the namespace.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Sets the prefix.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Sets the format of new documents.
    #[must_use]
    pub fn with_serialization_format(mut self, format: Format) -> Self {
        self.serialization_format = format;
        self
    }

    /// Sets the compression of new documents.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
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

    /// Says how documents are read under these settings.
    pub fn reading(&self) -> Reading {
        Reading::default().with_assume_timezone(self.assume_timezone.clone())
    }

    /// Decides the compression of new documents from `compression`, the backend's `use_compression` as it was given, and
    /// its default.
    ///
    /// `compression` wins where it is set; `use_compression` alone means gzip.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the two contradict each other.
    pub fn effective_compression(&self, use_compression: Option<bool>, default: bool) -> Result<Compression> {
        match (self.compression, use_compression) {
            (Some(Compression::None), Some(true)) => Err(Error::invalid(
                "compression = \"none\" contradicts use_compression = true: leave one out",
            )),
            (Some(chosen), Some(false)) if chosen != Compression::None => Err(Error::invalid(format!(
                "compression = \"{chosen}\" contradicts use_compression = false: leave one out"
            ))),
            (Some(chosen), _) => Ok(chosen),
            (None, given) if given.unwrap_or(default) => Ok(Compression::Gzip),
            (None, _) => Ok(Compression::None),
        }
    }

    /// Checks that a path setting stays inside the store on every system: relative segments without `.`, `..`, `\`, `:`, control
    /// characters, empty parts and parts that end in a dot or a space; a trailing `/` is dropped. Answers the segments.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the setting.
    pub fn segments<'a>(name: &str, path: &'a str) -> Result<Vec<&'a str>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.is_empty() {
            return Ok(Vec::new());
        }
        let segments: Vec<&str> = path.split('/').collect();
        for segment in &segments {
            let bad = segment.is_empty()
                || *segment == "."
                || *segment == ".."
                || segment.ends_with(['.', ' '])
                || segment.contains(|c: char| matches!(c, '\\' | ':') || c.is_control());
            if bad || segment.starts_with('_') {
                return Err(Error::invalid(format!(
                    "{name} {path:?} is not usable: its part {segment:?} is empty, leaves the store, holds a character that \
                     some system treats as special, or begins with an underscore, which the store keeps for itself"
                )));
            }
        }
        Ok(segments)
    }
}

#[cfg(test)]
mod tests;
