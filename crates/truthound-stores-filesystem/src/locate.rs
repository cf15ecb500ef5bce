//! Reads a document: from the index's log while its file is on the way, else from its file, held against its row.

use truthound_stores_core::{Body, Clock, Error, ErrorKind, GetOptions, Key, Result, Stored};

use crate::build::Rescued;
use crate::describe::{Folder, Loaded, stem_of};
use crate::files::{self, Found};
use crate::index::{self, COLUMNS, Pending, Row, WIDTH};
use crate::live::Live;
use crate::{owner, private, publish};

/// How often a document is looked at again that is overwritten meanwhile.
const ATTEMPTS: u32 = 100;

/// What a look at a document's file has shown.
enum Look {
    Stored(Box<Stored>),
    /// Somebody else has rewritten the file: this is what it says now.
    Rewritten(Box<Loaded>),
    /// Row and file do not belong together; one of them may just be changing.
    Torn(Error),
}

/// Lists every name that a document's file may have, the likeliest first.
pub(crate) fn names(folder: &Folder, id: &str) -> Vec<(String, String)> {
    let suffixes: Vec<String> = folder.suffixes().map(|suffix| suffix.text()).collect();
    let stems = folder.stems(id);
    stems.iter().flat_map(|stem| suffixes.iter().map(|suffix| (stem.clone(), suffix.clone()))).collect()
}

/// What `get` found.
pub(crate) enum Got {
    Stored(Box<Stored>),
    /// Files that the index should learn of before the document is read again.
    Learn(Vec<Loaded>),
}

/// Reads a document.
///
/// # Errors
/// `NotFound`; `Corrupt` for one that is damaged or whose file has vanished, by name.
pub(crate) fn get(live: &Live, key: &Key, opts: &GetOptions) -> Result<Got> {
    let mut seen = None;
    for _ in 0..ATTEMPTS {
        let row = match read_row(live, key.id()) {
            Ok(row) => row,
            // The documents do not need the index.
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                let found = without_index(&live.folder, key, opts, &*live.clock, error)?;
                return Ok(Got::Stored(Box::new(found)));
            }
            Err(error) => return Err(error),
        };
        let Some((row, waiting)) = row else {
            match unknown(live, key)? {
                Some(found) => return Ok(found),
                None => continue,
            }
        };
        if opts.meta_only {
            return stored(live, row, None);
        }
        if let Some((bytes, owner)) = waiting {
            match rewritten(live, &row, owner)? {
                Some(loaded) if seen == Some(row.seq) => return Ok(Got::Learn(vec![loaded])),
                Some(_) => {
                    seen = Some(row.seq);
                    continue;
                }
                None => {}
            }
            let body = live.folder.text_of(&row, bytes)?;
            if body.checksum() != row.checksum {
                return Err(index::damage(
                    live.readers.path(),
                    "a document in its log is not what was saved",
                ));
            }
            return stored(live, row, Some(body));
        }
        match look(live, &row)? {
            Look::Stored(stored) => return Ok(Got::Stored(stored)),
            // Rows only ever change before their files: if the row is the same after the look, so was the file.
            Look::Rewritten(loaded) if seen == Some(row.seq) => return Ok(Got::Learn(vec![*loaded])),
            Look::Torn(error) if seen == Some(row.seq) => return Err(error),
            Look::Rewritten(_) | Look::Torn(_) => seen = Some(row.seq),
        }
    }
    Err(Error::new(ErrorKind::Unavailable, "the document was overwritten each time it was looked at"))
}

fn stored(live: &Live, row: Row, body: Option<Body>) -> Result<Got> {
    Ok(Got::Stored(Box::new(Stored::new(row.into_meta(&live.folder.collection)?, body))))
}

type Known = Option<(Row, Option<(Vec<u8>, i64)>)>;

/// Reads a document's row, and its file's bytes and whose they are if they are in the log still.
fn read_row(live: &Live, id: &str) -> Result<Known> {
    use rusqlite::OptionalExtension;

    live.readers.read("read the index", |index| {
        let columns = qualified();
        let sql =
            format!("SELECT {columns}, u.body, u.owner FROM record AS r LEFT JOIN unsettled AS u ON u.seq = r.seq WHERE r.id = ?1");
        let mut statement = index.prepare_cached(&sql)?;
        let read = |row: &rusqlite::Row<'_>| {
            let bytes: Option<Vec<u8>> = row.get(WIDTH)?;
            let owner: Option<i64> = row.get(WIDTH + 1)?;
            Ok((Row::read(row, 0)?, bytes.zip(owner)))
        };
        statement.query_row([id], read).optional()
    })
}

fn qualified() -> String {
    COLUMNS.split(", ").map(|column| format!("r.{}", column.trim())).collect::<Vec<_>>().join(", ")
}

/// Returns what another program has written to a document's file after the state that is in the log still.
fn rewritten(live: &Live, row: &Row, owner: i64) -> Result<Option<Loaded>> {
    let (stem, folder) = (stem_of(row), &live.folder);
    let Ok(Some(stamp)) = files::stamp(&folder.file(&stem, &row.suffix)) else { return Ok(None) };
    // As a rule it is what was put there, and nobody else needs to be asked.
    if stamp.may_be(row.modified, row.size)
        || !live
            .readers
            .read("read the index", |index| publish::is_overtaken(folder, index, row, owner, stamp))?
    {
        return Ok(None);
    }
    let found = folder.load(&stem, &row.suffix)?.filter(|loaded| loaded.stamp == stamp);
    Ok(found
        .filter(|loaded| loaded.document.as_ref().is_ok_and(|found| found.body.checksum() != row.checksum)))
}

/// Holds a document's file against its row.
fn look(live: &Live, row: &Row) -> Result<Look> {
    let (stem, folder) = (stem_of(row), &live.folder);
    let path = folder.file(&stem, &row.suffix);
    let named = |error: Error| error.with("file", path.display().to_string());
    let (bytes, stamp) = match files::read(&path, folder.limits.max_document_bytes) {
        Ok(Found::File { bytes, stamp }) => (bytes, stamp),
        Ok(Found::Nothing) => {
            let gone = "the document's file is gone, though nobody has deleted the document here: restore it, delete \
                        the document, or let `truthound-stores verify --repair` forget it";
            return Ok(Look::Torn(named(Error::corrupt(gone))));
        }
        Err(error) => return Ok(Look::Torn(named(error))),
    };
    let whole = folder.text_of(row, bytes);
    if let Ok(body) = &whole
        && body.checksum() == row.checksum
    {
        let meta = row.clone().into_meta(&folder.collection)?;
        return Ok(Look::Stored(Box::new(Stored::new(meta, Some(body.clone())))));
    }
    if stamp.may_be(row.modified, row.size) {
        let flipped = "the document is not what was saved, though nobody has written to its file: the disk has changed it";
        return Ok(Look::Torn(named(whole.err().unwrap_or_else(|| Error::corrupt(flipped)))));
    }
    match folder.load(&stem, &row.suffix)? {
        Some(Loaded { document: Err(error), .. }) => Ok(Look::Torn(error)),
        Some(loaded) => Ok(Look::Rewritten(Box::new(loaded))),
        None => Ok(Look::Torn(named(Error::corrupt("the document's file is gone")))),
    }
}

/// Looks for a document that the index does not know under the names that it may have; `None` if the index knows it by now.
fn unknown(live: &Live, key: &Key) -> Result<Option<Got>> {
    let mut damaged = None;
    for (stem, suffix) in names(&live.folder, key.id()) {
        let Some(loaded) = live.folder.load(&stem, &suffix)? else { continue };
        // After the file was read: one of ours was known before it was there, and is known to go until it is gone.
        let (known, claimed) = live.readers.read_at_once("read the index", |index| {
            let claimed = publish::is_to_go(&live.folder, index, &stem, &suffix, Some(loaded.stamp))?
                || index::by_name(index, &stem, &suffix)?.is_some();
            Ok((index::by_id(index, key.id())?.is_some(), claimed))
        })?;
        let still = files::stamp(&live.folder.file(&stem, &suffix))?;
        if known || still != Some(loaded.stamp) {
            return Ok(None);
        }
        match &loaded.document {
            _ if claimed => {}
            Ok(document) if document.id == key.id() => return Ok(Some(Got::Learn(vec![loaded]))),
            Err(_) if live.folder.id_of(&stem, None).is_ok_and(|id| id == key.id()) => {
                damaged = damaged.or(loaded.document.err());
            }
            Ok(_) | Err(_) => {}
        }
    }
    Err(damaged.unwrap_or_else(|| Error::not_found(key)))
}

/// Reads a document while the index cannot be: from what that had acknowledged and not settled, as far as it can be read, else from the
/// first file of its names that holds it.
///
/// # Errors
/// `cause` if the document is not there, or may be another one by now than its file says.
pub(crate) fn without_index(
    folder: &Folder,
    key: &Key,
    opts: &GetOptions,
    clock: &dyn Clock,
    cause: Error,
) -> Result<Stored> {
    // Without an owner there is nothing that is not settled.
    if owner::any(&folder.catalog()) {
        let found = private::rescued(folder, clock)?;
        let mut last = found.rescued.into_iter().filter(|rescued| rescued.pending.id == key.id());
        match last.next_back() {
            Some(Rescued { pending: Pending { body: None, .. }, .. }) => return Err(Error::not_found(key)),
            Some(Rescued { pending, row, .. }) => {
                let bytes = pending.body.clone().unwrap_or_default();
                let row = row.or_else(|| folder.row_of(&pending, &bytes));
                let Some(row) = row else { return Err(cause) };
                let body = folder.text_of(&row, bytes)?;
                return Ok(Stored::new(
                    row.into_meta(&folder.collection)?,
                    (!opts.meta_only).then_some(body),
                ));
            }
            None if !found.complete => return Err(cause),
            None => {}
        }
    }
    for (stem, suffix) in names(folder, key.id()) {
        let Some(loaded) = folder.load(&stem, &suffix)? else { continue };
        if let Ok(document) = &loaded.document
            && document.id == key.id()
        {
            let body = (!opts.meta_only).then(|| document.body.clone());
            return Ok(Stored::new(loaded.row(document).into_meta(&folder.collection)?, body));
        }
    }
    // It may be there all the same, in the log.
    Err(cause)
}
