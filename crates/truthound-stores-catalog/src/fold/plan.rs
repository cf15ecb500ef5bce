//! What a fold takes of a listing, and what it makes of each row: decision 0009, §4, as functions of what was read.

use std::collections::{HashMap, HashSet};

use crate::library::Place;
use crate::news::is_above;
use crate::root::Root;
use crate::row::{Change, Row};
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
    pub(crate) left: Vec<Name>,
    /// What may be taken now.
    pub(crate) others: Vec<Listed<Name>>,
    /// Whether that is all there is.
    pub(crate) whole: bool,
}

/// Takes a listing apart, which is in the order of names.
pub(crate) fn split(root: &Root, tail: Vec<Listed<Name>>) -> Listing {
    let pending: HashSet<&str> = root.pending.iter().map(String::as_str).collect();
    let (left, mut others): (Vec<_>, Vec<_>) =
        tail.into_iter().partition(|listed| pending.contains(listed.name.unique()));
    let whole = others.len() <= OBJECTS;
    others.truncate(OBJECTS);
    Listing { left: left.into_iter().map(|listed| listed.name).collect(), others, whole }
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
    pub(crate) met: HashSet<u64>,
}

/// Drops what others of these rows replace (4.4). Done before known rows are dropped, which comes to the same: what a known row replaces
/// is known as well. The others keep their order.
pub(crate) fn fresh(root: &Root, rows: Vec<(Row, i64)>) -> Fresh {
    let (mut watermark, mut met) = (root.watermark, HashSet::with_capacity(rows.len()));
    let mut latest: HashMap<(u64, &str), usize> = HashMap::with_capacity(rows.len());
    // Whether a row is kept, and when it came last.
    let mut kept: Vec<Option<i64>> = Vec::with_capacity(rows.len());
    for (at, (row, arrived)) in rows.iter().enumerate() {
        watermark = watermark.max(row.state.hlc);
        met.insert(row.state.incarnation);
        let known = latest.entry((row.state.incarnation, row.id.as_str())).or_insert(at);
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
