//! The formats of documents at rest.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Limits;
use crate::json::{self, Layout};
use crate::{Error, Result};

/// Names the format of a document at rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON as Python writes it; `NaN`, `Infinity` and `-Infinity` may occur.
    #[default]
    Json,
    /// YAML in block style; needs the feature `yaml`.
    Yaml,
    /// Python's pickle, plain data only; needs the feature `pickle`.
    Pickle,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Json, Self::Yaml, Self::Pickle];

    /// Returns the name that configurations use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Pickle => "pickle",
        }
    }

    /// Returns the end of a file's name: `.json`, `.yaml` or `.pkl`.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => ".json",
            Self::Yaml => ".yaml",
            Self::Pickle => ".pkl",
        }
    }

    /// Checks that the format was compiled in.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported), naming the feature to build with.
    pub fn check_available(self) -> Result<()> {
        let available = match self {
            Self::Json => true,
            Self::Yaml => cfg!(feature = "yaml"),
            Self::Pickle => cfg!(feature = "pickle"),
        };
        if available { Ok(()) } else { Err(super::not_compiled_in(self.as_str())) }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Reads a format's name.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the choices.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| Error::invalid(format!("unknown format {name:?}: choose json, yaml or pickle")))
    }
}

impl Format {
    /// Writes `json` in this format.
    #[cfg_attr(
        not(any(feature = "yaml", feature = "pickle")),
        expect(unused_variables, reason = "only YAML and pickle have limits of their own")
    )]
    pub(super) fn write(self, json: &[u8], pretty: bool, limits: &Limits) -> Result<Vec<u8>> {
        match self {
            Self::Json => json::relayout(json, if pretty { Layout::Pretty } else { Layout::Spaced }),
            #[cfg(feature = "yaml")]
            Self::Yaml => super::yaml::write(json, limits),
            #[cfg(feature = "pickle")]
            Self::Pickle => super::pickle::write(json, limits),
            #[cfg(not(all(feature = "yaml", feature = "pickle")))]
            other => Err(super::not_compiled_in(other.as_str())),
        }
    }

    /// Reads `text` in this format, and returns it as canonical JSON.
    #[cfg_attr(
        not(any(feature = "yaml", feature = "pickle")),
        expect(unused_variables, reason = "only YAML and pickle have limits of their own")
    )]
    pub(super) fn read(self, text: &[u8], limits: &Limits) -> Result<Vec<u8>> {
        match self {
            // Canonical JSON is never longer than what it is made of, which is within the limit.
            Self::Json => {
                json::relayout(text, Layout::Compact).map_err(|error| Error::corrupt(error.message()))
            }
            #[cfg(feature = "yaml")]
            Self::Yaml => super::yaml::read(text, limits),
            #[cfg(feature = "pickle")]
            Self::Pickle => super::pickle::read(text, limits),
            #[cfg(not(all(feature = "yaml", feature = "pickle")))]
            other => Err(super::not_compiled_in(other.as_str())),
        }
    }
}
