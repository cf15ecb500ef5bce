//! Bytes on their way into an object, hashed as they pass.
//!
//! The checksums of Parquet's pages do not cover their headers. So every 4 KiB of what comes before the footer have a hash of our own, in
//! the file's tail; the tail's hash, and that of the whole, are in the root. Whoever reads a few pages checks the blocks that they lie in.

use std::io::{self, Write};

/// So many bytes have one hash.
pub(super) const BLOCK: usize = 4_096;
/// So many bytes of a block's hash are kept.
pub(super) const CHECK: usize = 8;

/// Hashes what it passes on.
#[derive(Debug)]
pub(super) struct Sink<W> {
    inner: W,
    whole: blake3::Hasher,
    tail: blake3::Hasher,
    block: Vec<u8>,
    checks: Vec<u8>,
    length: u64,
    in_tail: bool,
}

/// What was passed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub(super) length: u64,
    pub(super) hash: [u8; 32],
    pub(super) tail_hash: [u8; 32],
}

impl<W: Write> Sink<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            whole: blake3::Hasher::new(),
            tail: blake3::Hasher::new(),
            block: Vec::with_capacity(BLOCK),
            checks: Vec::new(),
            length: 0,
            in_tail: false,
        }
    }

    /// Ends the blocks; answers their hashes, which begin the tail.
    pub(super) fn begin_tail(&mut self) -> Vec<u8> {
        if !self.block.is_empty() {
            self.end_block();
        }
        self.in_tail = true;
        std::mem::take(&mut self.checks)
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn finish(self) -> (W, Passed) {
        let (hash, tail_hash) = (*self.whole.finalize().as_bytes(), *self.tail.finalize().as_bytes());
        (self.inner, Passed { length: self.length, hash, tail_hash })
    }

    fn end_block(&mut self) {
        self.checks.extend(check(&self.block));
        self.block.clear();
    }
}

/// The hash of a block.
pub(super) fn check(block: &[u8]) -> [u8; CHECK] {
    let hash = blake3::hash(block);
    let mut check = [0; CHECK];
    check.iter_mut().zip(hash.as_bytes()).for_each(|(check, byte)| *check = *byte);
    check
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        let mut rest = bytes.get(..written).unwrap_or_default();
        self.length += written as u64;
        self.whole.update(rest);
        if self.in_tail {
            self.tail.update(rest);
            return Ok(written);
        }
        while !rest.is_empty() {
            let room = BLOCK.saturating_sub(self.block.len());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.block.extend_from_slice(now);
            if self.block.len() == BLOCK {
                self.end_block();
            }
            rest = later;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
