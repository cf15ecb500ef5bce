//! What the network still holds, and the passing of time.

use crate::scenario::{Actor, Flaw};
use crate::state::{DONE, NONE, Set, each, has, one};
use crate::world::Steps;
use crate::{body, folder, follower, reader, suffixed, writer};

pub(crate) fn steps(steps: &mut Steps<'_>) {
    let from = steps.from;
    for number in each(from.late_docs) {
        let met = body::met(steps.scenario, from, number);
        let what = if met { "a late put lands: document" } else { "a late put is refused: document" };
        let scenario = steps.scenario;
        steps.add(what, number, |state| {
            state.late_docs &= !one(number);
            if met { body::install(scenario, state, number) } else { None }
        });
    }
    for object in each(from.late_rows) {
        steps.add("a late put lands: row", object, |state| {
            state.late_rows &= !one(object);
            state.tail |= one(object);
            None
        });
    }
    for segment in each(from.late_segments) {
        steps.add("a late put lands: segment", segment, |state| {
            state.late_segments &= !one(segment);
            state.segment_files |= one(segment);
            state.kill_files |= one(segment);
            None
        });
    }
    if from.late_base != NONE {
        steps.add("a late put lands or is refused: root", from.late_base, |state| {
            if state.generation == state.late_base {
                let root = state.late_root;
                folder::commit(state, root);
            }
            state.forget_late_root();
            None
        });
    }
    suffixed::late(steps);
    if from.horizons > 0 {
        horizon(steps);
    }
}

/// So much time passes that no request from before can still land: the store takes no signature as old as that.
fn horizon(steps: &mut Steps<'_>) {
    let scenario = steps.scenario;
    let deleted = |rows: Set| {
        each(rows).filter(|&row| steps.from.revision(row).deleted).fold(0, |set, row| set | one(row))
    };
    let (old, gone) = (deleted(steps.from.rowed), steps.from.root().gone);
    let busy = |who: usize| {
        let local = &steps.from.actors[who];
        match scenario.actors[who] {
            Actor::Writer { .. } => {
                local.at == writer::ROW || local.names != 0 && !scenario.is(Flaw::TriedAgainAfterHorizon)
            }
            Actor::Reader { .. } => {
                let listed = local.at == reader::SECOND || local.at == reader::PAGE;
                local.at == reader::ROW || listed && !scenario.is(Flaw::ListingOlderThanHorizon)
            }
            Actor::Follower { .. } => {
                local.at != DONE && local.at != follower::FIRST && !scenario.is(Flaw::ListingOlderThanHorizon)
            }
            Actor::Folder { .. } => local.at == folder::PENDING || local.at == folder::DELETE,
            _ => false,
        }
    };
    let stale: Vec<usize> = (0..scenario.actors.len()).filter(|&who| busy(who)).collect();
    let late = steps.from.late_docs | steps.from.late_rows | steps.from.late_segments;
    let turned = steps.from.settled < steps.from.turn;
    let news = late != 0 || !stale.is_empty() || steps.from.late_base != NONE || turned;
    let older = each(old).any(|row| !has(steps.from.old, row))
        || each(gone).any(|row| !has(steps.from.gone_long, row));
    if !news && !older {
        return; // Time that changes nothing need not pass.
    }
    steps.add("the horizon passes", 0, |state| {
        state.horizons -= 1;
        state.late_docs = 0;
        state.late_rows = 0;
        state.late_segments = 0;
        state.forget_late_root();
        suffixed::settle(state);
        state.old |= old;
        state.gone_long |= gone;
        for who in stale {
            state.actors[who].stale = true;
        }
        None
    });
}
