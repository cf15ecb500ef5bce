//! Folders: they move the tail into segments by replacing the root.
//!
//! `list` is the tail as listed, `base` the generation that the fold starts from, `mine` the number of its commit and files,
//! `names` the tombstones that it saw gone, `count` those of them that it drops, `stale` that
//! it may delete nothing of the tail any more.

use crate::fold::{self, Input, fold};
use crate::scenario::{Flaw, Merge};
use crate::state::{DONE, Local, NONE, Root, SEGMENTS, State, has, one};
use crate::world::Steps;

const FIRST: u8 = 0;
const SECOND: u8 = 1;
pub(crate) const PENDING: u8 = 2;
const HEADS: u8 = 3;
const WRITE: u8 = 4;
const COMMIT: u8 = 5;
const JUDGE: u8 = 6;
pub(crate) const DELETE: u8 = 7;
const REBASE: u8 = 8;

/// Replaces the root.
pub(crate) fn commit(state: &mut State, root: Root) {
    state.generation += 1;
    state.roots[usize::from(state.generation)] = root;
}

/// Gives the generation that a commit made, if the ring of the newest root names it.
pub(crate) fn committed(state: &State, commit: u8) -> Option<u8> {
    (1..=state.generation).find(|&generation| state.roots[usize::from(generation)].commit == commit)
}

pub(crate) fn steps(steps: &mut Steps<'_>, runs: u8, take: u32, merge: Merge) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let local = from.actors[who];
    let goes_on = move |state: &mut State, at: u8| {
        state.actors[who].at = at;
        None
    };
    let finish = move |state: &mut State| {
        let run = local.run + 1;
        state.actors[who] = Local { run, at: if run == runs { DONE } else { FIRST }, ..State::nobody() };
        None
    };
    let input = Input {
        list: local.list,
        base: local.base,
        take,
        merge,
        gone: local.names,
        dropped: local.count.into(),
        commit: local.mine,
    };
    let asks = merge == Merge::All;
    let tail_first = scenario.is(Flaw::FoldListsTailFirst);
    let base = if local.base == NONE { from.root() } else { &from.roots[usize::from(local.base)] };
    let left = from.tail & from.pending(scenario, base);
    if local.stale && local.at == PENDING {
        return steps.add("was suspended, begins again", 0, |state| {
            state.actors[who] = Local { run: local.run, ..State::nobody() };
            None
        });
    }
    match local.at {
        FIRST | SECOND if (local.at == FIRST) == tail_first => steps.add("lists the tail", 0, |state| {
            state.actors[who].list = state.tail;
            if state.tail == 0 && !asks {
                return finish(state);
            }
            goes_on(state, if local.at == FIRST { SECOND } else { PENDING })
        }),
        FIRST | SECOND => steps.add("reads the root", from.generation, |state| {
            state.actors[who].base = state.generation;
            goes_on(state, if local.at == FIRST { SECOND } else { PENDING })
        }),
        PENDING if left == 0 && asks => heads(steps),
        PENDING if left == 0 => write(steps, &input, &finish),
        PENDING => steps.add("deletes what the last fold took", local.base, |state| {
            state.tail &= !left;
            goes_on(state, if asks { HEADS } else { WRITE })
        }),
        HEADS => heads(steps),
        WRITE => write(steps, &input, &finish),
        COMMIT => replace_root(steps, &input),
        JUDGE => steps.add("reads the root again", from.generation, |state| {
            if committed(state, local.mine).is_some() && !scenario.is(Flaw::CommitTakenForLost) {
                return goes_on(state, DELETE);
            }
            if scenario.is(Flaw::LoserDeletesItsSegment) {
                state.segment_files &= !one(local.mine);
            }
            let again = Local { run: local.run, ..State::nobody() };
            state.actors[who] = again;
            if scenario.is(Flaw::LoserReusesItsSegment) {
                state.actors[who] = Local { mine: local.mine, list: local.list, at: REBASE, ..again };
            }
            None
        }),
        REBASE => steps.add("reads the root, keeps its segment", from.generation, |state| {
            state.actors[who].base = state.generation;
            goes_on(state, WRITE)
        }),
        DELETE if local.stale => steps.add("was suspended, leaves the tail to others", 0, finish),
        _ => steps.add("deletes the tail that it took", local.mine, |state| {
            if let Some(generation) = committed(state, local.mine) {
                state.tail &= !state.roots[usize::from(generation)].pending;
            }
            finish(state)
        }),
    }
}

/// Asks the store whether the documents of old tombstones are gone.
fn heads(steps: &mut Steps<'_>) {
    let (scenario, who) = (steps.scenario, steps.who);
    steps.add("asks whether documents are gone", 0, |state| {
        let root = state.roots[usize::from(state.actors[who].base)];
        let gone = fold::gone(state, &root);
        let local = &mut state.actors[who];
        local.names = gone;
        local.at = WRITE;
        state.actors[who].count = fold::dropped(scenario, state, &root, gone).to_le_bytes()[0];
        None
    });
}

/// Writes the segment, its kills, and the copy of the root that is to be replaced.
fn write(steps: &mut Steps<'_>, input: &Input, finish: &dyn Fn(&mut State) -> Option<&'static str>) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let reused = input.commit != NONE;
    let number = if reused { input.commit } else { from.segment_count };
    if usize::from(number) == SEGMENTS || input.base + 1 == scenario.generations {
        return; // The bounds of the scenario end here.
    }
    let input = Input { commit: number, ..*input };
    let Some((segment, _)) = fold(scenario, from, &input) else {
        return steps.add("finds nothing to fold", 0, finish);
    };
    let change = |state: &mut State| {
        if !reused {
            state.segment_count += 1;
            state.segments[usize::from(number)] = segment;
            state.segment_files |= one(number);
            state.kill_files |= one(number);
        }
        state.history |= one(input.base);
        state.actors[who].mine = number;
        state.actors[who].at = COMMIT;
        if scenario.is(Flaw::TailDeletedBeforeCommit) {
            state.tail &= !input.list;
        }
        None
    };
    steps.add("writes segment and history", number, change);
    if from.duplicates > 0 {
        steps.add("writes segment and history, a duplicate is on its way", number, |state| {
            state.duplicates -= 1;
            state.late_segments |= one(number);
            change(state)
        });
    }
}

/// Replaces the root if it is still the one that was read.
fn replace_root(steps: &mut Steps<'_>, input: &Input) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let Some((_, root)) = fold(scenario, from, input) else { return };
    let land = |state: &mut State, at: u8| {
        commit(state, root);
        state.actors[who].at = at;
        None
    };
    if from.generation != input.base {
        return steps.add("is refused the root", input.commit, |state| {
            state.actors[who].at = JUDGE;
            None
        });
    }
    steps.add("replaces the root", input.commit, |state| land(state, DELETE));
    if from.lost > 0 {
        steps.add("replaces the root, acknowledgement lost", input.commit, |state| {
            state.lost -= 1;
            land(state, JUDGE)
        });
    }
    if from.duplicates > 0 && from.late_base == NONE {
        steps.add("gives up on a root that is on its way", input.commit, |state| {
            state.duplicates -= 1;
            state.late_root = root;
            state.late_base = input.base;
            state.actors[who].at = JUDGE;
            None
        });
    }
    debug_assert!(!has(root.kept, input.base + 1), "a root does not keep itself");
}
