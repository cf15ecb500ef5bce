//! Finding out what a file is: its name gives the first guess, its first bytes decide.

use super::{Compression, Format, Limits, compress};
use crate::json::{Token, Tokens};
use crate::{Error, Result};

/// Holds what [`decode`] found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decoded {
    /// The document as canonical JSON ([`Layout::Compact`](crate::json::Layout::Compact)).
    pub json: Vec<u8>,
    /// The format the file is in.
    pub format: Format,
    /// The compression the file is in.
    pub compression: Compression,
}

/// Reads a file written by any codec, and returns its document as canonical JSON.
///
/// Compression and format come from the suffixes of `name` and from the first bytes; where they
/// disagree the bytes win. Nothing in `bytes` is ever run, and what they can cost is bounded by
/// `limits`. Errors carry `name` as the fact `file`.
///
/// # Errors
/// - [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes are damaged, of no known format, or
///   beyond a limit.
/// - [`Unsupported`](crate::ErrorKind::Unsupported) if the codec was not compiled in.
///
/// # Examples
/// ```
/// use truthound_stores_core::codec::{Format, Limits, decode};
///
/// // Moved from elsewhere under a name that claims otherwise.
/// let decoded = decode("run_1.json.gz", br#"{ "rows": 1 }"#, &Limits::default())?;
/// assert_eq!(decoded.json, br#"{"rows":1}"#);
/// assert_eq!(decoded.format, Format::Json);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
pub fn decode(name: &str, bytes: &[u8], limits: &Limits) -> Result<Decoded> {
    decode_unnamed(name, bytes, limits).map_err(|error| error.with("file", name))
}

fn decode_unnamed(name: &str, bytes: &[u8], limits: &Limits) -> Result<Decoded> {
    if bytes.is_empty() {
        return Err(Error::corrupt("empty file"));
    }
    let (_, expected, compression) = known_suffixes(name);
    let compression = compress::detect(bytes, compression)?;
    let text = compress::decompress(compression, bytes, limits)?;
    if text.is_empty() {
        return Err(Error::corrupt(format!("empty file inside {compression}")));
    }
    let (format, json) = read(&text, expected, limits)?;
    Ok(Decoded { json, format, compression })
}

/// Reads `text` in the format that its first bytes show, or else its name.
fn read(text: &[u8], expected: Option<Format>, limits: &Limits) -> Result<(Format, Vec<u8>)> {
    let json = || Format::Json.read(text, limits);
    match (begins(text), expected) {
        (Begins::Pickle, _) => Ok((Format::Pickle, Format::Pickle.read(text, limits)?)),
        // JSON is YAML with few exceptions: surrogate pairs, and the words `NaN` and `Infinity`,
        // which are strings in YAML.
        (Begins::JsonContainer, Some(Format::Yaml)) => match json() {
            Ok(json) if !has_non_finite(text) => Ok((Format::Yaml, json)),
            _ => Ok((Format::Yaml, Format::Yaml.read(text, limits)?)),
        },
        (Begins::JsonContainer, _) => Ok((Format::Json, json()?)),
        (Begins::Other, Some(format)) => Ok((format, format.read(text, limits)?)),
        (Begins::Other, None) => json()
            .map(|json| (Format::Json, json))
            .map_err(|_no_json| Error::corrupt("neither JSON, YAML nor pickle")),
    }
}

fn has_non_finite(json: &[u8]) -> bool {
    Tokens::new(json).any(|token| matches!(token, Ok(Token::Number("NaN" | "Infinity" | "-Infinity"))))
}

enum Begins {
    /// The opcode PROTO and a protocol: pickles of protocol 2 and above.
    Pickle,
    /// A bracket, perhaps after white space.
    JsonContainer,
    /// Anything else: a JSON scalar, YAML, or a pickle of protocol 0 or 1.
    Other,
}

fn begins(text: &[u8]) -> Begins {
    if matches!(text, [0x80, 0..=5, ..]) {
        return Begins::Pickle;
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => Begins::JsonContainer,
        _ => Begins::Other,
    }
}

/// Splits a file's name into its stem and what its suffixes mean.
///
/// Known are `.json`, `.yaml`, `.yml`, `.pkl` and `.pickle`, each perhaps followed by `.gz`, `.lz4`
/// or `.zst`, in lower case. A compression without a format before it is split off, too.
///
/// # Examples
/// ```
/// use truthound_stores_core::codec::{Compression, Format, known_suffixes};
///
/// assert_eq!(known_suffixes("run.1.json.gz"), ("run.1", Some(Format::Json), Compression::Gzip));
/// assert_eq!(known_suffixes("run.yml"), ("run", Some(Format::Yaml), Compression::None));
/// assert_eq!(known_suffixes("run.txt"), ("run.txt", None, Compression::None));
/// ```
pub fn known_suffixes(name: &str) -> (&str, Option<Format>, Compression) {
    const FORMATS: [(&str, Format); 5] = [
        (".json", Format::Json),
        (".yaml", Format::Yaml),
        (".yml", Format::Yaml),
        (".pkl", Format::Pickle),
        (".pickle", Format::Pickle),
    ];
    let (name, compression) = [Compression::Gzip, Compression::Lz4, Compression::Zstd]
        .into_iter()
        .find_map(|compression| Some((name.strip_suffix(compression.extension())?, compression)))
        .unwrap_or((name, Compression::None));
    FORMATS
        .into_iter()
        .find_map(|(suffix, format)| Some((name.strip_suffix(suffix)?, Some(format), compression)))
        .unwrap_or((name, None, compression))
}

#[cfg(test)]
mod tests;
