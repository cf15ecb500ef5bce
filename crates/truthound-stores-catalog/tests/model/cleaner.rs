//! Clean-up, and the removal of marks.
//!
//! `base` is the generation that was read and then the one that was committed, `other` the mark to remove.

use crate::folder::{commit, committed};
use crate::scenario::Flaw;
use crate::state::{DONE, Local, NONE, Set, State, each, has, holds, one};
use crate::world::Steps;

const ROOT: u8 = 0;
const COMMIT: u8 = 1;
const DELETE: u8 = 2;
const JUDGE: u8 = 3;

/// Commits of clean-ups have numbers from here on.
const COMMITS: u8 = 200;

pub(crate) fn steps(steps: &mut Steps<'_>, runs: u8, keep: u32) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let local = from.actors[who];
    let id = COMMITS + local.run + 10 * u8::try_from(who).unwrap_or(0);
    match local.at {
        ROOT => steps.add("reads the root", from.generation, |state| {
            state.actors[who].base = state.generation;
            let without =
                scenario.is(Flaw::CleanUpWithoutCommit) || scenario.is(Flaw::OlderFilesCleanedWithoutCommit);
            state.actors[who].at = if without { DELETE } else { COMMIT };
            None
        }),
        COMMIT if from.generation != local.base => steps.add("is refused the root", 0, |state| {
            state.actors[who].at = JUDGE;
            None
        }),
        COMMIT => {
            if local.base + 1 == scenario.generations {
                return; // The bounds of the scenario end here.
            }
            let mut root = *from.root();
            root.commit = id;
            root.kept = latest(root.kept | one(local.base), keep);
            let land = |state: &mut State, at: u8| {
                state.history |= one(local.base);
                commit(state, root);
                state.actors[who].base = state.generation;
                state.actors[who].at = at;
                None
            };
            steps.add("commits the clean-up", from.generation + 1, |state| land(state, DELETE));
            if from.lost > 0 {
                steps.add("commits the clean-up, acknowledgement lost", from.generation + 1, |state| {
                    state.lost -= 1;
                    land(state, JUDGE)
                });
            }
        }
        JUDGE => steps.add("reads the root again", from.generation, |state| {
            let next = committed(state, id);
            state.actors[who].at = if next.is_some() { DELETE } else { ROOT };
            state.actors[who].base = next.unwrap_or(NONE);
            None
        }),
        _ => steps.add("deletes what nothing refers to", local.base, |state| {
            let without = scenario.is(Flaw::CleanUpWithoutCommit);
            delete(
                state,
                local.base,
                local.base + u8::from(without),
                !scenario.is(Flaw::CleanUpIgnoresHistory),
            );
            if scenario.is(Flaw::KillFileGoesWithItsSegment) {
                state.kill_files &= state.segment_files;
            }
            finish(state, who, runs);
            None
        }),
    }
}

fn finish(state: &mut State, who: usize, runs: u8) {
    let run = state.actors[who].run + 1;
    state.actors[who] = Local { run, at: if run == runs { DONE } else { ROOT }, ..State::nobody() };
}

/// Keeps the highest numbers of a set.
fn latest(set: Set, keep: u32) -> Set {
    let mut kept = set;
    while kept.count_ones() > keep {
        kept &= kept - 1;
    }
    kept
}

/// Deletes the files named with a generation before `bound` that neither the root nor what it keeps of history refers to.
fn delete(state: &mut State, generation: u8, bound: u8, history: bool) {
    let root = state.roots[usize::from(generation)];
    let kept = if history { root.kept } else { 0 };
    let mut segments = 0;
    let mut kill_files = 0;
    for root in each(kept).map(|kept| &state.roots[usize::from(kept)]).chain([&root]) {
        for segment in &root.segments {
            segments |= one(segment.segment);
            kill_files |= one(segment.kill_file);
        }
    }
    let older = each(state.segment_files | state.kill_files)
        .filter(|&file| state.segments[usize::from(file)].base < bound)
        .fold(0, |older, file| older | one(file));
    state.segment_files &= segments | !older;
    state.kill_files &= kill_files | !older;
    state.history &= root.kept | !one_below(generation);
}

/// Gives all numbers below this one.
fn one_below(number: u8) -> Set {
    one(number) - 1
}

/// Removes the mark of a document whose deletion is in a segment, and so old that nothing from before it can still land.
pub(crate) fn sweep(steps: &mut Steps<'_>, runs: u8) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let local = from.actors[who];
    if local.at == ROOT {
        let folded = match scenario.flaw {
            Some(Flaw::MarkRemovedBeforeItsRowIsFolded) => from.rowed,
            _ => from.unkilled(from.root()),
        };
        let aged = if scenario.is(Flaw::MarkRemovedAtOnce) { from.rowed } else { from.old };
        for doc in from.docs.into_iter().filter(|&doc| holds(doc) && from.revision(doc).deleted) {
            if has(folded & aged, doc) {
                steps.add("sees an old mark", doc, |state| {
                    state.actors[who].other = doc;
                    state.actors[who].at = COMMIT;
                    None
                });
            }
        }
        return;
    }
    steps.add("removes the mark", local.other, |state| {
        let name = usize::from(state.revision(local.other).name);
        if state.docs[name] == local.other || scenario.is(Flaw::MarkRemovedUnconditionally) {
            state.docs[name] = NONE;
        }
        finish(state, who, runs);
        None
    });
}
