//! Suffixes: a document may stand under one of several names, and handles know of them at different times.
//!
//! Who creates closes the other names, as long as somebody may still create under one of them without knowing better, and looks at them
//! later. `Knows::cleared` are the names that this operation has dealt with.

use crate::invariants::was_deleted_since;
use crate::scenario::{Flaw, Kind, Op, Scenario};
use crate::state::{CLOSED, DONE, Knows, NONE, State, closed, has, holds, one};
use crate::world::Steps;
use crate::writer::{self, BEGIN, PUT, READ};

/// Gives the suffix of new documents, as somebody knows it.
pub(crate) fn newest(scenario: &Scenario, knows: Knows) -> u8 {
    scenario.suffixes[usize::from(knows.turn)]
}

/// Gives the suffixes that somebody knows, that of new documents first.
fn names(scenario: &Scenario, knows: Knows) -> impl Iterator<Item = u8> {
    let newest = newest(scenario, knows);
    let heard = &scenario.suffixes[..=usize::from(knows.turn)];
    std::iter::once(newest).chain((0..2).filter(move |name| *name != newest && heard.contains(name)))
}

/// Reads the root: what was dealt with by older knowledge has to be dealt with again.
fn learn(state: &mut State, who: usize) {
    let turn = state.turn;
    let knows = &mut state.knows[who];
    if knows.turn != turn {
        *knows = Knows { turn, aged: false, name: 0, over: NONE, cleared: 0 };
    }
    knows.aged = false;
}

/// Somebody opens the store with another setting.
pub(crate) fn turn(steps: &mut Steps<'_>) {
    let who = steps.who;
    steps.add("changes the suffix", steps.from.turn + 1, |state| {
        state.turn += 1;
        if state.turn == state.turns {
            state.actors[who].at = DONE;
        }
        None
    });
}

/// Much time has passed: who knows of the last turn may take the others for gone, who does not has to ask.
pub(crate) fn settle(state: &mut State) {
    state.settled = state.turn;
    state.late_closings = [NONE; 2];
    for knows in &mut state.knows {
        knows.aged |= knows.turn < state.turn;
    }
}

/// Closings that come late, and those that are removed.
pub(crate) fn late(steps: &mut Steps<'_>) {
    let (scenario, from) = (steps.scenario, steps.from);
    for (name, held) in (0_u8..).zip(from.docs).filter(|_| from.turns > 0) {
        let at = usize::from(name);
        if from.late_closings[at] != NONE {
            steps.add("a late put lands or is refused: closing of", name, |state| {
                if state.docs[at] == NONE {
                    state.docs[at] = CLOSED + state.late_closings[at];
                }
                state.late_closings[at] = NONE;
                None
            });
        }
        let removable = |turn| turn <= from.settled || scenario.is(Flaw::ClosingRemovedAtOnce);
        if closed(held).is_some_and(removable) {
            steps.add("the closing is removed of", name, |state| {
                state.docs[at] = NONE;
                None
            });
        }
    }
}

/// A writer that has nothing written yet.
pub(crate) fn steps(steps: &mut Steps<'_>, clock: u8, ops: &[Op]) {
    let (scenario, who) = (steps.scenario, steps.who);
    let (local, knows) = (steps.from.actors[who], steps.from.knows[who]);
    let op = ops[usize::from(local.run)];
    opens(steps);
    if local.at == READ {
        return steps.add("reads the document under", knows.name, |state| read(scenario, state, who, ops));
    }
    if local.at == PUT && local.base != NONE {
        return writer::put(steps, clock, op);
    }
    if !matches!(op.kind, Kind::Save | Kind::Create) {
        let next = names(scenario, knows).find(|name| !has(knows.cleared, *name));
        return match next {
            Some(name) => steps.add("reads the document under", name, |state| {
                state.knows[who].name = name;
                read(scenario, state, who, ops)
            }),
            None if knows.aged => again(steps),
            None => steps.add("finds nothing", op.doc, |state| {
                writer::finish(state, who, ops);
                None
            }),
        };
    }
    if knows.aged && !scenario.is(Flaw::KnowledgeTooOld) {
        return again(steps);
    }
    match names(scenario, knows).skip(1).find(|name| !has(knows.cleared, *name)) {
        Some(name) => clear(steps, name, ops),
        None => writer::put(steps, clock, op),
    }
}

/// A handle may be younger than the others, and know more.
fn opens(steps: &mut Steps<'_>) {
    let (who, from) = (steps.who, steps.from);
    let (local, knows) = (from.actors[who], from.knows[who]);
    if local.at == BEGIN && local.mine == NONE && knows.cleared == 0 && knows.turn < from.turn && !knows.aged
    {
        again(steps);
    }
}

fn again(steps: &mut Steps<'_>) {
    let who = steps.who;
    steps.add("reads the root: turn", steps.from.turn, |state| {
        learn(state, who);
        state.actors[who].at = BEGIN;
        None
    });
}

/// Makes sure that nothing is under another name: looks, or closes it, if somebody may still create there.
fn clear(steps: &mut Steps<'_>, name: u8, ops: &[Op]) {
    let (scenario, who, from) = (steps.scenario, steps.who, steps.from);
    let (turn, at) = (from.knows[who].turn, usize::from(name));
    let young = turn > from.settled && !scenario.is(Flaw::NamesNotClosed);
    let held = from.docs[at];
    let mark = holds(held) && from.revision(held).deleted;
    if scenario.is(Flaw::OtherNamesNotLookedAt) && !young || scenario.is(Flaw::NewNameBesideMark) && mark {
        return steps.add("passes over", name, |state| {
            state.knows[who].cleared |= one(name);
            None
        });
    }
    if holds(held) {
        return steps.add("finds the document under", name, |state| {
            state.knows[who].name = name;
            if young {
                // It was refused, and has to read.
                state.actors[who].at = READ;
                return None;
            }
            read(scenario, state, who, ops)
        });
    }
    let newer = closed(held).is_some_and(|by| by > turn);
    let older = held == NONE || closed(held).is_some_and(|by| by < turn);
    if newer {
        return steps.add("finds that it knows too little, under", name, |state| {
            state.knows[who].aged = true;
            None
        });
    }
    let alone = held != NONE && scenario.is(Flaw::ClosedByOlderKnowledgeLeftAlone);
    if !young || !older || alone {
        return steps.add("finds nothing under", name, |state| {
            state.knows[who].cleared |= one(name);
            None
        });
    }
    steps.add("closes", name, |state| {
        state.docs[at] = CLOSED + turn;
        state.knows[who].cleared |= one(name);
        None
    });
    if from.duplicates > 0 && held == NONE && from.late_closings[at] == NONE {
        steps.add("gives up on closing, which is on its way, of", name, |state| {
            state.duplicates -= 1;
            state.late_closings[at] = turn;
            None
        });
    }
}

/// Reads what stands under a name.
fn read(scenario: &Scenario, state: &mut State, who: usize, ops: &[Op]) -> Option<&'static str> {
    let op = ops[usize::from(state.actors[who].run)];
    let (knows, held) = (state.knows[who], state.docs[usize::from(state.knows[who].name)]);
    if holds(held) {
        return writer::read(scenario, state, who, ops, held);
    }
    state.actors[who].at = BEGIN;
    state.actors[who].base = NONE;
    let newest = newest(scenario, knows);
    let creates = matches!(op.kind, Kind::Save | Kind::Create);
    let newer = closed(held).is_some_and(|by| by > knows.turn) && !scenario.is(Flaw::PutOverNewerClosing);
    let next = &mut state.knows[who];
    if newer {
        next.aged = true;
    }
    if creates {
        next.cleared &= !one(knows.name);
        next.over = if knows.name == newest { held } else { NONE };
    } else {
        next.cleared |= one(knows.name);
    }
    None
}

/// Gets the document: its names one after the other.
pub(crate) fn get(steps: &mut Steps<'_>) {
    let (scenario, who, from) = (steps.scenario, steps.who, steps.from);
    let knows = from.knows[who];
    opens(steps);
    let asks = knows.aged && !scenario.is(Flaw::AbsenceByOldKnowledge);
    if asks && names(scenario, knows).all(|name| has(knows.cleared, name)) {
        return again(steps);
    }
    let next = names(scenario, knows).find(|name| !has(knows.cleared, *name));
    let Some(name) = next else {
        return steps.add("answers that nothing is there", 0, |state| {
            state.actors[who].at = DONE;
            let seen = state.actors[who].seen[0];
            (!was_deleted_since(state, 0, seen))
                .then_some("a get missed what was acknowledged before it began")
        });
    };
    let held = from.docs[usize::from(name)];
    steps.add("gets", name, |state| {
        if state.actors[who].count == 0 {
            state.actors[who].seen[0] = state.floor[0];
            state.actors[who].count = 1;
        }
        let seen = state.actors[who].seen[0];
        let knows = &mut state.knows[who];
        knows.cleared |= one(name);
        if closed(held).is_some_and(|by| by > knows.turn) && !scenario.is(Flaw::ClosingTakenForAbsence) {
            knows.aged = true;
        }
        if !holds(held) || state.revision(held).deleted {
            return None;
        }
        state.actors[who].at = DONE;
        (state.order(held) < state.order(seen))
            .then_some("a get showed what was overwritten or deleted before it began")
    });
}
