//! Reading one object of the folder: whose document it is, and the row that it comes to.

use truthound_stores_core::codec;
use truthound_stores_core::{Error, ErrorKind, Key, Result, describe};

use crate::document::closing::closed_by;
use crate::document::metadata::Metadata;
use crate::document::read::Found;
use crate::document::{Fetched, Form};
use crate::name;
use crate::row::Row;
use crate::write::Documents;

/// A document or a mark that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) row: Row,
    /// When the store last changed it, in milliseconds since 1970.
    pub(crate) modified: i64,
    /// Whether another program wrote it: its state is called after its `ETag` and time.
    pub(crate) is_foreign: bool,
}

/// What an object came to.
#[derive(Debug)]
pub(crate) enum Read {
    Object(Box<Object>),
    /// It is gone.
    Absent,
    /// It is no document, but keeps its name free (decision 0009, §8): to readers, nothing.
    Closed,
    /// It cannot be read as a document; the error names the document, or at least the object.
    Unreadable(Error),
}

/// Reads an object by its name, with one request.
///
/// # Errors
/// Outages: they say nothing about the document, and what rests on them would be wrong.
pub(crate) async fn read(documents: &Documents, stem: &str, suffix: &str) -> Result<Read> {
    let path = documents.place.document(stem, suffix)?;
    let fetched = match documents.bucket.get(&path).await {
        Ok(Some((fetched, _))) => fetched,
        Ok(None) => return Ok(Read::Absent),
        Err(error) if error.is_retryable() || error.kind() == ErrorKind::Unavailable => return Err(error),
        Err(error) => return Ok(Read::Unreadable(at_spelt(&documents.form, stem, error))),
    };
    if closed_by(&fetched.attributes).is_some() {
        return Ok(Read::Closed);
    }
    let modified = fetched.last_modified.as_micros().div_euclid(1_000);
    Ok(match open(&documents.form, stem, &fetched) {
        Ok((key, found)) => {
            let is_foreign = found.seen().state == fetched.foreign_state();
            Read::Object(Box::new(Object { row: found.row(&key), modified, is_foreign }))
        }
        Err(error) => Read::Unreadable(at_spelt(&documents.form, stem, error)),
    })
}

/// Reads an object whose id may stand in its metadata alone.
///
/// # Errors
/// `Corrupt`, naming the object, for one that is no document, or another's; `Unsupported` if its codec is not compiled in.
pub(crate) fn open(form: &Form, stem: &str, fetched: &Fetched) -> Result<(Key, Found)> {
    let key = key_of(form, stem, fetched).map_err(|error| {
        let kind = if error.kind() == ErrorKind::Invalid { ErrorKind::Corrupt } else { error.kind() };
        error.with_kind(kind).with("file", fetched.name.clone())
    })?;
    form.open(&key, fetched).map(|found| (key, found))
}

fn key_of(form: &Form, stem: &str, fetched: &Fetched) -> Result<Key> {
    if let Some(id) = name::spelt(stem, form.folds_case) {
        return Key::new(form.collection.clone(), id);
    }
    let id = if let Some(id) = Metadata::read(&fetched.attributes)?.and_then(|metadata| metadata.id) {
        id
    } else {
        // Metadata that were lost on the way leave the text, which says its id.
        let decoded = codec::decode(&fetched.name, &fetched.bytes, &form.limits)?;
        describe(&form.collection, &decoded.json, &form.reading)?.0
    };
    if name::stem(&id, form.folds_case) != stem {
        return Err(Error::corrupt(format!("the object is the document {id:?}, and has another name")));
    }
    Key::new(form.collection.clone(), &id)
}

/// Names the document of an error, if the object's name spells it.
fn at_spelt(form: &Form, stem: &str, error: Error) -> Error {
    if error.key().is_some() {
        return error;
    }
    let key = name::spelt(stem, form.folds_case).and_then(|id| Key::new(form.collection.clone(), id).ok());
    match key {
        Some(key) => error.at(&key),
        None => error,
    }
}
