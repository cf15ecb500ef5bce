//! What must hold for a save to happen.

use truthound_stores_core::{Error, ErrorKind, PutMode, Result, Revision, Store};

use crate::find::Current;
use crate::head::Head;
use crate::number::VersionId;
use crate::place::Place;
use crate::resolve::{begins, names};
use crate::store::VersionedStore;

/// What must hold for a save to happen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) mode: PutMode,
    /// The version that must be the latest.
    pub(crate) head: Option<VersionId>,
}

fn conflict(place: &Place, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Conflict, message).at(&place.item)
}

pub(crate) fn check_mode(place: &Place, mode: &PutMode, current: &Current) -> Result<()> {
    match (mode, current) {
        (PutMode::Create, current) if current.exists() => {
            Err(conflict(place, "there is such a document already"))
        }
        (PutMode::Replace(_), Current::Absent { .. }) => {
            Err(conflict(place, "there is no document to replace"))
        }
        (PutMode::Replace(revision), Current::Present(present)) if present.meta.revision != *revision => {
            Err(conflict(place, "the document is another revision by now"))
        }
        _ => Ok(()),
    }
}

pub(crate) fn check_branch_mode(place: &Place, mode: &PutMode, revision: &Revision) -> Result<()> {
    match mode {
        PutMode::Create => Err(conflict(place, "the branch has such a document already")),
        PutMode::Replace(wanted) if wanted != revision => {
            Err(conflict(place, "the branch is another revision by now"))
        }
        _ => Ok(()),
    }
}

impl<S: Store> VersionedStore<S> {
    /// Compares the version that a caller counts on with the latest of the line that is written to.
    ///
    /// # Errors
    /// `Conflict` if it is another one; `Invalid` if it is the prefix of older versions, too: the caller may mean one of those.
    pub(crate) async fn check_expected(
        &self,
        place: &Place,
        expected: Option<&str>,
        exists: bool,
        head: Option<&Head>,
    ) -> Result<()> {
        check_expected(place, expected, exists, head)?;
        if let (Some(expected), Some(head)) = (expected, head)
            && expected != head.name
            && begins(expected, &head.name)
        {
            let main = self.line(place, None).await?;
            self.by_prefix(place, main.as_ref(), expected).await?;
        }
        Ok(())
    }
}

fn check_expected(place: &Place, expected: Option<&str>, exists: bool, head: Option<&Head>) -> Result<()> {
    let Some(expected) = expected else { return Ok(()) };
    let as_expected = match head.filter(|_| exists) {
        None => expected == "0",
        Some(head) => names(expected, head.id.ordinal, &head.name),
    };
    if as_expected {
        return Ok(());
    }
    let latest = match head.filter(|_| exists) {
        Some(head) => format!("the latest version is {} (ordinal {})", head.name, head.id.ordinal),
        None => "there is no such document".to_owned(),
    };
    Err(conflict(place, format!("version {expected} was expected, but {latest}: read it, and save again")))
}

pub(crate) fn check_head(place: &Place, wanted: Option<VersionId>, head: Option<&Head>) -> Result<()> {
    match (wanted, head) {
        (Some(wanted), Some(head)) if wanted == head.id => Ok(()),
        (Some(_), _) => Err(conflict(place, "a newer version was saved meanwhile")),
        (None, _) => Ok(()),
    }
}
