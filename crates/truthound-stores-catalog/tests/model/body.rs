//! Bodies: which revision a writer puts, when the store takes it, and how it is recognised.

use crate::scenario::{Flaw, Kind, Op, Scenario};
use crate::state::{NONE, Revision, Set, State, has, holds, one};
use crate::suffixed;

/// How many revisions back a document's metadata names nonces.
const NONCES: usize = 4;

/// Prepares the revision to put: each attempt is one of its own, with the nonce of the operation.
pub(crate) fn attempt(scenario: &Scenario, state: &mut State, who: usize, clock: u8, op: Op) {
    let local = state.actors[who];
    let mut slot = local.mine;
    if slot != NONE {
        let last = state.revision(slot);
        if scenario.is(Flaw::RowBeforeBody) && last.prev == local.base {
            return;
        }
        if last.order > 0 || has(state.late_docs | state.rowed, slot) {
            slot = NONE;
        }
    }
    if slot == NONE {
        slot = (0_u8..)
            .zip(&state.revisions)
            .find(|(_, revision)| !revision.used)
            .expect("more revisions in the bounds")
            .0;
    }
    let deleted = op.kind == Kind::Delete;
    let mut revision = Revision {
        used: true,
        doc: op.doc,
        incarnation: slot,
        hlc: clock,
        deleted,
        class: op.class,
        content: op.content,
        prev: local.base,
        order: 0,
        etag: slot,
        name: op.doc,
        over: NONE,
    };
    if state.turns > 0 && local.base == NONE {
        revision.name = suffixed::newest(scenario, state.knows[who]);
        revision.over = state.knows[who].over;
    }
    if local.base != NONE {
        let base = state.revision(local.base);
        revision.name = base.name;
        let another = base.deleted && scenario.is(Flaw::NewIncarnationOverMark);
        if !another {
            revision.incarnation = base.incarnation;
            revision.hlc = if scenario.is(Flaw::ClockNotRaised) { clock } else { clock.max(base.hlc + 1) };
        }
    }
    if scenario.is(Flaw::EtagOfContent) {
        revision.etag = if deleted { NONE } else { op.content };
    }
    state.revisions[usize::from(slot)] = revision;
    state.actors[who].mine = slot;
    state.actors[who].names |= one(slot);
}

/// Tells whether the store would take this put now.
pub(crate) fn met(scenario: &Scenario, state: &State, number: u8) -> bool {
    let revision = state.revision(number);
    let current = state.docs[usize::from(revision.name)];
    if revision.deleted && scenario.is(Flaw::UnconditionalDelete) {
        return true;
    }
    match (revision.prev, current) {
        (NONE, _) => current == revision.over,
        (_, current) if !holds(current) => false,
        (prev, _) => state.revision(prev).etag == state.revision(current).etag,
    }
}

/// Puts a revision in its document's place.
pub(crate) fn install(scenario: &Scenario, state: &mut State, number: u8) -> Option<&'static str> {
    let revision = *state.revision(number);
    let doc = usize::from(revision.doc);
    let name = usize::from(revision.name);
    let before = if holds(state.docs[name]) { state.docs[name] } else { NONE };
    state.docs[name] = number;
    if revision.order == 0 {
        state.last_order[doc] += 1;
        state.revisions[usize::from(number)].order = state.last_order[doc];
    }
    let other = revision.prev != before && !scenario.is(Flaw::UnconditionalDelete);
    other.then_some("a put replaced another revision than its writer had read")
}

/// Finds the attempt that a document's metadata name as the current revision or as one of the last.
pub(crate) fn landed(scenario: &Scenario, state: &State, current: u8, attempts: Set) -> Option<u8> {
    let mut at = current;
    let nonces = if scenario.is(Flaw::LostAckSoughtInTheCurrentOnly) { 1 } else { NONCES };
    for _ in 0..nonces {
        if at == NONE {
            return None;
        }
        if has(attempts, at) {
            return Some(at);
        }
        at = state.revision(at).prev;
    }
    None
}
