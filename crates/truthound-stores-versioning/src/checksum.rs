//! The hashes that guard the content of versions.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use truthound_stores_core::{Error, Result};

/// Names the hash that guards the content of a version: it is taken of the document's canonical text.
///
/// # Examples
/// ```
/// use truthound_stores_versioning::ChecksumAlgorithm;
///
/// let hex = ChecksumAlgorithm::Sha256.hex(b"{}");
/// assert_eq!(hex, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ChecksumAlgorithm {
    /// SHA-256 (FIPS 180-4).
    #[default]
    Sha256,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// BLAKE3.
    Blake3,
    /// SHA-1, for reading: it no longer tells apart what somebody made alike.
    Sha1,
    /// MD5, for reading: it no longer tells apart what somebody made alike.
    Md5,
}

impl ChecksumAlgorithm {
    const ALL: [Self; 5] = [Self::Sha256, Self::Sha512, Self::Blake3, Self::Sha1, Self::Md5];

    /// Returns the name that configuration uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Blake3 => "blake3",
            Self::Sha1 => "sha1",
            Self::Md5 => "md5",
        }
    }

    /// Tells whether new versions may be guarded by it.
    pub const fn is_for_writing(self) -> bool {
        matches!(self, Self::Sha256 | Self::Sha512 | Self::Blake3)
    }

    /// Hashes `text` and returns lower-case hexadecimal digits.
    pub fn hex(self, text: &[u8]) -> String {
        match self {
            Self::Sha256 => hex(&sha2::Sha256::digest(text)),
            Self::Sha512 => hex(&sha2::Sha512::digest(text)),
            Self::Blake3 => blake3::hash(text).to_string(),
            Self::Sha1 => hex(&sha1::Sha1::digest(text)),
            Self::Md5 => hex(&md5::Md5::digest(text)),
        }
    }
}

impl fmt::Display for ChecksumAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ChecksumAlgorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or_else(|| {
            Error::invalid(format!(
                "unknown checksum {text:?}: known are sha256, sha512, blake3, sha1 and md5"
            ))
        })
    }
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
