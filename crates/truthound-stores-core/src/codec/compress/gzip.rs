//! gzip (RFC 1952), as `gzip.compress` of Python writes it but for the time: always 0.

use std::io::Write;

use flate2::bufread::GzDecoder;
use flate2::{Compression as Level, GzBuilder};

use super::{CHUNK, join_parts, read_bounded};
use crate::codec::Compression;
use crate::{Error, ErrorKind, Result};

const STREAM: &str = "gzip stream";

/// Level 9, which Python uses, takes up to three times as long and makes a document of usual size
/// smaller by one per cent.
const LEVEL: u32 = 6;

pub(super) fn compress(text: &[u8]) -> Result<Vec<u8>> {
    let out = Vec::with_capacity(text.len() / 4 + 64);
    let mut encoder = GzBuilder::new().mtime(0).write(out, Level::new(LEVEL));
    encoder
        .write_all(text)
        .and_then(|()| encoder.finish())
        .map_err(|error| Error::new(ErrorKind::Internal, "gzip failed").caused_by(error))
}

/// Undoes one or several members; their checksums and lengths are verified.
pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>> {
    let mut chunk = vec![0; CHUNK];
    join_parts(bytes, Compression::Gzip, STREAM, |rest, out| {
        let mut decoder = GzDecoder::new(rest);
        read_bounded(&mut decoder, &mut chunk, out, limit, STREAM)?;
        Ok(decoder.into_inner())
    })
}

#[cfg(test)]
mod tests;
