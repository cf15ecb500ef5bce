//! A follower of the change feed, with its replica.
//!
//! Its token is `base` (a generation) and `names` (the tail objects given already); `seen` is the replica: the last change of
//! each document that it was given.

use crate::scenario::{Flaw, Scenario};
use crate::state::{DONE, Local, NONE, Set, State, each, has};
use crate::world::Steps;

pub(crate) const FIRST: u8 = 0;
const PAGE: u8 = 50;

pub(crate) fn steps(steps: &mut Steps<'_>, pages: u8) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let local = from.actors[who];
    let tail_first = !scenario.is(Flaw::FeedRootBeforeTail);
    if local.stale {
        return steps.add("was suspended, begins the page again", 0, |state| {
            let local = &mut state.actors[who];
            *local = Local { at: FIRST, stale: false, list: 0, count: 0, ..*local };
            None
        });
    }
    if local.at == FIRST && scenario.paged {
        return steps.add("lists the first page of the tail", 0, |state| {
            state.actors[who].list = state.first_page(state.tail);
            state.actors[who].at = PAGE;
            None
        });
    }
    if local.at == PAGE {
        return steps.add("lists the last page of the tail", 0, |state| {
            state.actors[who].list |= state.tail & !state.first_page(state.tail);
            state.actors[who].at = FIRST + 1;
            None
        });
    }
    if local.at == FIRST {
        return steps.add("begins a page", from.generation, |state| {
            let local = &mut state.actors[who];
            local.list = state.tail;
            local.count = state.generation;
            local.at += 1;
            None
        });
    }
    steps.add("takes a page", from.generation, |state| {
        let (list, root) =
            if tail_first { (local.list, state.generation) } else { (state.tail, local.count) };
        let mut next = local;
        let fault = page(scenario, state, &mut next, list, root);
        if fault == Some(GONE) {
            state.actors[who] = Local { at: FIRST, list: 0, count: 0, ..local };
            return None;
        }
        let run = local.run + 1;
        let at = if run == pages { DONE } else { FIRST };
        state.actors[who] = Local { run, at, list: 0, count: 0, ..next };
        fault
    });
}

/// What a page finds that has to be planned again.
const GONE: &str = "a segment is gone";

/// Takes a page into a replica, and moves its token on. Says what was wrong with it.
pub(crate) fn page(
    scenario: &Scenario,
    state: &State,
    local: &mut Local,
    list: Set,
    generation: u8,
) -> Option<&'static str> {
    let root = &state.roots[usize::from(generation)];
    let since = if local.base == NONE { 0 } else { local.base };
    if root.segments.iter().any(|s| s.segment != NONE && !has(state.segment_files, s.segment)) {
        return Some(GONE);
    }
    let mut fault = None;
    let tail = state.rows(list & !state.pending(scenario, root));
    let news = if scenario.is(Flaw::FeedGivesLateRows) { tail } else { state.news(root, tail) };
    if (since < root.feed_floor && !scenario.is(Flaw::FeedIgnoresFloor)) || local.base == NONE {
        let listing = state.resolved(scenario, root, list);
        local.seen = State::nobody().seen;
        for row in each(state.living(listing)) {
            local.seen[usize::from(state.revision(row).doc)] = row;
        }
    } else {
        let given = state.rows(local.names);
        let folded = each(state.unkilled(root)).filter(|&row| root.row_generation[usize::from(row)] > since);
        let mut changes: Vec<(u8, u8)> =
            folded.map(|row| (root.row_generation[usize::from(row)], row)).collect();
        changes.extend(each(news).map(|row| (u8::MAX, row)));
        changes.retain(|&(_, row)| !has(given, row) && !each(news).any(|by| state.replaces(by, row)));
        changes.sort_unstable();
        for (_, row) in changes {
            let doc = usize::from(state.revision(row).doc);
            if state.order(row) < state.order(local.seen[doc]) {
                fault = Some("the feed went back to an older state of a document");
            }
            local.seen[doc] = row;
        }
    }
    local.base = generation;
    local.names = list;
    fault
}
