//! Readers: they list the tail, get the root, read the segments that may hold what they ask for, and perhaps the bodies.
//!
//! `list` is the tail, `base` the generation of the root, `seen` what was told before the query began, `names` the rows whose
//! bodies are yet to be read, `other` the row that is missing, `count` how often it had to begin again.

use crate::scenario::{Flaw, Scenario};
use crate::state::{DOCS, DONE, Local, NONE, Set, State, each, has, one};
use crate::world::Steps;

const FIRST: u8 = 0;
pub(crate) const SECOND: u8 = 1;
const SEGMENTS: u8 = 2;
pub(crate) const PAGE: u8 = 50;
const BODY: u8 = 3;
pub(crate) const ROW: u8 = 4;

/// How often a query begins again because a segment is gone.
const REPLANS: u8 = 3;

pub(crate) struct Query {
    pub(crate) runs: u8,
    pub(crate) class: u8,
    pub(crate) limit: u32,
    pub(crate) bodies: bool,
}

pub(crate) fn steps(steps: &mut Steps<'_>, query: &Query) {
    let (scenario, who) = (steps.scenario, steps.who);
    let from = steps.from;
    let local = from.actors[who];
    let tail_first = !scenario.is(Flaw::RootBeforeTail);
    if (local.at == SECOND || local.at == PAGE) && local.stale {
        return steps.add("was suspended, begins again", 0, |state| {
            state.actors[who].stale = false;
            state.actors[who].at = FIRST;
            None
        });
    }
    match local.at {
        FIRST if scenario.paged => steps.add("lists the first page of the tail", 0, |state| {
            begin(state, who);
            state.actors[who].list = state.first_page(state.tail);
            state.actors[who].at = PAGE;
            None
        }),
        PAGE => steps.add("lists the last page of the tail", 0, |state| {
            state.actors[who].list |= state.tail & !state.first_page(state.tail);
            state.actors[who].at = SECOND;
            None
        }),
        FIRST | SECOND if (local.at == FIRST) == tail_first => steps.add("lists the tail", 0, |state| {
            begin(state, who);
            state.actors[who].list = state.tail;
            None
        }),
        FIRST | SECOND => steps.add("reads the root", from.generation, |state| {
            begin(state, who);
            state.actors[who].base = state.generation;
            None
        }),
        SEGMENTS => steps.add("reads segments", local.base, |state| {
            let Some(shown) = answer(scenario, state, &local, query) else {
                state.actors[who].count += 1;
                state.actors[who].at = FIRST;
                return (local.count == REPLANS).then_some("a reader gave up");
            };
            let fault = judge(state, local.seen, shown, query);
            state.actors[who].names = shown;
            state.actors[who].at = BODY;
            if !query.bodies || shown == 0 {
                each(shown).for_each(|row| state.told(row));
                finish(state, who, query.runs);
            }
            fault
        }),
        BODY => {
            let row = u8::try_from(local.names.trailing_zeros()).unwrap_or(NONE);
            steps.add("reads the body", row, |state| {
                let current = state.current(usize::from(state.revision(row).doc));
                if current == NONE || current == row {
                    let told = if current == row { row } else { NONE };
                    return next(state, who, query.runs, row, told);
                }
                state.actors[who].other = current;
                state.actors[who].at = ROW;
                None
            });
        }
        _ => {
            let row = u8::try_from(local.names.trailing_zeros()).unwrap_or(NONE);
            if local.stale && !scenario.is(Flaw::MissingRowPutAfterHorizon) {
                return steps.add("was suspended", 0, |state| {
                    state.actors[who].stale = false;
                    state.actors[who].at = BODY;
                    None
                });
            }
            let put = |state: &mut State| {
                state.tail |= one(local.other);
                state.rowed |= one(local.other);
                next(state, who, query.runs, row, local.other)
            };
            steps.add("puts the missing row", local.other, put);
            if from.duplicates > 0 {
                steps.add("puts the missing row, a duplicate is on its way", local.other, |state| {
                    state.duplicates -= 1;
                    state.late_rows |= one(local.other);
                    put(state)
                });
            }
        }
    }
}

/// Goes on to the second request, or to the segments.
fn begin(state: &mut State, who: usize) {
    let floor = state.floor;
    let local = &mut state.actors[who];
    if local.at == FIRST && local.seen == State::nobody().seen {
        local.seen = floor;
    }
    local.at += 1;
}

/// Goes on to the next body.
fn next(state: &mut State, who: usize, runs: u8, row: u8, told: u8) -> Option<&'static str> {
    let seen = state.actors[who].seen;
    let doc = usize::from(state.revision(row).doc);
    let older = told != NONE && state.order(told) < state.order(seen[doc]);
    if told != NONE {
        state.told(told);
    }
    let local = &mut state.actors[who];
    local.names &= !one(row);
    local.at = BODY;
    if local.names == 0 {
        finish(state, who, runs);
    }
    older.then_some("a body was shown that was overwritten or deleted before the query began")
}

fn finish(state: &mut State, who: usize, runs: u8) {
    let run = state.actors[who].run + 1;
    state.actors[who] = Local { run, at: if run == runs { DONE } else { FIRST }, ..State::nobody() };
}

/// Gives the rows that a query shows; nothing if a file is gone.
fn answer(scenario: &Scenario, state: &State, local: &Local, query: &Query) -> Option<Set> {
    let root = &state.roots[usize::from(local.base)];
    let wanted = |row: u8| state.revision(row).class == query.class;
    let mut read = 0;
    let mut killed = 0;
    for segment in root.segments.iter().filter(|segment| segment.segment != NONE) {
        let rows = state.segments[usize::from(segment.segment)].rows;
        if !each(rows).any(wanted) {
            continue; // The statistics say so.
        }
        let kills_gone = segment.kill_file != NONE && !has(state.kill_files, segment.kill_file);
        if !has(state.segment_files, segment.segment) || kills_gone {
            if scenario.is(Flaw::MissingSegmentTakenForEmpty) {
                continue;
            }
            return None;
        }
        read |= rows;
        killed |= segment.kills;
    }
    let listed = state.rows(local.list & !state.pending(scenario, root));
    let news = if scenario.is(Flaw::LateRowShownWithoutLookUp) { listed } else { state.news(root, listed) };
    let ending = if scenario.is(Flaw::NewsPrunedBeforeTheyEndRows) {
        each(news).filter(|&row| wanted(row)).fold(0, |ending, row| ending | one(row))
    } else {
        news
    };
    let right = if scenario.is(Flaw::KillsSkippedForPrunedSegments) {
        state.newest(read | news, read | news)
    } else {
        state.newest((read & !killed) | news, ending)
    };
    let candidates = if scenario.is(Flaw::CountedBeforeKills) { read | news } else { right };
    let mut found: Vec<u8> = each(state.living(candidates)).filter(|&row| wanted(row)).collect();
    found.sort_unstable_by_key(|&row| (u8::MAX - state.revision(row).hlc, row));
    Some(found.iter().take(query.limit as usize).fold(0, |set, &row| set | one(row)) & right)
}

/// Holds an answer against what had been acknowledged when the query began.
fn judge(state: &State, seen: [u8; DOCS], shown: Set, query: &Query) -> Option<&'static str> {
    for (doc, floor) in seen.into_iter().enumerate() {
        let rows = state.about(doc, shown);
        if rows.count_ones() > 1 {
            return Some("a document was shown twice");
        }
        if let Some(row) = each(rows).next() {
            if state.order(row) == 0 {
                return Some("a row was shown that no document ever held");
            }
            if state.order(row) < state.order(floor) {
                return Some("a row was shown that was overwritten or deleted before the query began");
            }
        } else if floor != NONE && shown.count_ones() < query.limit {
            let hides = |revision: &crate::state::Revision| {
                usize::from(revision.doc) == doc
                    && revision.order >= state.order(floor)
                    && (revision.deleted || revision.class != query.class)
            };
            if !state.revisions.iter().any(hides) {
                return Some("a query missed what was acknowledged before it began");
            }
        }
    }
    None
}
