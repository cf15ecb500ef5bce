//! Reading the tail, and looking up its rows.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt};
use truthound_stores_core::Result;

use super::plan::{Fresh, Look, ROWS, Taken, Verdict, judge, look};
use crate::flaw::{Flaw, Flaws};
use crate::library::Library;
use crate::root::Root;
use crate::row::Row;
use crate::shelf::{Listed, Shelf};
use crate::tail::{self, Kind, Name};

/// So many bodies are asked for at a time.
const AT_ONCE: usize = 16;

/// Reads the rows of a listing; `None` if a body is gone: somebody else has folded it, and this fold would lose.
///
/// An object that is not what was written stays in the tail, for `verify` to find: it must not keep all others there.
///
/// # Errors
/// Those of the store.
pub(crate) async fn take(shelf: &Shelf, others: Vec<Listed<Name>>, whole: bool) -> Result<Option<Taken>> {
    let mut taken = Taken { whole, ..Taken::default() };
    let read = |listed: Listed<Name>| async move {
        let rows = match listed.name.kind() {
            Kind::Named => Some(listed.name.row().map(|row| vec![row])),
            Kind::Body => {
                let body = shelf.tail_body(&listed.name).await?;
                body.map(|body| tail::rows(&listed.name, &body))
            }
        };
        Ok::<_, truthound_stores_core::Error>((listed, rows))
    };
    let mut all = futures_util::stream::iter(others).map(read).buffered(AT_ONCE);
    while let Some((listed, rows)) = all.try_next().await? {
        let Some(rows) = rows else { return Ok(None) };
        let Ok(rows) = rows else {
            taken.whole = false;
            continue;
        };
        if !taken.rows.is_empty() && taken.rows.len() + rows.len() > ROWS {
            taken.whole = false;
            break;
        }
        taken.rows.extend(rows.into_iter().map(|row| (row, listed.modified)));
        taken.names.push(listed.name);
    }
    Ok(Some(taken))
}

/// The rows that a fold keeps, and those that they end.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) rows: Vec<(Row, i64)>,
    /// The positions that are newly ended, by the segment's place in the root.
    pub(crate) ended: BTreeMap<usize, Vec<u32>>,
}

/// Drops the rows that are known, and finds what the others end (4.5).
///
/// # Errors
/// Those of the library.
pub(crate) async fn look_up(library: &Library, root: &Root, fresh: Fresh, flaws: Flaws) -> Result<Kept> {
    let mut kept = Kept::default();
    for (row, arrived) in fresh.rows {
        let verdict = match look(&row, root.watermark) {
            Look::Not => Verdict::Ends(None),
            Look::Everywhere if flaws.has(Flaw::LateRowsNotLookedUp) => Verdict::Ends(None),
            Look::Everywhere => judge(&row, &library.rows_of(root, &row.id).await?),
            Look::Before => before(library, root, &row, flaws).await?,
        };
        if let Verdict::Ends(ended) = verdict {
            if let Some((segment, position)) = ended {
                kept.ended.entry(segment).or_default().push(position);
            }
            kept.rows.push((row, arrived));
        }
    }
    Ok(kept)
}

/// Finds what a row ends that is surely not known: mostly it lies where `before` says, and else anywhere.
async fn before(library: &Library, root: &Root, row: &Row, flaws: Flaws) -> Result<Verdict> {
    if let Some(before) = row.before.as_ref().filter(|before| row.state.replaces(before.state))
        && let Some(place) = library.row_at(root, &row.id, before).await?
    {
        return Ok(Verdict::Ends(Some((place.segment, place.position))));
    }
    if flaws.has(Flaw::EndsByPredecessorOnly) {
        return Ok(Verdict::Ends(None));
    }
    Ok(judge(row, &library.rows_of(root, &row.id).await?))
}
