//! Rows of several segments as one sequence, in the order that a segment is written in.

use truthound_stores_core::Result;

use super::bounds::Bounds;
use super::entry::Entry;
use super::kills::Kills;
use super::opened::Opened;
use super::ranges::Ranges;
use super::scan::{Decodes, Scan};
use crate::workers::Workers;

/// A row on its way: the number of its segment, its position there, and what it says.
pub(crate) type Merged = (usize, u32, Entry);

/// All rows of some segments that no kill list ends, deletions among them, by time and id. It holds a few bands of each segment, as many pages
/// as one has of them decoded.
#[derive(Debug)]
pub(crate) struct Merge<'s, R> {
    scans: Vec<Scan<'s, R>>,
    heads: Vec<Option<(u32, Entry)>>,
    begun: bool,
}

impl<'s, R: Ranges> Merge<'s, R> {
    /// Merges segments, whose pages workers decode.
    pub(crate) fn new(
        segments: impl IntoIterator<Item = (&'s Opened, &'s R, &'s Kills)>,
        workers: &Workers,
    ) -> Self {
        let all = Bounds { ascending: true, deletes: true, ..Bounds::default() };
        let scans: Vec<_> = segments
            .into_iter()
            .map(|(opened, from, kills)| {
                Scan::new(opened, from, kills, all.clone()).decoded_by(workers, Decodes::Rows)
            })
            .collect();
        Self { heads: Vec::new(), scans, begun: false }
    }

    /// Reads the next row. Rows of one time and id come in the order of their segments.
    ///
    /// # Errors
    /// Those of the reader; `Corrupt`, naming the object, for what is not as it was written.
    pub(crate) async fn next(&mut self) -> Result<Option<Merged>> {
        if !self.begun {
            self.begun = true;
            for scan in &mut self.scans {
                self.heads.push(scan.next().await?);
            }
        }
        let mut heads = self.heads.iter().enumerate().filter_map(|(at, head)| Some((at, head.as_ref()?)));
        let Some(mut first) = heads.next() else { return Ok(None) };
        for other in heads {
            if other.1.1.time_key() < first.1.1.time_key() {
                first = other;
            }
        }
        let at = first.0;
        let (Some(head), Some(scan)) = (self.heads.get_mut(at), self.scans.get_mut(at)) else {
            return Ok(None);
        };
        let next = scan.next().await?;
        Ok(std::mem::replace(head, next).map(|(position, entry)| (at, position, entry)))
    }
}
