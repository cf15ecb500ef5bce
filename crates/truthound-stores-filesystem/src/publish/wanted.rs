//! Whether work that was acknowledged still has to be done to its file.

use crate::describe::stem_of;
use crate::index::{self, Pending};

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
