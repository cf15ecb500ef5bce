//! Whether work that was acknowledged still has to be done to its file.

use crate::describe::{Folder, stem_of};
use crate::files::{self, Stamp};
use crate::index::{self, Pending, Row};
use crate::owner;

/// Tells whether work still has to be done: nobody has written the document since, nor taken the name of a file that is to go.
pub(crate) fn is_current(index: &rusqlite::Connection, pending: &Pending) -> rusqlite::Result<bool> {
    if pending.body.is_some() {
        let sql = "SELECT 1 FROM record WHERE seq = ?1";
        return index.prepare_cached(sql)?.exists([pending.seq]);
    }
    if index::by_name(index, &pending.stem, &pending.suffix)?.is_some() {
        return Ok(false);
    }
    // A file that is spelt as its id is claimed by that id alone.
    let id = crate::name::unescape(&pending.stem).unwrap_or_else(|| pending.id.clone());
    for id in [&id, &pending.id] {
        if index::by_id(index, id)?
            .is_some_and(|row| stem_of(&row) == pending.stem && row.suffix == pending.suffix)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Tells whether work that was committed to an index still has to be done, by the index that has replaced it: that has taken the work over,
/// under other places in its feed, or was built without knowing of it.
pub(super) fn is_wanted(index: &rusqlite::Connection, pending: &Pending) -> rusqlite::Result<bool> {
    if pending.body.is_none() {
        return is_current(index, pending);
    }
    match index::by_id(index, &pending.id)? {
        Some(row) => Ok(row.modified <= pending.modified),
        None => Ok(!index::is_logged(index, &pending.id)?),
    }
}

/// Tells whether a file was put where it is by somebody else, after an owner had done its work there.
fn is_later(
    folder: &Folder,
    index: &rusqlite::Connection,
    (owner, seq): (i64, i64),
    (stem, suffix): (&str, &str),
) -> rusqlite::Result<bool> {
    let epoch = index::meta(index, "epoch")?.unwrap_or(0);
    let progress = owner::progress(&folder.catalog(), owner, epoch);
    Ok(progress.is_before(seq, &folder.file(stem, suffix)))
}

fn is_as_seen(folder: &Folder, stem: &str, suffix: &str, stamp: Stamp) -> bool {
    files::stamp(&folder.file(stem, suffix)).is_ok_and(|now| now == Some(stamp))
}

/// Tells whether a file that was seen with this stamp, or, without one, whatever may come to be there, is to be removed. One that is newer
/// than its removal, or that is there after it, was put there by another program.
pub(crate) fn is_to_go(
    folder: &Folder,
    index: &rusqlite::Connection,
    stem: &str,
    suffix: &str,
    stamp: Option<Stamp>,
) -> rusqlite::Result<bool> {
    let modified = stamp.map_or(i64::MIN, |stamp| stamp.modified);
    for (owner, seq) in index::removals(index, stem, suffix, modified)? {
        // Looked at again after it was asked what is done: what was seen may have been what was removed.
        let is_back = is_later(folder, index, (owner, seq), (stem, suffix))?
            && stamp.is_some_and(|stamp| is_as_seen(folder, stem, suffix, stamp));
        if !is_back {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells whether a file that was seen with this stamp is another program's, written after the state in the row was acknowledged, which is
/// not settled: after that was in its place, or, if its owner is gone before it came so far, at a later time.
pub(crate) fn is_overtaken(
    folder: &Folder,
    index: &rusqlite::Connection,
    row: &Row,
    owner: i64,
    stamp: Stamp,
) -> rusqlite::Result<bool> {
    if stamp.may_be(row.modified, row.size) {
        return Ok(false);
    }
    let stem = stem_of(row);
    let is_later = is_later(folder, index, (owner, row.seq), (&stem, &row.suffix))?
        || stamp.modified > row.modified && !owner::is_alive(&folder.catalog(), owner);
    Ok(is_later && is_as_seen(folder, &stem, &row.suffix, stamp))
}

/// Tells whether work was done once and is undone by another program, given how far its owner has come. What cannot be read as a document
/// counts for nothing.
pub(crate) fn is_undone(folder: &Folder, pending: &Pending, progress: owner::Progress) -> bool {
    let path = folder.file(&pending.stem, &pending.suffix);
    if !progress.is_before(pending.seq, &path) {
        return false;
    }
    let Ok(Some(stamp)) = files::stamp(&path) else { return false };
    match &pending.body {
        None => true,
        Some(body) => {
            !stamp.may_be(pending.modified, body.len() as u64)
                && folder
                    .load(&pending.stem, &pending.suffix)
                    .is_ok_and(|loaded| loaded.is_some_and(|loaded| loaded.document.is_ok()))
        }
    }
}
