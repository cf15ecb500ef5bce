//! Which segments a commit merges, and how long those are that it writes.

use super::plan::OBJECTS;
use crate::root::Segment;

/// The hot segment, which folds rewrite, has so many rows at the most.
pub(crate) const HOT: u64 = 65_536;
/// So many segments below the size of cold ones there are beside the hot one, before they are merged.
pub(crate) const WARM: usize = 8;
/// From here on a segment is cold: it is left alone until much of it is superseded.
pub(crate) const COLD: u64 = 1 << 20;
/// A merge that has more rows writes several segments of the same length, one after the other in time.
pub(crate) const LONGEST: u64 = 2 << 20;

/// How much a fold takes and rewrites: tests of whole stores, which have few documents, have less.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portions {
    /// So many objects of the tail are taken by one fold.
    pub(crate) objects: usize,
    /// So many rows the hot segment has at the most.
    pub(crate) hot: u64,
}

impl Default for Portions {
    fn default() -> Self {
        Self { objects: OBJECTS, hot: HOT }
    }
}

/// What a commit is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// To shorten the tail.
    Fold,
    /// To leave each record in the segments once, and no row beside it that something replaces.
    Maintain,
}

/// How long a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: u64,
    /// How many of them are ended, those that this commit ends among them.
    pub(crate) ended: u64,
    pub(crate) deletes: u64,
}

impl Size {
    pub(crate) fn of(segment: &Segment, newly: u64) -> Self {
        let ended = segment.kill.as_ref().map_or(0, |kill| kill.ended) + newly;
        Self { rows: segment.stats.rows().into(), ended, deletes: segment.stats.deletes.into() }
    }

    fn unended(self) -> u64 {
        self.rows.saturating_sub(self.ended)
    }
}

/// What a commit does to the segments of its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Which are merged, by their place in the root.
    pub(crate) merged: Vec<usize>,
    /// The most rows of each segment that is written.
    pub(crate) longest: u64,
    /// Whether tombstones are asked after: not at each rewriting of the hot segment.
    pub(crate) asks: bool,
}

/// Decides which segments are merged with so many new rows. The segments come newest first. `last` says that the tail has no more than
/// these: as long as others follow at once, the hot segment, of `most` rows at the most, is not rewritten for each part of them.
pub(crate) fn shape(sizes: &[Size], new: u64, last: bool, how: How, most: u64) -> Shape {
    let all = || sizes.iter().enumerate();
    // The newest that fit in a hot segment together: mostly one, after a long tail those that it has left.
    let mut room = most.saturating_sub(new);
    let hot = sizes
        .iter()
        .take_while(|size| {
            let fits = size.unended() <= room;
            room = room.saturating_sub(size.unended());
            fits && new <= most
        })
        .count();
    let small = all().filter(|(_, size)| size.rows < COLD).count();
    let few = |hot: usize| small <= WARM + hot;
    let hot = if !last && few(0) { 0 } else { hot };
    let merged: Vec<usize> = match how {
        How::Maintain => {
            let lonely = small + usize::from(new > 0) < 2;
            let merge = |size: &Size| size.ended > 0 || size.deletes > 0 || (size.rows < COLD && !lonely);
            all().filter(|(_, size)| merge(size)).map(|(at, _)| at).collect()
        }
        // What is all ended holds nothing but room.
        How::Fold if few(hot) => {
            all().filter(|(at, size)| *at < hot || size.unended() == 0).map(|(at, _)| at).collect()
        }
        How::Fold => all()
            .filter(|(_, size)| size.rows < COLD || size.ended > size.rows / 2)
            .map(|(at, _)| at)
            .collect(),
    };
    let total: u64 =
        all().filter(|(at, _)| merged.contains(at)).map(|(_, size)| size.unended()).sum::<u64>() + new;
    let pieces = total.div_ceil(LONGEST).max(1);
    let asks = how == How::Maintain || total > most;
    Shape { merged, longest: total.div_ceil(pieces).max(1), asks }
}
