//! Decides what becomes of one document.

use super::OnConflict;
use crate::{Attributes, Checksum, RecordMeta, Revision};

/// What the target has under a document's key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum There {
    Nothing,
    Document(Box<RecordMeta>),
    /// Something that cannot be read.
    Damaged,
}

/// What is to be done with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The target has it.
    Equal,
    /// It is to be created.
    Create,
    /// It is to be written over this state, as far as that is known.
    Overwrite(Option<Revision>),
    /// The target's stays.
    Keep,
    /// Neither may give way.
    Refuse,
}

/// Decides, for a document with this text and these facts.
pub(super) fn decide(
    checksum: &Checksum,
    attributes: &Attributes,
    there: &There,
    policy: OnConflict,
) -> Step {
    let revision = match there {
        There::Nothing => return Step::Create,
        There::Document(meta) if is_same(checksum, attributes, meta) => return Step::Equal,
        There::Document(meta) => Some(meta.revision.clone()),
        There::Damaged => None,
    };
    match policy {
        OnConflict::Refuse => Step::Refuse,
        OnConflict::Keep => Step::Keep,
        OnConflict::Overwrite => Step::Overwrite(revision),
    }
}

/// Tells whether a document is what another store has.
fn is_same(checksum: &Checksum, attributes: &Attributes, meta: &RecordMeta) -> bool {
    checksum.matches(&meta.checksum) && *attributes == meta.attributes
}

#[cfg(test)]
mod tests;
