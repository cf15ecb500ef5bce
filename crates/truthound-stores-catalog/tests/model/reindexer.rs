//! Reindexing: the catalog is built anew from the documents, while everybody goes on.
//!
//! `base` is the generation at which it began, `count` the next document to read, `names` the revisions that it has read,
//! `mine` the number of its commit and files, `other` the generation whose root it read last.

use crate::folder::{commit, committed};
use crate::scenario::{Flaw, Scenario};
use crate::state::{DOCS, DONE, Local, NONE, Root, SEGMENTS, Segment, SegmentRef, Set, State, each, one};
use crate::world::Steps;

const ROOT: u8 = 0;
const READ: u8 = 1;
const WRITE: u8 = 2;
const COMMIT: u8 = 3;
const JUDGE: u8 = 4;

pub(crate) fn steps(steps: &mut Steps<'_>) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let local = from.actors[who];
    match local.at {
        ROOT => steps.add("reads the root", from.generation, |state| {
            let local = &mut state.actors[who];
            local.base = state.generation;
            local.other = state.generation;
            local.at = READ;
            None
        }),
        READ => steps.add("reads document", local.count, |state| {
            let current = state.current(usize::from(local.count));
            let local = &mut state.actors[who];
            local.names |= one(current);
            local.count += 1;
            if usize::from(local.count) == DOCS {
                local.at = WRITE;
            }
            None
        }),
        WRITE => write(steps),
        COMMIT if from.generation != local.other => steps.add("is refused the root", local.mine, |state| {
            state.actors[who].at = JUDGE;
            None
        }),
        COMMIT => {
            let root = built(scenario, from, &local).1;
            steps.add("replaces the root", local.mine, |state| {
                commit(state, root);
                state.actors[who] = Local { at: DONE, ..State::nobody() };
                None
            });
            if from.lost > 0 {
                steps.add("replaces the root, acknowledgement lost", local.mine, |state| {
                    state.lost -= 1;
                    commit(state, root);
                    state.actors[who].at = JUDGE;
                    None
                });
            }
        }
        _ => steps.add("reads the root again", from.generation, |state| {
            let done = committed(state, local.mine).is_some();
            let local = &mut state.actors[who];
            local.mine = NONE;
            local.at = if done { DONE } else { WRITE };
            None
        }),
    }
}

/// Writes the segment for the newest root. If tombstones were dropped since documents were read, those whose rows the root does not hold
/// are read again first.
fn write(steps: &mut Steps<'_>) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let local = from.actors[who];
    let dropped = from.root().feed_floor > from.roots[usize::from(local.other)].feed_floor;
    if dropped && !scenario.is(Flaw::ReindexGoesOnOverDrops) {
        return steps.add("reads documents again whose rows the root does not hold", 0, |state| {
            let held = state.unkilled(state.root());
            for row in each(local.names & !held) {
                let doc = usize::from(state.revision(row).doc);
                state.actors[who].names &= !one(row);
                state.actors[who].names |= one(state.current(doc));
            }
            state.actors[who].other = state.generation;
            None
        });
    }
    let number = from.segment_count;
    if usize::from(number) == SEGMENTS || from.generation + 1 == scenario.generations {
        return; // The bounds of the scenario end here.
    }
    steps.add("writes segment and history", number, |state| {
        let local = &mut state.actors[who];
        local.mine = number;
        local.other = state.generation;
        local.at = COMMIT;
        let local = *local;
        state.segments[usize::from(number)] = built(scenario, state, &local).0;
        state.segment_count += 1;
        state.segment_files |= one(number);
        state.kill_files |= one(number);
        state.history |= one(local.other);
        None
    });
}

/// Gives the segment and the root: what the documents say, what was folded since, and all tombstones.
fn built(scenario: &Scenario, state: &State, local: &Local) -> (Segment, Root) {
    let base = state.roots[usize::from(local.other)];
    let unkilled = state.unkilled(&base);
    let since = |&row: &u8| base.row_generation[usize::from(row)] > local.base;
    let later = each(unkilled).filter(since).fold(0, |set: Set, row| set | one(row));
    let tombstones = unkilled & !state.living(unkilled);
    let later = if scenario.is(Flaw::ReindexForgetsWhatWasFoldedSince) { 0 } else { later };
    let all = local.names | later | tombstones;
    let rows = state.newest(all, all | state.folded(&base));
    let mut root = base;
    root.segments = Root::EMPTY.segments;
    root.segments[0] = SegmentRef { segment: local.mine, kills: 0, kill_file: NONE };
    root.commit = local.mine;
    root.kept = base.kept | one(local.other);
    root.watermark = each(local.names).map(|row| state.revision(row).hlc).fold(base.watermark, u8::max);
    root.feed_floor = local.other + 1;
    for row in each(rows) {
        root.row_generation[usize::from(row)] = local.other + 1;
    }
    (Segment { rows, base: local.other }, root)
}
