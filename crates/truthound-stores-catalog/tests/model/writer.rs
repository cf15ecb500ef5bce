//! Writers: save, create, replace, delete, each one request at a time.
//!
//! `mine` is the revision that the writer tries to put, `base` what it read, `other` the revision whose row it puts, `names` all
//! attempts of this operation, `list` the rows of a batch so far, `stale` that a horizon has passed since its first attempt.

use crate::body::{attempt, install, landed, met};
use crate::scenario::{Flaw, Kind, Op, Scenario};
use crate::state::{BATCH, DONE, Knows, Local, NONE, Set, State, each, has, holds, one};
use crate::suffixed;
use crate::world::Steps;

pub(crate) const BEGIN: u8 = 0;
pub(crate) const READ: u8 = 1;
pub(crate) const PUT: u8 = 2;
pub(crate) const ROW: u8 = 3;

pub(crate) fn steps(steps: &mut Steps<'_>, clock: u8, ops: &[Op]) {
    let (scenario, who) = (steps.scenario, steps.who);
    let local = steps.from.actors[who];
    let op = ops[usize::from(local.run)];
    if local.stale && local.at != ROW {
        return steps.add("gives up: nobody knows whether it was saved", op.doc, |state| {
            finish(state, who, ops);
            None
        });
    }
    match local.at {
        BEGIN | READ | PUT if steps.from.turns > 0 => suffixed::steps(steps, clock, ops),
        BEGIN if matches!(op.kind, Kind::Save | Kind::Create) => put(steps, clock, op),
        BEGIN | READ => steps.add("reads the document", op.doc, |state| {
            let current = state.docs[usize::from(op.doc)];
            read(scenario, state, who, ops, current)
        }),
        PUT => put(steps, clock, op),
        _ => row(steps, ops),
    }
}

/// Puts the document under the condition that it is still as it was read.
pub(crate) fn put(steps: &mut Steps<'_>, clock: u8, op: Op) {
    let (scenario, who) = (steps.scenario, steps.who);
    let mut prepared = steps.from.clone();
    attempt(scenario, &mut prepared, who, clock, op);
    let mine = prepared.actors[who].mine;
    prepared.knows[who].name = prepared.revision(mine).name;
    let mut add = |what: &'static str, change: &dyn Fn(&mut State) -> Option<&'static str>| {
        steps.add(what, mine, |state| {
            *state = prepared.clone();
            change(state)
        });
    };
    if scenario.is(Flaw::RowBeforeBody) && !has(prepared.rowed, mine) {
        return add("puts the row first", &|state| {
            state.tail |= one(mine);
            state.rowed |= one(mine);
            state.actors[who].at = PUT;
            None
        });
    }
    if met(scenario, &prepared, mine) {
        let land = |state: &mut State, at: u8| {
            let twice = each(state.actors[who].names).any(|n| n != mine && state.order(n) > 0);
            state.actors[who].at = at;
            state.actors[who].other = mine;
            let fault = install(scenario, state, mine);
            if twice { Some("one save took effect twice") } else { fault }
        };
        add("puts the document", &|state| land(state, ROW));
        if prepared.lost > 0 {
            add("puts the document, acknowledgement lost", &|state| {
                state.lost -= 1;
                state.actors[who].count = 1;
                land(state, READ)
            });
        }
        if prepared.duplicates > 0 {
            add("puts the document, a duplicate is on its way", &|state| {
                state.duplicates -= 1;
                state.late_docs |= one(mine);
                land(state, ROW)
            });
        }
    } else {
        add("is refused the document", &|state| {
            state.actors[who].at = READ;
            None
        });
    }
    if prepared.duplicates > 0 {
        add("gives up on a put that is on its way", &|state| {
            state.duplicates -= 1;
            state.late_docs |= one(mine);
            state.actors[who].count = 1;
            state.actors[who].at = READ;
            None
        });
    }
}

/// Decides by the document's metadata.
pub(crate) fn read(
    scenario: &Scenario,
    state: &mut State,
    who: usize,
    ops: &[Op],
    current: u8,
) -> Option<&'static str> {
    let local = state.actors[who];
    let op = ops[usize::from(local.run)];
    let live = current != NONE && !state.revision(current).deleted;
    let equal = local.count == 1 && live && state.revision(current).content == op.content;
    let ours = match scenario.flaw {
        Some(Flaw::LostAckTakenForConflict) => None,
        Some(Flaw::LostAckJudgedByContent) => equal.then_some(local.mine),
        _ => landed(scenario, state, current, local.names),
    };
    if let Some(ours) = ours {
        state.actors[who].other = ours;
        state.actors[who].at = ROW;
        return None;
    }
    match op.kind {
        Kind::Create if live => return conflict(scenario, state, who, ops, current),
        Kind::Save | Kind::Create => {}
        Kind::Replace if local.mine == NONE && live => {}
        Kind::Replace => {
            finish(state, who, ops);
            return took_effect(state, local.names).then_some(DENIED);
        }
        Kind::Delete if current == NONE => {
            finish(state, who, ops);
            return None;
        }
        Kind::Delete if live => {}
        Kind::Delete => {
            if scenario.is(Flaw::MarkFoundAnsweredWithoutRow) {
                state.told(current);
                finish(state, who, ops);
            } else {
                state.actors[who].other = current;
                state.actors[who].at = ROW;
            }
            return None;
        }
    }
    state.actors[who].base = current;
    state.actors[who].at = PUT;
    None
}

fn took_effect(state: &State, attempts: Set) -> bool {
    each(attempts).any(|number| state.order(number) > 0)
}

const DENIED: &str = "a save that took effect was answered with a conflict";

/// Answers that the document exists: it has to be listed, then.
fn conflict(
    scenario: &Scenario,
    state: &mut State,
    who: usize,
    ops: &[Op],
    current: u8,
) -> Option<&'static str> {
    let denied = took_effect(state, state.actors[who].names);
    if scenario.is(Flaw::ConflictAnsweredWithoutRow) {
        state.told(current);
        finish(state, who, ops);
    } else {
        state.actors[who].other = current;
        state.actors[who].at = ROW;
    }
    denied.then_some(DENIED)
}

/// Puts the row, which acknowledges.
fn row(steps: &mut Steps<'_>, ops: &[Op]) {
    let (scenario, who) = (steps.scenario, steps.who);
    let local = steps.from.actors[who];
    let op = ops[usize::from(local.run)];
    if local.stale && !scenario.is(Flaw::RowPutAfterHorizon) {
        return steps.add("was suspended, reads the document again", op.doc, |state| {
            let current = state.docs[usize::from(state.revision(local.other).name)];
            let current = if holds(current) { current } else { NONE };
            state.actors[who].stale = false;
            let moved_on = current != local.other && scenario.is(Flaw::NoRowForWhatTookItsPlace);
            if current != NONE && state.same(current, local.other) && !moved_on {
                state.actors[who].other = current;
            } else {
                state.told(local.other);
                finish(state, who, ops);
            }
            None
        });
    }
    if op.with_next {
        return steps.add("keeps the row for the batch", local.other, |state| {
            state.actors[who].list |= one(local.other);
            finish(state, who, ops);
            None
        });
    }
    let acknowledge = |state: &mut State| {
        let rows = local.list | one(local.other);
        let object = if local.list == 0 { one(local.other) } else { one(BATCH) };
        if local.list != 0 {
            state.batch = rows;
        }
        state.tail |= object;
        state.rowed |= rows;
        let mut fault = None;
        for number in each(rows) {
            state.told(number);
            if state.order(number) == 0 {
                fault = Some("a save was acknowledged that no document holds");
            }
        }
        state.actors[who].list = 0;
        finish(state, who, ops);
        (object, fault)
    };
    steps.add("puts the row, is done", local.other, |state| acknowledge(state).1);
    if steps.from.duplicates > 0 {
        steps.add("puts the row, a duplicate is on its way", local.other, |state| {
            state.duplicates -= 1;
            let (object, fault) = acknowledge(state);
            state.late_rows |= object;
            fault
        });
    }
}

/// Goes on with the next operation.
pub(crate) fn finish(state: &mut State, who: usize, ops: &[Op]) {
    let Knows { turn, aged, .. } = state.knows[who];
    state.knows[who] = Knows { turn, aged, name: 0, over: NONE, cleared: 0 };
    let local = &mut state.actors[who];
    let (run, list) = (local.run + 1, local.list);
    *local = Local { run, list, ..State::nobody() };
    if usize::from(run) == ops.len() {
        *local = Local { at: DONE, ..State::nobody() };
    }
}
