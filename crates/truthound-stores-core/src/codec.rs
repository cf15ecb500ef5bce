//! How a document lies at rest: a format (JSON, YAML, pickle) and a compression.
//!
//! [`Codec::encode`] turns a document's canonical JSON into the bytes of a file;
//! [`decode`] turns the bytes of any file back, whatever it was written with: a store may hold a
//! mixture. Numbers keep their text, objects keep their order, and nothing in a file is ever run.

#[cfg(any(feature = "pickle", feature = "yaml"))]
mod canonical;
mod compress;
mod compression;
mod detect;
mod format;
#[cfg(any(feature = "pickle", feature = "yaml"))]
mod integer;
mod limits;
#[cfg(feature = "pickle")]
mod pickle;
#[cfg(feature = "yaml")]
mod yaml;

pub use compression::Compression;
pub use detect::{Decoded, decode, known_suffixes};
pub use format::Format;
pub use limits::Limits;

use crate::{Error, Result};

/// Says how documents are written: format, compression and, for JSON, whether by lines.
///
/// # Examples
/// ```
/// use truthound_stores_core::codec::{Codec, Compression, Format, Limits, decode};
///
/// let codec = Codec::new(Format::Json, Compression::None);
/// assert_eq!(codec.extension(), ".json");
/// let file = codec.encode(br#"{"rows":1.50,"worst":NaN}"#)?;
/// assert_eq!(file, br#"{"rows": 1.50, "worst": NaN}"#);
///
/// let decoded = decode("run_1.json", &file, &Limits::default())?;
/// assert_eq!(decoded.json, br#"{"rows":1.50,"worst":NaN}"#);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Codec {
    /// The format. Default: JSON.
    pub format: Format,
    /// The compression. Default: none.
    pub compression: Compression,
    /// Whether JSON is written with a line per value, indented by two. Other formats ignore it.
    /// Default: false.
    pub pretty: bool,
}

impl Codec {
    /// Makes the codec for `format` and `compression`; JSON comes on one line.
    pub const fn new(format: Format, compression: Compression) -> Self {
        Self { format, compression, pretty: false }
    }

    /// Says whether JSON is written with a line per value.
    #[must_use]
    pub const fn with_pretty(mut self, pretty: bool) -> Self {
        self.pretty = pretty;
        self
    }

    /// Checks that format and compression were compiled in.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported), naming the feature to build with.
    pub fn check_available(&self) -> Result<()> {
        self.format.check_available()?;
        self.compression.check_available()
    }

    /// Returns the end of a file's name, such as `.json.gz`.
    pub const fn extension(&self) -> &'static str {
        match (self.format, self.compression) {
            (Format::Json, Compression::None) => ".json",
            (Format::Json, Compression::Gzip) => ".json.gz",
            (Format::Json, Compression::Lz4) => ".json.lz4",
            (Format::Json, Compression::Zstd) => ".json.zst",
            (Format::Yaml, Compression::None) => ".yaml",
            (Format::Yaml, Compression::Gzip) => ".yaml.gz",
            (Format::Yaml, Compression::Lz4) => ".yaml.lz4",
            (Format::Yaml, Compression::Zstd) => ".yaml.zst",
            (Format::Pickle, Compression::None) => ".pkl",
            (Format::Pickle, Compression::Gzip) => ".pkl.gz",
            (Format::Pickle, Compression::Lz4) => ".pkl.lz4",
            (Format::Pickle, Compression::Zstd) => ".pkl.zst",
        }
    }

    /// Writes `json` the way this codec says, if it can be read back under the default [`Limits`].
    ///
    /// The same input gives the same bytes each time.
    ///
    /// # Errors
    /// As [`encode_within`](Self::encode_within).
    pub fn encode(&self, json: &[u8]) -> Result<Vec<u8>> {
        self.encode_within(json, &Limits::default())
    }

    /// Writes `json` the way this codec says, if it can be read back under `limits`.
    ///
    /// # Errors
    /// - [`Invalid`](crate::ErrorKind::Invalid) if `json` is no JSON document, is beyond a limit,
    ///   or holds what the format cannot. YAML: two equal keys in an object, half of a surrogate
    ///   pair, a single text with very many punctuation marks (over 500,000 by default). Pickle: an
    ///   integer of more than 4,300 digits.
    /// - [`Unsupported`](crate::ErrorKind::Unsupported) if the codec was not compiled in.
    pub fn encode_within(&self, json: &[u8], limits: &Limits) -> Result<Vec<u8>> {
        self.check_available()?;
        let text = self.format.write(json, self.pretty, limits)?;
        if text.len() > limits.max_document_bytes {
            return Err(Error::invalid(format!(
                "the document takes {} bytes as {}, and could not be read back: the limit is {} bytes",
                text.len(),
                self.format,
                limits.max_document_bytes
            )));
        }
        compress::compress(self.compression, text)
    }
}

/// Says which feature is missing: it has the codec's own name.
fn not_compiled_in(name: &str) -> Error {
    Error::unsupported(format!("{name} was not compiled in: build with the feature `{name}`"))
}

#[cfg(test)]
mod tests;
