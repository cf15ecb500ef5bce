//! What a fold takes of a listing, and what it makes of each row: decision 0009, §4, as functions of what was read.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use truthound_stores_core::Timestamp;

use crate::library::Place;
use crate::mix::Mixed;
use crate::news::is_above;
use crate::root::Root;
use crate::row::{Change, Row};
use crate::segment::Entry;
use crate::shelf::Listed;
use crate::tail::Name;

/// So many objects of the tail are taken by one fold, by name (4.4).
pub(crate) const OBJECTS: usize = 4_096;
/// A fold takes no more objects once it has so many rows: batches may be long, and a fold holds its rows in memory.
pub(crate) const ROWS: usize = 65_536;

/// What a fold makes of a listing.
#[derive(Debug, PartialEq)]
pub(crate) struct Listing {
    /// What the last fold took and nobody has deleted yet: to be deleted first (4.3).
    pub(crate) left: Arc<[Name]>,
    /// What may be taken now.
    pub(crate) others: Vec<Listed<Name>>,
    /// What there is beside that.
    pub(crate) later: Vec<Listed<Name>>,
}

/// Takes a listing apart, which is in the order of names; so many objects may be taken.
pub(crate) fn split(root: &Root, tail: Vec<Listed<Name>>, objects: usize) -> Listing {
    let mut pending = root.pending.clone();
    pending.sort_unstable();
    let (mut left, mut others, mut later) = (Vec::new(), Vec::new(), Vec::new());
    // Both are in order: each is gone through once.
    let mut pending = pending.into_iter().peekable();
    for listed in tail {
        let unique = listed.name.unique();
        while pending.next_if(|next| Some(*next) < unique).is_some() {}
        if pending.peek().is_some_and(|next| Some(*next) == unique) {
            left.push(listed.name);
        } else if others.len() < objects {
            others.push(listed);
        } else {
            later.push(listed);
        }
    }
    Listing { left: left.into(), others, later }
}

/// What was read of the tail.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) names: Vec<Name>,
    pub(crate) rows: Vec<(Row, i64)>,
    /// Whether these are all rows of the listing.
    pub(crate) whole: bool,
}

/// The rows that a fold keeps if no look-up finds them known, and what it knows of the others.
#[derive(Debug)]
pub(crate) struct Fresh {
    /// With the time that their objects came to the tail: the latest, where a row came more than once.
    pub(crate) rows: Vec<(Row, i64)>,
    pub(crate) watermark: u64,
    /// The incarnations that rows were met of, of whatever id: tombstones wait for them, and one that waits for another id's waits no
    /// longer than that takes to be folded.
    pub(crate) met: Incarnations,
}

pub(crate) type Incarnations = HashSet<u64, Mixed>;

/// An incarnation of a document. Hashed by the first alone: it is chance for the greater part, and hardly two documents share one.
#[derive(PartialEq, Eq)]
struct Life<'r>(u64, &'r str);

impl Hash for Life<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// Drops what others of these rows replace (4.4). Done before known rows are dropped, which comes to the same: what a known row replaces
/// is known as well. The others keep their order.
pub(crate) fn fresh(root: &Root, rows: Vec<(Row, i64)>) -> Fresh {
    let mut watermark = root.watermark;
    let mut met = Incarnations::with_capacity_and_hasher(rows.len(), Mixed::default());
    let mut latest: HashMap<Life<'_>, usize, Mixed> =
        HashMap::with_capacity_and_hasher(rows.len(), Mixed::default());
    // Whether a row is kept, and when it came last.
    let mut kept: Vec<Option<i64>> = Vec::with_capacity(rows.len());
    for (at, (row, arrived)) in rows.iter().enumerate() {
        watermark = watermark.max(row.state.hlc);
        met.insert(row.state.incarnation);
        let known = latest.entry(Life(row.state.incarnation, &row.id)).or_insert(at);
        let (mut keeps, before) = (Some(*arrived), *known);
        if before != at
            && let (Some((other, _)), Some(last)) = (rows.get(before), kept.get_mut(before))
        {
            if row.state.replaces(other.state) {
                *known = at;
                *last = None;
            } else {
                keeps = None;
                if row.state == other.state {
                    *last = (*last).max(Some(*arrived));
                }
            }
        }
        kept.push(keeps);
    }
    drop(latest);
    let rows = rows.into_iter().zip(kept).filter_map(|((row, _), arrived)| Some((row, arrived?))).collect();
    Fresh { rows, watermark, met }
}

/// Puts new rows in the order of [`Entry::time_key`]. Their times come together first: to look for them in each row at each comparison takes
/// longer than to sort.
pub(crate) fn in_order(rows: Vec<Entry>) -> Vec<Entry> {
    let mut order: Vec<(Timestamp, usize)> = rows.iter().map(Entry::run_time).zip(0..).collect();
    let id = |at: usize| rows.get(at).map(|entry| &entry.row.id);
    order.sort_unstable_by(|(time, at), (other, then)| {
        time.cmp(other).then_with(|| (id(*at), *at).cmp(&(id(*then), *then)))
    });
    let mut rows: Vec<Option<Entry>> = rows.into_iter().map(Some).collect();
    order.into_iter().filter_map(|(_, at)| rows.get_mut(at)?.take()).collect()
}

/// How a row that is kept has to be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Not at all: it replaces nothing, and nothing replaces it.
    Not,
    /// Where its predecessor was kept, then everywhere: it replaces something, but nothing that was folded replaces it.
    Before,
    /// Everywhere: it may be known.
    Everywhere,
}

/// Tells how a row has to be looked up (4.5). Only a row above the watermark is surely not known.
pub(crate) fn look(row: &Row, watermark: u64) -> Look {
    if !is_above(row, watermark) {
        Look::Everywhere
    } else if row.before.is_some() || matches!(row.change, Change::Delete) {
        Look::Before
    } else {
        Look::Not
    }
}

/// What the rows of its id say of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It, or what replaces it, was folded before.
    Known,
    /// It ends this row, of a segment and at a position, or none.
    Ends(Option<(usize, u32)>),
}

/// Judges a row by all rows of its id: by incarnation and hlc, never by what `before` names (4.5). At most one is unended.
pub(crate) fn judge(row: &Row, places: &[Place]) -> Verdict {
    let state = |place: &Place| place.entry.row.state;
    if places.iter().any(|place| state(place) == row.state || state(place).replaces(row.state)) {
        return Verdict::Known;
    }
    let ended = places.iter().find(|place| !place.ended && row.state.replaces(state(place)));
    Verdict::Ends(ended.map(|place| (place.segment, place.position)))
}
