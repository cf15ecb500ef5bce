//! What must hold in every state, and what must hold when everybody has come to rest.

use crate::follower;
use crate::scenario::{Actor, Scenario};
use crate::state::{NONE, Root, State, each, has, holds};

/// What must hold in every state.
pub(crate) fn always(scenario: &Scenario, state: &State) -> Option<&'static str> {
    let root = state.root();
    dangling(state, root, "the root refers to a file that is gone")
        .or_else(|| history(state, root))
        .or_else(|| alone(state, root))
        .or_else(|| bodies(state))
        .or_else(|| rows(scenario, state, root))
}

fn dangling(state: &State, root: &Root, what: &'static str) -> Option<&'static str> {
    let gone = |segment: &crate::state::SegmentRef| {
        segment.segment != NONE && !has(state.segment_files, segment.segment)
            || segment.kill_file != NONE && !has(state.kill_files, segment.kill_file)
    };
    root.segments.iter().any(gone).then_some(what)
}

fn history(state: &State, root: &Root) -> Option<&'static str> {
    each(root.kept).find_map(|kept| {
        if !has(state.history, kept) {
            return Some("a root that history keeps is gone");
        }
        dangling(
            state,
            &state.roots[usize::from(kept)],
            "a root that history keeps refers to a file that is gone",
        )
    })
}

/// In the segments of one root a document has one living row at most, and an incarnation one row.
fn alone(state: &State, root: &Root) -> Option<&'static str> {
    let mut count = 0;
    for segment in root.segments.iter().filter(|segment| segment.segment != NONE) {
        count += (state.segments[usize::from(segment.segment)].rows & !segment.kills).count_ones();
    }
    let rows = state.unkilled(root);
    if count != rows.count_ones() {
        return Some("a root has a row twice");
    }
    for row in each(rows) {
        for other in each(rows).filter(|&other| other > row) {
            if state.same(row, other) {
                return Some("a root has two rows of one incarnation");
            }
            let (a, b) = (state.revision(row), state.revision(other));
            if a.doc == b.doc && !a.deleted && !b.deleted {
                return Some("a root has two living rows of one document");
            }
        }
    }
    None
}

/// Tells whether a document may be missing: nobody was told of it, or somebody has deleted it since.
fn may_be_missing(state: &State, doc: usize) -> bool {
    was_deleted_since(state, doc, state.floor[doc])
}

/// Tells whether a document may be missing for somebody who was told of a revision.
pub(crate) fn was_deleted_since(state: &State, doc: usize, floor: u8) -> bool {
    floor == NONE
        || state.revisions.iter().any(|revision| {
            usize::from(revision.doc) == doc && revision.deleted && revision.order >= state.order(floor)
        })
}

/// What `get` answers is never older than what anybody was told.
fn bodies(state: &State) -> Option<&'static str> {
    if state.turns > 0 && state.docs.iter().filter(|&&held| holds(held)).count() > 1 {
        return Some("a document stands under two names");
    }
    (0..state.docs.len()).find_map(|doc| {
        let current = state.current(doc);
        if current == NONE {
            return (!may_be_missing(state, doc)).then_some("a document was lost");
        }
        (state.order(current) < state.order(state.floor[doc]))
            .then_some("a document fell back to an older state")
    })
}

/// What a query answers that reads everything in one instant.
fn rows(scenario: &Scenario, state: &State, root: &Root) -> Option<&'static str> {
    let rows = state.living(state.resolved(scenario, root, state.tail));
    (0..state.docs.len()).find_map(|doc| {
        let mut about = each(state.about(doc, rows));
        match (about.next(), about.next()) {
            (None, _) => (!may_be_missing(state, doc)).then_some("the catalog lost what was acknowledged"),
            (Some(_), Some(_)) => Some("the catalog lists a document twice"),
            (Some(row), None) => (state.order(row) < state.order(state.floor[doc]))
                .then_some("the catalog lists what was overwritten or deleted"),
        }
    })
}

/// What must hold when nothing more happens: body, row and feed agree. A body whose row nobody ever put is one that its writer was
/// cut off from, and that nobody has read since.
pub(crate) fn at_rest(scenario: &Scenario, state: &State) -> Option<&'static str> {
    let root = state.root();
    let listed = state.living(state.resolved(scenario, root, state.tail));
    for doc in 0..state.docs.len() {
        let current = state.current(doc);
        if current != NONE && !has(state.rowed, current) {
            continue;
        }
        let wanted =
            if current == NONE || state.revision(current).deleted { 0 } else { crate::state::one(current) };
        if state.about(doc, listed) != wanted {
            return Some("body and row disagree at rest");
        }
    }
    let followers =
        scenario.actors.iter().enumerate().filter(|(_, actor)| matches!(actor, Actor::Follower { .. }));
    for (who, _) in followers {
        let mut replica = state.actors[who];
        let fault = follower::page(scenario, state, &mut replica, state.tail, state.generation);
        if fault.is_some() {
            return fault;
        }
        for (doc, &given) in replica.seen.iter().enumerate() {
            let given =
                if given == NONE || state.revision(given).deleted { 0 } else { crate::state::one(given) };
            if given != state.about(doc, listed) {
                return Some("row and feed disagree at rest");
            }
        }
    }
    None
}
