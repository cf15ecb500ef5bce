//! Reading parts of an object: few requests, and every byte checked before it is believed.

use std::future::Future;
use std::io::Cursor;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use truthound_stores_core::{Error, Result};

use super::sink::{BLOCK, CHECK, check};

/// Two ranges that lie no further apart are read with one request: what lies between them takes less time than another request.
pub(crate) const GAP: u64 = 1 << 20;

/// Reads parts of one object.
pub(crate) trait Ranges: Send + Sync {
    /// Reads the bytes of each range. The ranges are in order, apart by more than [`GAP`], and none is empty; each is a request.
    fn ranges(&self, wanted: &[Range<u64>]) -> impl Future<Output = Result<Vec<Bytes>>> + Send;

    /// Tells whether the bytes were compared with the hash of the whole object before.
    fn is_checked(&self) -> bool;
}

/// An object in memory.
#[derive(Debug)]
pub(crate) struct Whole {
    bytes: Bytes,
    requests: AtomicU64,
}

impl Whole {
    /// Takes an object whose hash is the one in the root.
    ///
    /// # Errors
    /// `Corrupt` if it is not.
    pub(crate) fn new(bytes: impl Into<Bytes>, hash: &[u8; 32]) -> Result<Self> {
        let bytes = bytes.into();
        if blake3::hash(&bytes).as_bytes() == hash {
            Ok(Self { bytes, requests: AtomicU64::new(0) })
        } else {
            Err(Error::corrupt("a segment of the catalog is not what was written"))
        }
    }

    /// How often parts were asked for.
    #[cfg(test)]
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Ranges for Whole {
    async fn ranges(&self, wanted: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.requests.fetch_add(wanted.len() as u64, Ordering::Relaxed);
        wanted.iter().map(|range| cut(&self.bytes, 0, range).ok_or_else(short)).collect()
    }

    fn is_checked(&self) -> bool {
        true
    }
}

/// The parts of an object that were read, in order.
#[derive(Debug, Default)]
pub(super) struct Parts {
    parts: Vec<(u64, Bytes)>,
    length: u64,
}

/// Reads parts of the blocks of a segment: those that `wanted` lie in.
///
/// # Errors
/// Those of the reader; `Corrupt` for a block with another hash.
pub(super) async fn fetch(
    from: &impl Ranges,
    checks: &Bytes,
    end: u64,
    wanted: Vec<Range<u64>>,
) -> Result<Parts> {
    let mut blocks: Vec<Range<u64>> = wanted
        .into_iter()
        .filter(|range| range.start < range.end)
        .map(|range| {
            range.start - range.start % BLOCK as u64..range.end.next_multiple_of(BLOCK as u64).min(end)
        })
        .collect();
    blocks.sort_unstable_by_key(|range| range.start);
    let blocks = join(blocks, 0);
    let requests = join(blocks.clone(), GAP);
    let read = from.ranges(&requests).await?;
    if read.len() != requests.len()
        || read.iter().zip(&requests).any(|(bytes, range)| bytes.len() as u64 != range.end - range.start)
    {
        return Err(short());
    }
    let mut read = requests.into_iter().zip(read).peekable();
    let mut parts = Vec::with_capacity(blocks.len());
    for range in blocks {
        while read.next_if(|(request, _)| request.end < range.end).is_some() {}
        let part =
            read.peek().and_then(|(request, bytes)| cut(bytes, request.start, &range)).ok_or_else(short)?;
        if !from.is_checked() {
            verify(range.start, &part, checks)?;
        }
        parts.push((range.start, part));
    }
    Ok(Parts { parts, length: end })
}

/// Joins ranges, which are in order, that touch or lie no further apart than `gap`.
fn join(ranges: Vec<Range<u64>>, gap: u64) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap) => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

fn verify(start: u64, part: &[u8], checks: &[u8]) -> Result<()> {
    let first = usize::try_from(start / BLOCK as u64).unwrap_or(usize::MAX / CHECK);
    for (at, block) in part.chunks(BLOCK).enumerate() {
        let place = (first + at) * CHECK;
        if checks.get(place..place + CHECK) != Some(&check(block)) {
            return Err(Error::corrupt("a part of a segment of the catalog is not what was written"));
        }
    }
    Ok(())
}

/// Cuts a range out of bytes that begin at `start`.
fn cut(bytes: &Bytes, start: u64, range: &Range<u64>) -> Option<Bytes> {
    let place = |at: u64| usize::try_from(at.checked_sub(start)?).ok();
    let (from, to) = (place(range.start)?, place(range.end)?);
    (from <= to && to <= bytes.len()).then(|| bytes.slice(from..to))
}

fn short() -> Error {
    Error::corrupt("a segment of the catalog is shorter than it was")
}

impl Parts {
    /// Cuts out a range that was wanted.
    pub(super) fn bytes(&self, range: &Range<u64>) -> Option<Bytes> {
        let at = self.parts.partition_point(|(start, _)| *start <= range.start).checked_sub(1)?;
        let (start, bytes) = self.parts.get(at)?;
        cut(bytes, *start, range)
    }

    /// Copies ranges that were wanted, so that the rest of what was read with them need not be kept. `None` if one is missing.
    pub(super) fn only(&self, mut ranges: Vec<Range<u64>>) -> Option<Self> {
        ranges.retain(|range| range.start < range.end);
        ranges.sort_unstable_by_key(|range| range.start);
        ranges.dedup();
        let parts =
            ranges.into_iter().map(|range| Some((range.start, Bytes::copy_from_slice(&self.bytes(&range)?))));
        Some(Self { parts: parts.collect::<Option<_>>()?, length: self.length })
    }

    pub(super) fn memory(&self) -> usize {
        self.parts.iter().map(|(_, bytes)| bytes.len() + size_of::<(u64, Bytes)>()).sum()
    }

    fn rest(&self, start: u64) -> Option<Bytes> {
        let at = self.parts.partition_point(|(begin, _)| *begin <= start).checked_sub(1)?;
        let (begin, bytes) = self.parts.get(at)?;
        cut(bytes, *begin, &(start..begin + bytes.len() as u64))
    }
}

impl Length for Parts {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Parts {
    type T = Cursor<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        self.rest(start).map(Cursor::new).ok_or_else(missing)
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.bytes(&(start..start + length as u64)).ok_or_else(missing)
    }
}

fn missing() -> ParquetError {
    ParquetError::General("a page lies outside of what was read".to_owned())
}
