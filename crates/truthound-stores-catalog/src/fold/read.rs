//! Reading the tail, and looking up its rows.

use std::collections::BTreeMap;
use std::pin::pin;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use truthound_stores_core::Result;

use super::plan::{Fresh, Look, ROWS, Taken, Verdict, judge, look};
use crate::flaw::{Flaw, Flaws};
use crate::library::Library;
use crate::root::Root;
use crate::row::{Lately, Row};
use crate::shelf::{Listed, Shelf};
use crate::tail::{self, Kind, Name};
use crate::workers::Workers;

/// So many bodies are asked for at a time.
const AT_ONCE: usize = 16;
/// So many rows are looked up at a time.
const LOOKED_UP: usize = 16;
/// So many names are read as one piece of work.
const TOGETHER: usize = 512;
/// Shorter bodies, and fewer names, are read where they are: a hand-over takes as long.
const SHORT: usize = 16 << 10;
const FEW: usize = 64;

/// Objects of the tail that are read as one piece of work.
enum Group {
    Named(Vec<Listed<Name>>),
    Body(Listed<Name>, Bytes),
    /// A body that somebody else has folded.
    Gone,
}

/// An object, and its rows.
type Read = (Listed<Name>, Result<Vec<Row>>);

/// Reads the rows of a listing; `None` if a body is gone: somebody else has folded it, and this fold would lose.
///
/// An object that is not what was written stays in the tail, for `verify` to find: it must not keep all others there.
///
/// # Errors
/// Those of the store and of the workers.
pub(crate) async fn take(shelf: &Shelf, others: Vec<Listed<Name>>, whole: bool) -> Result<Option<Taken>> {
    let mut taken = Taken { whole, ..Taken::default() };
    let workers = shelf.workers();
    let fetched = stream::iter(groups(others)).map(|group| fetch(shelf, group)).buffered(AT_ONCE);
    let mut all = pin!(fetched.map_ok(|group| read(workers, group)).try_buffered(workers.lanes()));
    while let Some(read) = all.try_next().await? {
        let Some(read) = read else { return Ok(None) };
        for (listed, rows) in read {
            let Ok(rows) = rows else {
                taken.whole = false;
                continue;
            };
            if !taken.rows.is_empty() && taken.rows.len() + rows.len() > ROWS {
                taken.whole = false;
                return Ok(Some(taken));
            }
            taken.rows.extend(rows.into_iter().map(|row| (row, listed.modified)));
            taken.names.push(listed.name);
        }
    }
    Ok(Some(taken))
}

/// Puts names next to each other that hold their rows. The order stays.
fn groups(others: Vec<Listed<Name>>) -> Vec<Vec<Listed<Name>>> {
    let mut groups: Vec<Vec<Listed<Name>>> = Vec::new();
    for listed in others {
        let is_named = |listed: &Listed<Name>| listed.name.kind() == Kind::Named;
        match groups.last_mut() {
            Some(group)
                if is_named(&listed) && group.len() < TOGETHER && group.first().is_some_and(is_named) =>
            {
                group.push(listed);
            }
            _ => groups.push(vec![listed]),
        }
    }
    groups
}

/// Gets what the names do not hold.
async fn fetch(shelf: &Shelf, mut group: Vec<Listed<Name>>) -> Result<Group> {
    let body = group.pop_if(|listed| listed.name.kind() == Kind::Body);
    let Some(listed) = body else { return Ok(Group::Named(group)) };
    Ok(shelf.tail_body(&listed.name).await?.map_or(Group::Gone, |body| Group::Body(listed, body)))
}

async fn read(workers: &Workers, group: Group) -> Result<Option<Vec<Read>>> {
    let (here, work): (bool, Box<dyn FnOnce() -> Vec<Read> + Send>) = match group {
        Group::Named(names) => (
            names.len() < FEW,
            Box::new(|| {
                let mut lately = Lately::default();
                let row = |listed: Listed<Name>| {
                    let row = listed.name.row_of(&mut lately).map(|row| vec![row]);
                    (listed, row)
                };
                names.into_iter().map(row).collect()
            }),
        ),
        Group::Body(listed, body) => (
            body.len() < SHORT,
            Box::new(move || {
                let rows = tail::rows(&listed.name, &body);
                vec![(listed, rows)]
            }),
        ),
        Group::Gone => return Ok(None),
    };
    if here { Ok(Some(work())) } else { workers.one(work).await.map(Some) }
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
    let verdicts = by_predecessor(library, root, &fresh.rows).await?;
    let asked = fresh.rows.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_none());
    let asked: Vec<&Row> = asked.map(|((row, _), _)| row).collect();
    // Opened one after the other: look-ups at once would each read the same of it.
    for segment in &root.segments {
        if asked.iter().any(|row| segment.stats.may_have(&row.id)) {
            library.volume(segment).await?;
        }
    }
    let ask = |at: usize| {
        let row = asked.get(at).copied();
        async move {
            match row {
                Some(row) => anywhere(library, root, row, flaws).await,
                None => Ok(Verdict::Ends(None)),
            }
        }
    };
    let judged: Vec<Verdict> =
        stream::iter(0..asked.len()).map(ask).buffered(LOOKED_UP).try_collect().await?;
    let (mut kept, mut judged) = (Kept::default(), judged.into_iter());
    for ((row, arrived), verdict) in fresh.rows.into_iter().zip(verdicts) {
        if let Some(Verdict::Ends(ended)) = verdict.or_else(|| judged.next()) {
            if let Some((segment, position)) = ended {
                kept.ended.entry(segment).or_default().push(position);
            }
            kept.rows.push((row, arrived));
        }
    }
    Ok(kept)
}

/// Judges the rows that need no look, and those whose predecessor lies where they say that it was kept, if they are surely not known: mostly all
/// of them. They are looked for together, as many of them lie in one page.
async fn by_predecessor(library: &Library, root: &Root, rows: &[(Row, i64)]) -> Result<Vec<Option<Verdict>>> {
    let mut verdicts = Vec::with_capacity(rows.len());
    let (mut places, mut sought) = (Vec::new(), Vec::new());
    for (at, (row, _)) in rows.iter().enumerate() {
        let look = look(row, root.watermark);
        verdicts.push((look == Look::Not).then_some(Verdict::Ends(None)));
        if look == Look::Before
            && let Some(before) = row.before.as_ref().filter(|before| row.state.replaces(before.state))
        {
            places.push(at);
            sought.push((row.id.as_str(), before));
        }
    }
    for (at, found) in places.into_iter().zip(library.rows_at(root, &sought).await?) {
        if let (Some(verdict), Some(place)) = (verdicts.get_mut(at), found) {
            *verdict = Some(Verdict::Ends(Some(place)));
        }
    }
    Ok(verdicts)
}

/// Judges a row by all rows of its id, wherever they lie.
async fn anywhere(library: &Library, root: &Root, row: &Row, flaws: Flaws) -> Result<Verdict> {
    let blind = match look(row, root.watermark) {
        Look::Not => true,
        Look::Before => flaws.has(Flaw::EndsByPredecessorOnly),
        Look::Everywhere => flaws.has(Flaw::LateRowsNotLookedUp),
    };
    if blind {
        return Ok(Verdict::Ends(None));
    }
    Ok(judge(row, &library.rows_of(root, &row.id).await?))
}
