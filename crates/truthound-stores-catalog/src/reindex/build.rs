//! Writing a rebuilt catalog: its segments, and the root that names them.

use bytes::Bytes;
use truthound_stores_core::{Progress, Result};

use super::held::{Held, Rows};
use super::sift::Sifted;
use crate::library::Library;
use crate::root::Segment;
use crate::segment::Writer;
use crate::shelf::segment_name;

/// A segment has so many rows at the most, and is held in memory until it is put: some 60 MB.
const LONGEST: usize = 1 << 20;
/// After so many rows others have their turn.
const TURN: usize = 4_096;
const WRITING: &str = "writing the catalog";

/// How the files of a commit are named: the generation that it starts from, and its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'n> {
    pub(crate) base: u64,
    pub(crate) commit: &'n str,
}

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// Newest first.
    pub(crate) segments: Vec<Segment>,
    pub(crate) documents: u64,
    /// The highest time of a state among the rows.
    pub(crate) watermark: u64,
}

/// Writes all rows that count, in order of time, with one generation. The segments are put as soon as they are full.
///
/// # Errors
/// Those of the store.
pub(crate) async fn build(
    library: &Library,
    rows: &Rows,
    sifted: &Sifted,
    generation: u64,
    names: Names<'_>,
    progress: &dyn Progress,
) -> Result<Built> {
    let mut order: Vec<(&Held, i64)> = rows
        .all()
        .iter()
        .enumerate()
        .filter(|(at, _)| !sifted.is_dropped(*at))
        .map(|(at, held)| (held, sifted.arrived(at, held)))
        .chain(sifted.extra.iter().map(|held| (held, held.arrived)))
        .collect();
    order.sort_unstable_by(|(one, _), (other, _)| one.time_key().cmp(&other.time_key()));
    let mut built = Built::default();
    let total = order.len();
    for (number, piece) in order.chunks(LONGEST).enumerate() {
        let mut writer = Writer::new(Vec::new());
        for (at, (held, arrived)) in piece.iter().enumerate() {
            if at % TURN == 0 {
                progress.advance(WRITING, (number * LONGEST + at) as u64, Some(total as u64));
                turn().await;
            }
            built.documents += u64::from(held.is_put);
            built.watermark = built.watermark.max(held.state.hlc);
            writer.make_room(library.workers()).await?;
            writer.push(held.entry(generation)?.arrived_at(*arrived))?;
        }
        writer.flush(library.workers()).await?;
        let (bytes, stats) = writer.finish()?;
        let segment = Segment { name: segment_name(names.base, names.commit, number), kill: None, stats };
        let bytes = Bytes::from(bytes);
        library.shelf().put_segment(&segment.name, bytes.clone()).await?;
        library.adopt(&segment, bytes);
        built.segments.push(segment);
    }
    progress.advance(WRITING, total as u64, Some(total as u64));
    built.segments.reverse();
    Ok(built)
}

/// Lets others go on who share the thread.
async fn turn() {
    let mut begun = false;
    std::future::poll_fn(|context| {
        if begun {
            return std::task::Poll::Ready(());
        }
        begun = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
