//! What a fold makes of a tail and a root: a pure function.

use crate::scenario::{Flaw, Merge, Scenario};
use crate::state::{NONE, Root, Segment, SegmentRef, Set, State, each, has, holds, one};

/// What a folder has read.
pub(crate) struct Input {
    pub(crate) list: Set,
    pub(crate) base: u8,
    /// How many tail objects it takes at most.
    pub(crate) take: u32,
    pub(crate) merge: Merge,
    /// Tombstones whose incarnation it saw gone.
    pub(crate) gone: Set,
    /// Those of them that it drops.
    pub(crate) dropped: Set,
    /// The number of the files that it writes, which is the id of its commit.
    pub(crate) commit: u8,
}

/// Gives the segment to write and the root to commit; nothing if there is nothing to do.
pub(crate) fn fold(scenario: &Scenario, state: &State, input: &Input) -> Option<(Segment, Root)> {
    let base = state.roots[usize::from(input.base)];
    let listed = input.list & !state.pending(scenario, &base);
    let taken = first(state, listed, input.take);
    let rows = state.rows(taken);
    let news = if scenario.is(Flaw::LateRowFoldedWithoutLookUp) { rows } else { state.news(&base, rows) };
    let kept = state.newest(news, news);
    let mut root = Root { pending: taken, commit: input.commit, kept: base.kept | one(input.base), ..base };
    root.watermark = each(rows).map(|row| state.revision(row).hlc).fold(base.watermark, u8::max);
    for row in each(kept) {
        root.row_generation[usize::from(row)] = input.base + 1;
    }
    let ended = ended(scenario, state, &base, kept);
    for segment in root.segments.iter_mut().filter(|segment| segment.segment != NONE) {
        let kills = ended & state.segments[usize::from(segment.segment)].rows & !segment.kills;
        if kills != 0 {
            segment.kills |= kills;
            segment.kill_file = input.commit;
        }
    }
    let mut written = if scenario.is(Flaw::TombstoneDroppedAtFold) { state.living(kept) } else { kept };
    match input.merge {
        Merge::None | Merge::Hot if taken == 0 => return None,
        Merge::None => {}
        Merge::Hot => {
            if let Some(hot) = root.segments.iter_mut().rfind(|segment| segment.segment != NONE) {
                let ended = if scenario.is(Flaw::MergeRevivesEndedRows) { 0 } else { hot.kills };
                written |= state.segments[usize::from(hot.segment)].rows & !ended;
                *hot = SegmentRef { segment: NONE, kills: 0, kill_file: NONE };
            }
        }
        Merge::All => {
            let all = state.unkilled(&root) | written;
            let quiet = quiet(scenario, state, listed, taken);
            let dropped = all & input.dropped & quiet;
            written = all & !dropped;
            root.gone = (base.gone | input.gone) & quiet & written;
            let generations = each(dropped).map(|row| base.row_generation[usize::from(row)]);
            root.feed_floor = generations.fold(base.feed_floor, u8::max);
            let segments = root.segments.iter().filter(|segment| segment.segment != NONE).count();
            if taken == 0 && root.gone == base.gone && state.folded(&base) == written && segments <= 1 {
                return None;
            }
            root.segments = Root::EMPTY.segments;
        }
    }
    if written != 0 {
        let free = root.segments.iter_mut().find(|segment| segment.segment == NONE)?;
        *free = SegmentRef { segment: input.commit, kills: 0, kill_file: NONE };
    }
    Some((Segment { rows: written, base: input.base }, root))
}

/// Gives the tombstones of whose incarnation the tail holds no row, as far as this fold can tell.
fn quiet(scenario: &Scenario, state: &State, listed: Set, taken: Set) -> Set {
    if scenario.is(Flaw::TombstoneDroppedOverItsRows) {
        return Set::MAX;
    }
    if taken != listed {
        return 0;
    }
    let rows = state.rows(listed);
    let used = (0_u8..).zip(&state.revisions).filter(|(_, revision)| revision.used);
    let quiet = used.filter(|&(number, _)| !each(rows).any(|row| state.same(row, number)));
    quiet.fold(0, |set, (number, _)| set | one(number))
}

/// Gives the first objects by name, which begins with the hlc.
fn first(state: &State, objects: Set, take: u32) -> Set {
    let mut names: Vec<(u8, u8)> = each(objects)
        .map(|object| {
            (each(state.rows(one(object))).map(|row| state.revision(row).hlc).max().unwrap_or(0), object)
        })
        .collect();
    names.sort_unstable();
    names.iter().take(take as usize).fold(0, |set, &(_, object)| set | one(object))
}

/// Gives the rows in a root's segments that the rows of this fold end, by no more look-ups than needed: none for a row that replaces
/// nothing and is above the watermark; one if the row before it is there; else one by id.
fn ended(scenario: &Scenario, state: &State, base: &Root, kept: Set) -> Set {
    let unended = state.unkilled(base);
    let ended_by = |row: u8| {
        let revision = state.revision(row);
        if revision.prev == NONE && revision.hlc > base.watermark {
            return 0;
        }
        if scenario.is(Flaw::KillsByPredecessorOnly) || unended & one(revision.prev) != 0 {
            return unended & one(revision.prev);
        }
        each(unended).filter(|&other| state.replaces(row, other)).fold(0, |set, other| set | one(other))
    };
    each(kept).fold(0, |set, row| set | ended_by(row))
}

/// Gives the tombstones that a merge drops: a commit of more than a horizon ago has recorded that their incarnation is gone, which is for ever.
pub(crate) fn dropped(scenario: &Scenario, state: &State, root: &Root, gone: Set) -> Set {
    if scenario.is(Flaw::TombstoneDroppedWhenSeenGone) { gone } else { root.gone & state.gone_long }
}

/// Gives the tombstones whose document is absent, or in another incarnation, under each of its names.
pub(crate) fn gone(state: &State, root: &Root) -> Set {
    let is_gone = |row: u8| {
        let revision = state.revision(row);
        let there = |held| holds(held) && state.same(held, row);
        revision.deleted && has(state.old, row) && !state.held(usize::from(revision.doc)).any(there)
    };
    each(state.unkilled(root)).filter(|&row| is_gone(row)).fold(0, |set, row| set | one(row))
}
