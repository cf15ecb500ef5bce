//! Which tombstones are recorded as gone, and which are dropped: in two commits, a day apart, over a quiet tail (decision 0009, §4).

use std::collections::{BTreeMap, BTreeSet};

use truthound_stores_core::Result;

use super::plan::Incarnations;
use crate::beside::Beside;
use crate::root::{Gone, Root};
use crate::segment::Entry;
use crate::times::{MOURNED, SETTLED};

/// The root names so many tombstones at the most: it is read by every query.
pub(crate) const NAMED: usize = 512;
/// One commit asks after so many documents.
const ASKED: usize = 256;

/// Decides about tombstones as a merge meets them.
#[derive(Debug)]
pub(crate) struct Tombs {
    /// Recorded before, by id and state, with the time; those whose incarnation the tail has rows of begin anew.
    known: BTreeMap<(String, String), i64>,
    recorded: Vec<Gone>,
    dropped: BTreeSet<(String, String)>,
    floor: u64,
    met: Incarnations,
    whole: bool,
    asks: bool,
    asked: usize,
    now: i64,
}

impl Tombs {
    /// `met` are the incarnations of all rows listed, `whole` says that the fold takes the whole listed tail, `now` is the newest time that
    /// was seen of the store.
    pub(crate) fn new(root: &Root, met: Incarnations, whole: bool, asks: bool, now: i64) -> Self {
        let quiet = |gone: &&Gone| {
            let incarnation = gone.state.parse().map(|state: crate::state::State| state.incarnation);
            whole && incarnation.is_ok_and(|incarnation| !met.contains(&incarnation))
        };
        let known = root.gone.iter().filter(quiet);
        let known = known.map(|gone| ((gone.id.clone(), gone.state.clone()), gone.at)).collect();
        let floor = root.feed_floor;
        Self { known, recorded: Vec::new(), dropped: BTreeSet::new(), floor, met, whole, asks, asked: 0, now }
    }

    /// Tells whether a row of a merged segment is left out, because it is a tombstone whose time has come.
    pub(crate) async fn drops(&mut self, entry: &Entry, documents: &impl Beside) -> Result<bool> {
        let row = &entry.row;
        if entry.is_put() || !self.whole || self.met.contains(&row.state.incarnation) {
            return Ok(false);
        }
        let key = (row.id.clone(), row.state.to_string());
        if let Some(at) = self.known.get(&key) {
            // A commit that is too recent to have its time written down has none.
            let due = *at > 0 && self.now.saturating_sub(*at) > MOURNED;
            if due {
                self.floor = self.floor.max(entry.generation);
                self.dropped.insert(key);
            }
            return Ok(due);
        }
        let room = self.known.len() + self.recorded.len() < NAMED && self.asked < ASKED;
        if self.asks && room && self.now.saturating_sub(entry.arrived) > SETTLED {
            self.asked += 1;
            if documents.head(&row.id).await?.is_without(row.state.incarnation) {
                let (id, state) = key;
                self.recorded.push(Gone { id, state, at: 0 });
            }
        }
        Ok(false)
    }

    /// Gives what the next root says of tombstones, and its floor of the feed.
    pub(crate) fn finish(self) -> (Vec<Gone>, u64) {
        let kept = self.known.into_iter().filter(|(key, _)| !self.dropped.contains(key));
        let kept = kept.map(|((id, state), at)| Gone { id, state, at });
        (kept.chain(self.recorded).collect(), self.floor)
    }
}
