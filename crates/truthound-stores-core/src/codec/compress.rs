//! Compression of whole documents, with the size of what comes out bounded.

#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "zstd")]
mod zstd;

use std::borrow::Cow;

use super::{Compression, Limits};
use crate::{Error, Result};

/// Compresses `text`.
pub(super) fn compress(compression: Compression, text: Vec<u8>) -> Result<Vec<u8>> {
    match compression {
        Compression::None => Ok(text),
        #[cfg(feature = "gzip")]
        Compression::Gzip => gzip::compress(&text),
        #[cfg(feature = "lz4")]
        Compression::Lz4 => lz4::compress(&text),
        #[cfg(feature = "zstd")]
        Compression::Zstd => zstd::compress(&text),
        #[cfg(not(all(feature = "gzip", feature = "lz4", feature = "zstd")))]
        other => Err(super::not_compiled_in(other.as_str())),
    }
}

/// Returns the bytes that every file of a compression begins with.
fn magic(compression: Compression) -> &'static [u8] {
    match compression {
        Compression::None => &[],
        Compression::Gzip => &[0x1f, 0x8b],
        Compression::Lz4 => &[0x04, 0x22, 0x4d, 0x18],
        Compression::Zstd => &[0x28, 0xb5, 0x2f, 0xfd],
    }
}

/// Finds out from its first bytes how a file is compressed; `expected` is what its name says.
///
/// A file that is not compressed may have such a name: some transports unpack on the way.
pub(super) fn detect(bytes: &[u8], expected: Compression) -> Result<Compression> {
    let known = [Compression::Gzip, Compression::Lz4, Compression::Zstd];
    if let Some(found) = known.into_iter().find(|known| bytes.starts_with(magic(*known))) {
        return Ok(found);
    }
    // What is left of a compressed file could be a text: zstd begins with a parenthesis.
    if magic(expected).starts_with(bytes) && expected != Compression::None {
        return Err(Error::corrupt(format!("truncated {expected} file")));
    }
    Ok(Compression::None)
}

/// Undoes `compression`; damage, trailing bytes and too much output are `Corrupt`.
pub(super) fn decompress<'a>(
    compression: Compression,
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<Cow<'a, [u8]>> {
    let limit = limits.max_document_bytes;
    match compression {
        Compression::None if bytes.len() > limit => Err(too_large(limit)),
        Compression::None => Ok(Cow::Borrowed(bytes)),
        #[cfg(feature = "gzip")]
        Compression::Gzip => gzip::decompress(bytes, limit).map(Cow::Owned),
        #[cfg(feature = "lz4")]
        Compression::Lz4 => lz4::decompress(bytes, limit).map(Cow::Owned),
        #[cfg(feature = "zstd")]
        Compression::Zstd => zstd::decompress(bytes, limit).map(Cow::Owned),
        #[cfg(not(all(feature = "gzip", feature = "lz4", feature = "zstd")))]
        other => Err(super::not_compiled_in(other.as_str())),
    }
}

pub(super) fn too_large(limit: usize) -> Error {
    Error::corrupt(format!("decodes to more than {limit} bytes"))
}

/// How much is decompressed at a time.
#[cfg(any(feature = "gzip", feature = "lz4", feature = "zstd"))]
const CHUNK: usize = 64 << 10;

/// Says that a stream ends before its end mark.
#[cfg(any(feature = "gzip", feature = "lz4", feature = "zstd"))]
fn truncated(what: &str) -> Error {
    Error::corrupt(format!("truncated {what}"))
}

/// Most members or frames that one file may be joined from: each has its price, even if it is empty.
#[cfg(any(feature = "gzip", feature = "lz4", feature = "zstd"))]
const MAX_PARTS: usize = 10_000;

/// Undoes a file of one or several parts.
///
/// `part` appends the content of the first part of its input, and returns what follows that part.
#[cfg(any(feature = "gzip", feature = "lz4", feature = "zstd"))]
fn join_parts(
    bytes: &[u8],
    compression: Compression,
    what: &str,
    mut part: impl for<'a> FnMut(&'a [u8], &mut Vec<u8>) -> Result<&'a [u8]>,
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = bytes;
    for _ in 0..MAX_PARTS {
        rest = part(rest, &mut out)?;
        if rest.is_empty() {
            return Ok(out);
        }
        if !rest.starts_with(magic(compression)) {
            return Err(Error::corrupt(format!("trailing bytes after the {what}")));
        }
    }
    Err(Error::corrupt(format!("more than {MAX_PARTS} times a {what}")))
}

/// Reads `reader` to its end into `out`, which never holds more than `limit` bytes.
#[cfg(any(feature = "gzip", feature = "lz4"))]
fn read_bounded(
    reader: &mut impl std::io::Read,
    chunk: &mut [u8],
    out: &mut Vec<u8>,
    limit: usize,
    what: &str,
) -> Result<()> {
    loop {
        let length = reader.read(chunk).map_err(|error| {
            if error.kind() == std::io::ErrorKind::UnexpectedEof {
                truncated(what)
            } else {
                Error::corrupt(format!("damaged {what}")).caused_by(error)
            }
        })?;
        if length == 0 {
            return Ok(());
        }
        if length > limit.saturating_sub(out.len()) {
            return Err(too_large(limit));
        }
        grow(out, length, limit);
        out.extend_from_slice(chunk.get(..length).unwrap_or_default());
    }
}

/// Makes room for `more` bytes: by doubling, but not beyond `limit`.
#[cfg(any(feature = "gzip", feature = "lz4", feature = "zstd"))]
fn grow(out: &mut Vec<u8>, more: usize, limit: usize) {
    if out.capacity() - out.len() < more {
        let wanted = out.capacity().saturating_mul(2).min(limit).max(out.len() + more);
        out.reserve_exact(wanted - out.len());
    }
}

#[cfg(test)]
mod tests;
