//! The compressions of documents at rest.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Names the compression of a document at rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// No compression.
    #[default]
    None,
    /// gzip, as Truthound writes it; needs the feature `gzip`.
    Gzip,
    /// LZ4 frames; needs the feature `lz4`.
    Lz4,
    /// Zstandard; needs the feature `zstd`.
    Zstd,
}

impl Compression {
    /// Every compression, `None` first.
    pub const ALL: [Self; 4] = [Self::None, Self::Gzip, Self::Lz4, Self::Zstd];

    /// Returns the name that configurations use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the end of a file's name: nothing, `.gz`, `.lz4` or `.zst`.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Lz4 => ".lz4",
            Self::Zstd => ".zst",
        }
    }

    /// Checks that the compression was compiled in.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported), naming the feature to build with.
    pub fn check_available(self) -> Result<()> {
        let available = match self {
            Self::None => true,
            Self::Gzip => cfg!(feature = "gzip"),
            Self::Lz4 => cfg!(feature = "lz4"),
            Self::Zstd => cfg!(feature = "zstd"),
        };
        if available { Ok(()) } else { Err(super::not_compiled_in(self.as_str())) }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Compression {
    type Err = Error;

    /// Reads a compression's name.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the choices.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|compression| compression.as_str() == name).ok_or_else(|| {
            Error::invalid(format!("unknown compression {name:?}: choose none, gzip, lz4 or zstd"))
        })
    }
}
