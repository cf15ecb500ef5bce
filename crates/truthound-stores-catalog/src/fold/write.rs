//! Writing what a commit adds: segments and a kill file, under names that never come again.

use std::collections::BTreeMap;

use bytes::Bytes;
use truthound_stores_core::Result;

use super::shape::Shape;
use super::tombs::Tombs;
use crate::beside::Beside;
use crate::kill_file;
use crate::library::{Library, Volume};
use crate::root::{Root, Segment};
use crate::segment::{Entry, Kills, Merge, Writer};
use crate::shelf::{kill_name, segment_name};

/// How the files of a commit are named.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The generation of the root that the commit starts from: what clean-up goes by.
    pub(crate) base: u64,
    pub(crate) commit: String,
}

/// A segment that is not put yet.
struct Piece {
    segment: Segment,
    bytes: Bytes,
}

/// Reads the segments that are merged, with the new rows, and writes others: unended rows keep their generation, ended ones are left out.
/// Gives the segments of the next root, newest first; all but the last are put as soon as they are full.
pub(crate) struct Written {
    pub(crate) segments: Vec<Segment>,
    last: Option<Piece>,
    /// Whether anything was left out.
    pub(crate) shrunk: bool,
}

impl Written {
    /// Puts the segment that is not put yet.
    pub(crate) async fn put(&mut self, library: &Library) -> Result<()> {
        match self.last.take() {
            Some(piece) => put(library, piece).await.map(drop),
            None => Ok(()),
        }
    }
}

async fn put(library: &Library, piece: Piece) -> Result<Segment> {
    library.shelf().put_segment(&piece.segment.name, piece.bytes.clone()).await?;
    library.adopt(&piece.segment, piece.bytes);
    Ok(piece.segment)
}

/// Merges segments and new rows, which are in the order of [`Entry::time_key`].
///
/// # Errors
/// Those of the library and of the documents.
pub(crate) async fn merge(
    library: &Library,
    volumes: &[(Volume, Kills)],
    new: Vec<Entry>,
    shape: &Shape,
    names: &Names,
    tombs: &mut Tombs,
    documents: &impl Beside,
) -> Result<Written> {
    let shrunk = volumes.iter().any(|(_, kills)| !kills.is_empty());
    let mut written = Written { segments: Vec::new(), last: None, shrunk };
    let volumes = volumes.iter().map(|(volume, kills)| (&*volume.opened, &volume.reader, kills));
    let mut old = Merge::new(volumes, library.workers());
    let (mut new, mut next) = (new.into_iter().peekable(), old.next().await?);
    let mut writer = None;
    let mut rows = 0;
    loop {
        let newer = match (&next, new.peek()) {
            (Some((_, _, old)), Some(new)) => new.time_key() < old.time_key(),
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => break,
        };
        let entry = if newer {
            new.next()
        } else {
            let entry = std::mem::replace(&mut next, old.next().await?).map(|(_, _, entry)| entry);
            match entry {
                Some(entry) if tombs.drops(&entry, documents).await? => {
                    written.shrunk = true;
                    continue;
                }
                entry => entry,
            }
        };
        let Some(entry) = entry else { break };
        if rows == shape.longest {
            rows = 0;
            if let Some(full) = writer.take() {
                let piece = finish(library, full, names, written.segments.len()).await?;
                written.segments.push(put(library, piece).await?);
            }
        }
        let open = match &mut writer {
            Some(open) => open,
            none => none.insert(Writer::new(Vec::new())),
        };
        open.make_room(library.workers()).await?;
        open.push(entry)?;
        rows += 1;
    }
    if let Some(last) = writer {
        let piece = finish(library, last, names, written.segments.len()).await?;
        written.segments.push(piece.segment.clone());
        written.last = Some(piece);
    }
    // They came by time, earliest first.
    written.segments.reverse();
    Ok(written)
}

async fn finish(
    library: &Library,
    mut writer: Writer<Vec<u8>>,
    names: &Names,
    number: usize,
) -> Result<Piece> {
    writer.flush(library.workers()).await?;
    let (bytes, stats) = writer.finish()?;
    let name = segment_name(names.base, &names.commit, number);
    Ok(Piece { segment: Segment { name, kill: None, stats }, bytes: bytes.into() })
}

/// Puts the kill file of a commit: for each segment that it ends rows of and does not merge, all positions that are ended by now. Gives the
/// segments of the root that stay, those with the new kill file.
///
/// # Errors
/// Those of the library.
pub(crate) async fn end(
    library: &Library,
    root: &Root,
    merged: &[usize],
    mut ended: BTreeMap<usize, Kills>,
    names: &Names,
) -> Result<Vec<Segment>> {
    let mut stay: Vec<(usize, Segment)> =
        root.segments.iter().cloned().enumerate().filter(|(at, _)| !merged.contains(at)).collect();
    let kills: BTreeMap<String, Kills> =
        stay.iter().filter_map(|(at, segment)| Some((segment.name.clone(), ended.remove(at)?))).collect();
    if !kills.is_empty() {
        let (name, bytes) = (kill_name(names.base, &names.commit), kill_file::to_bytes(&kills));
        for (_, segment) in &mut stay {
            if let Some(kills) = kills.get(&segment.name) {
                segment.kill = Some(kill_file::describe(&name, &bytes, kills));
            }
        }
        library.shelf().put_segment(&name, bytes.into()).await?;
    }
    Ok(stay.into_iter().map(|(_, segment)| segment).collect())
}
