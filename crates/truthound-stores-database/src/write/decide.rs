//! What a write may do to what is stored. Pure.

use truthound_stores_core::{Error, ErrorKind, PutMode, Result};

/// What becomes of a write.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The key is free.
    Insert,
    /// It takes the place of what is stored.
    Overwrite,
    /// An earlier attempt of this very write has been carried out.
    Done,
    Refused(Error),
}

/// Decides on a write of `ours` over the revision that is stored.
pub(super) fn put(mode: &PutMode, stored: Option<&str>, ours: &str) -> Verdict {
    match (mode, stored) {
        (_, Some(stored)) if stored == ours => Verdict::Done,
        (PutMode::Upsert | PutMode::Create, None) => Verdict::Insert,
        (PutMode::Upsert, Some(_)) => Verdict::Overwrite,
        (PutMode::Create, Some(stored)) => Verdict::Refused(
            Error::new(ErrorKind::Conflict, "the key is taken: choose another id, or overwrite the document")
                .with("stored", stored),
        ),
        (PutMode::Replace(expected), Some(stored)) if expected.as_str() == stored => Verdict::Overwrite,
        (PutMode::Replace(expected), Some(stored)) => Verdict::Refused(moved_on(expected.as_str(), stored)),
        (PutMode::Replace(expected), None) => Verdict::Refused(
            Error::new(
                ErrorKind::Conflict,
                "there is no document to replace: it was deleted, or never saved",
            )
            .with("expected", expected.as_str()),
        ),
        _ => Verdict::Refused(Error::unsupported("the database store does not know this mode of writing")),
    }
}

/// Decides on a delete: whether there is something to delete.
///
/// # Errors
/// `Conflict` if another revision is stored than the one that was asked for.
pub(super) fn delete(expected: Option<&str>, stored: Option<&str>) -> Result<bool> {
    match (expected, stored) {
        (_, None) => Ok(false),
        (Some(expected), Some(stored)) if expected != stored => Err(moved_on(expected, stored)),
        _ => Ok(true),
    }
}

fn moved_on(expected: &str, stored: &str) -> Error {
    Error::new(ErrorKind::Conflict, "somebody else wrote first: read the document again, then decide")
        .with("expected", expected)
        .with("stored", stored)
}

#[cfg(test)]
mod tests;
