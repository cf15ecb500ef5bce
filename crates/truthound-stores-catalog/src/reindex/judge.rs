//! Judges one document by its rows and its objects: which rows are missing, and what there is to say of it.
//!
//! Nothing here relies on what is old: the rows that come of it are those of objects that were read just now, which whoever reads them may put
//! at any time (decision 0009, §3.6), and tombstones of incarnations whose objects were not there.

use truthound_stores_core::Error;

use super::read::Object;
use crate::row::{Before, CHECKSUM, Change, Facts, Row};
use crate::state::State;

/// A document in question.
#[derive(Debug, Default)]
pub(crate) struct Case {
    /// Its rows that count, tombstones among them: in the order of the catalog.
    pub(crate) rows: Vec<Row>,
    /// Its objects, as they were read after the rows were, under the newest suffix first; with their names.
    pub(crate) objects: Vec<(String, Object)>,
    /// Those that could not be read.
    pub(crate) unreadable: Vec<Error>,
}

/// What is to be done about it.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// The rows that are to be put, as one: what they end and what they begin is seen together.
    pub(crate) due: Vec<Row>,
    pub(crate) said: Vec<Said>,
}

/// What there is to say of a document.
#[derive(Debug)]
pub(crate) enum Said {
    /// Another program has added it.
    Added,
    /// Another program has put it in the place of what the catalog knows.
    Rewritten,
    /// Another program has deleted it.
    Vanished,
    /// Its last state has no row: its writer was cut off before it acknowledged anything.
    Unlisted,
    /// Its deletion has no row: as before.
    Unburied,
    /// It is there in a state that was deleted: an old object has come back.
    Returned,
    /// It is in an older state than the catalog knows: what was acknowledged is lost.
    SetBack,
    /// Its row is of its state, and says something else of it.
    Disagrees,
    /// An object that another one stands before.
    Shadowed(String),
    Unreadable(Error),
}

impl Said {
    /// Tells whether only a rebuild mends it: the row that is wrong, or too new, is one that no other row replaces.
    pub(crate) fn needs_rebuild(&self) -> bool {
        matches!(self, Self::SetBack | Self::Disagrees)
    }

    /// Tells whether putting the rows that are due, or a rebuild, mends it.
    pub(crate) fn is_mended(&self) -> bool {
        !matches!(self, Self::Returned | Self::Shadowed(_) | Self::Unreadable(_))
    }
}

impl Case {
    /// Judges the document.
    pub(crate) fn judge(self) -> Verdict {
        let Self { rows, objects, unreadable } = self;
        let mut verdict = Verdict::default();
        let is_unreadable = !unreadable.is_empty();
        verdict.said.extend(unreadable.into_iter().map(Said::Unreadable));
        let mut live: Option<&Object> = None;
        for (name, object) in objects.iter().filter(|(_, object)| facts(&object.row).is_some()) {
            if live.is_some() {
                verdict.said.push(Said::Shadowed(name.clone()));
            } else {
                live = Some(object);
            }
        }
        let marks: Vec<&Row> =
            objects.iter().map(|(_, object)| &object.row).filter(|row| facts(row).is_none()).collect();
        for mark in &marks {
            let known = rows.iter().any(|row| row.state == mark.state || row.state.replaces(mark.state));
            if !known {
                verdict.due.push((*mark).clone());
                verdict.said.push(Said::Unburied);
            }
        }
        let mut rewritten = false;
        for row in rows.iter().filter(|row| facts(row).is_some()) {
            let same = |state: State| state.incarnation == row.state.incarnation;
            if let Some(live) = live.filter(|live| same(live.row.state)) {
                if live.row.state == row.state && !agree(&live.row, row) {
                    verdict.said.push(Said::Disagrees);
                } else if row.state.replaces(live.row.state) {
                    verdict.said.push(Said::SetBack);
                }
            } else if let Some(mark) = marks.iter().find(|mark| same(mark.state)) {
                if row.state.replaces(mark.state) {
                    verdict.said.push(Said::SetBack);
                }
            } else if !is_unreadable {
                verdict.due.push(tombstone(row));
                rewritten = true;
            }
        }
        match live {
            Some(live) => judge_live(live, &rows, rewritten, &mut verdict),
            None if rewritten => verdict.said.push(Said::Vanished),
            None => {}
        }
        verdict
    }
}

fn judge_live(live: &Object, rows: &[Row], rewritten: bool, verdict: &mut Verdict) {
    let state = live.row.state;
    let covering = rows.iter().find(|row| row.state == state || row.state.replaces(state));
    match covering.map(facts) {
        // Said above, if it is another state.
        Some(Some(_)) => {
            if rewritten {
                verdict.said.push(Said::Rewritten);
            }
        }
        Some(None) => verdict.said.push(Said::Returned),
        None => {
            verdict.due.push(live.row.clone());
            verdict.said.push(match live.is_foreign {
                _ if rewritten => Said::Rewritten,
                true => Said::Added,
                false => Said::Unlisted,
            });
        }
    }
}

fn facts(row: &Row) -> Option<&Facts> {
    match &row.change {
        Change::Put(facts) => Some(facts),
        Change::Delete => None,
    }
}

/// Tells whether two rows of one state say the same of the object. What they say of the text depends on how it is read, too.
pub(crate) fn agree(one: &Row, other: &Row) -> bool {
    let (Some(one), Some(other)) = (facts(one), facts(other)) else { return true };
    let start = |facts: &Facts| facts.checksum.as_bytes().get(..CHECKSUM).map(<[u8]>::to_vec);
    one.size == other.size && one.suffix == other.suffix && start(one) == start(other)
}

/// Makes the tombstone of a row whose object another program has removed or replaced, so that nothing was left to say so.
///
/// It is the earliest state that ends the row, made of nothing but the row: whoever else finds it missing puts the same object of the tail, and a
/// writer that goes on with the incarnation all the same, because its object came back, has a later state.
pub(crate) fn tombstone(row: &Row) -> Row {
    let (data_asset, run_time) = match facts(row) {
        Some(facts) => (facts.attributes.data_asset.clone(), facts.attributes.run_time),
        None => (String::new(), row.state.saved_at()),
    };
    Row {
        id: row.id.clone(),
        state: State { hlc: row.state.hlc.saturating_add(1), ..row.state },
        before: Some(Before { state: row.state, data_asset, run_time }),
        change: Change::Delete,
    }
}
