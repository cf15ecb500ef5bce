//! LZ4 frames (`lz4_Frame_format.md` 1.6), written with a checksum of the content.

use std::io::Write;

use lz4_flex::frame::{FrameDecoder, FrameEncoder, FrameInfo};

use super::{CHUNK, join_parts, read_bounded, truncated};
use crate::codec::Compression;
use crate::{Error, ErrorKind, Result};

const FRAME: &str = "lz4 frame";

pub(super) fn compress(text: &[u8]) -> Result<Vec<u8>> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(ErrorKind::Internal, "lz4 failed").caused_by(error)
    };
    let info = FrameInfo::new().content_checksum(true);
    let out = Vec::with_capacity(text.len() / 2 + 64);
    let mut encoder = FrameEncoder::with_frame_info(info, out);
    encoder.write_all(text).map_err(|error| failed(error.into()))?;
    encoder.finish().map_err(|error| failed(error.into()))
}

/// Undoes one or several frames; each must be whole.
pub(super) fn decompress(bytes: &[u8], limit: usize) -> Result<Vec<u8>> {
    let mut chunk = vec![0; CHUNK];
    join_parts(bytes, Compression::Lz4, FRAME, |rest, out| {
        // The decoder takes the end of its input for the end of a frame: the end mark is looked
        // for here, and the decoder sees exactly one frame.
        let length = frame_length(rest).ok_or_else(|| truncated(FRAME))?;
        let (frame, after) = rest.split_at_checked(length).ok_or_else(|| truncated(FRAME))?;
        let mut decoder = FrameDecoder::new(frame);
        // It also stops at an empty block; each turn reads at least one block's header.
        while !decoder.get_ref().is_empty() {
            read_bounded(&mut decoder, &mut chunk, out, limit, FRAME)?;
        }
        Ok(after)
    })
}

/// Returns how long the frame at the start of `bytes` is, by walking over its blocks.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(4)?;
    let set = |bit: u8| flags & bit != 0;
    let block_checksum = if set(0x10) { 4 } else { 0 };
    // Magic number, flags, block size and header checksum; then what the flags announce.
    let mut at = 7_usize;
    at += if set(0x08) { 8 } else { 0 };
    at += if set(0x01) { 4 } else { 0 };
    loop {
        let header = bytes.get(at..at.checked_add(4)?)?;
        let size = u32::from_le_bytes(header.try_into().ok()?);
        at += 4;
        if size == 0 {
            return at.checked_add(if set(0x04) { 4 } else { 0 });
        }
        let data = usize::try_from(size & 0x7fff_ffff).ok()?;
        at = at.checked_add(data)?.checked_add(block_checksum)?;
    }
}

#[cfg(test)]
mod tests;
