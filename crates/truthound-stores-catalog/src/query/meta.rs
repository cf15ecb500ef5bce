//! What a listing says of a row.

use truthound_stores_core::{Collection, Error, Key, RecordMeta, Result};

use crate::row::{Facts, Row};
use crate::state::State;

/// Describes the document of a row with these facts.
///
/// # Errors
/// `Corrupt` for a row whose id no document can have.
pub(crate) fn meta(collection: &Collection, row: &Row, facts: &Facts) -> Result<RecordMeta> {
    described(collection, &row.id, row.state, facts.clone())
}

/// Describes a document by what is known of it.
///
/// # Errors
/// As for [`meta`].
pub(super) fn described(collection: &Collection, id: &str, state: State, facts: Facts) -> Result<RecordMeta> {
    let (key, Facts { attributes, size, checksum, .. }) = (key(collection, id)?, facts);
    Ok(RecordMeta::new(key, attributes, state.revision(), size, checksum, state.saved_at()))
}

/// Names the document of an id that a row has.
///
/// # Errors
/// As for [`meta`].
pub(crate) fn key(collection: &Collection, id: &str) -> Result<Key> {
    Key::new(collection.clone(), id).map_err(|cause| {
        Error::corrupt(format!(
            "the catalog has a row of {id:?}, which no document can be called: `reindex` makes it anew"
        ))
        .caused_by(cause)
    })
}
