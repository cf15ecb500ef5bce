//! Zstandard frames (RFC 8878), written with a checksum of the content.

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};
use zstd::zstd_safe;

use super::{CHUNK, grow, join_parts, too_large, truncated};
use crate::codec::Compression;
use crate::{Error, ErrorKind, Result};

const FRAME: &str = "zstd frame";
const LEVEL: i32 = 3;

pub(super) fn compress(text: &[u8]) -> Result<Vec<u8>> {
    let failed = |error| Error::new(ErrorKind::Internal, "zstd failed").caused_by(error);
    let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(failed)?;
    compressor.include_checksum(true).map_err(failed)?;
    compressor.compress(text).map_err(failed)
}

/// Undoes one or several frames; each must be whole.
pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>> {
    let damaged = |error| Error::corrupt(format!("damaged {FRAME}")).caused_by(error);
    let mut decoder = Decoder::new().map_err(damaged)?;
    decoder.set_parameter(DParameter::WindowLogMax(window_log(limit))).map_err(damaged)?;
    join_parts(bytes, Compression::Zstd, FRAME, |rest, out| decompress_frame(&mut decoder, rest, out, limit))
}

/// Appends one frame's content to `out` and returns what follows the frame.
fn decompress_frame<'a>(
    decoder: &mut Decoder<'_>,
    bytes: &'a [u8],
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<&'a [u8]> {
    let announced = zstd_safe::get_frame_content_size(bytes).ok().flatten();
    if let Some(size) = announced {
        // With all room there at once, the library decompresses straight into it.
        let size = usize::try_from(size).map_or(usize::MAX, |size| size);
        if size > limit.saturating_sub(out.len()) {
            return Err(too_large(limit));
        }
        grow(out, size, limit);
    }
    let mut input = InBuffer::around(bytes);
    loop {
        let written = out.len();
        let consumed = input.pos();
        if out.capacity() == written {
            if written < limit {
                grow(out, CHUNK.min(limit - written), limit);
            } else {
                // One byte more shows whether the frame ends here.
                out.reserve_exact(1);
            }
        }
        let mut output = OutBuffer::around_pos(out, written);
        let hint = decoder
            .run(&mut input, &mut output)
            .map_err(|error| Error::corrupt(format!("damaged {FRAME}")).caused_by(error))?;
        if out.len() > limit {
            return Err(too_large(limit));
        }
        if hint == 0 {
            return Ok(bytes.get(input.pos()..).unwrap_or_default());
        }
        if out.len() == written && input.pos() == consumed {
            return Err(truncated(FRAME));
        }
    }
}

/// Returns the largest window a frame may ask for: as much as a document, at least 8 MiB.
fn window_log(limit: usize) -> u32 {
    limit.checked_next_power_of_two().map_or(27, usize::ilog2).clamp(23, 27)
}

#[cfg(test)]
mod tests;
