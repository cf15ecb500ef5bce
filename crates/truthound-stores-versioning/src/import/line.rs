//! A history on its way, and how it stands to the one that the target has.

use std::collections::{HashMap, HashSet};

use truthound_stores_core::{Checksum, Record, Result, Revision, Store};

use crate::chain::LARGEST_PAGE;
use crate::facts::{Facts, short_sum};
use crate::find::Current;
use crate::head::Head;
use crate::number::VersionId;
use crate::place::Place;
use crate::refs::Reference;
use crate::store::VersionedStore;

/// A history as the target is to have it.
#[derive(Debug)]
pub(super) struct Line {
    /// Its versions.
    pub(super) ids: HashSet<VersionId>,
    /// What they contain.
    pub(super) sums: Vec<Checksum>,
    /// The latest one.
    pub(super) head: Head,
    pub(super) last: Last,
}

/// With what a history ends.
#[derive(Debug)]
pub(super) enum Last {
    Document(Box<Record>),
    /// The document was deleted.
    Deletion(Box<Reference>),
}

/// How a history stands to that of the target.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The target has nothing.
    New,
    /// The target has the beginning of it, or a document that one of its versions is; under this revision, if there is a document.
    Behind(Option<Revision>),
    Same,
    /// The target has all of it, and more.
    Ahead,
    /// The target has another one: why that is so.
    Apart(&'static str),
}

impl Line {
    fn has(&self, sum: &Checksum) -> bool {
        self.sums.iter().any(|known| known.matches(sum))
    }
}

impl<S: Store> VersionedStore<S> {
    /// Compares a history with what stands here.
    pub(super) async fn standing(&self, place: &Place, line: &Line) -> Result<Standing> {
        let current = self.current(place, false).await?;
        let (head, revision) = match &current {
            Current::Absent { last: None, .. } => return Ok(Standing::New),
            Current::Absent { last: Some(end), .. } => (end, None),
            Current::Damaged { .. } => return Ok(Standing::Apart("the document there is damaged")),
            Current::Present(present) => {
                let revision = Some(present.meta.revision.clone());
                match &present.head {
                    None => {
                        let sum = short_sum(&present.meta.checksum).unwrap_or(present.meta.checksum);
                        return Ok(if line.has(&sum) {
                            Standing::Behind(revision)
                        } else {
                            Standing::Apart("there is a document of this id that is none of its versions")
                        });
                    }
                    Some(_) if present.outside => {
                        return Ok(Standing::Apart("the document there was written past its versions"));
                    }
                    Some(head) => (head, revision),
                }
            }
        };
        if head.id == line.head.id {
            return Ok(Standing::Same);
        }
        if line.ids.contains(&head.id) {
            return Ok(Standing::Behind(revision));
        }
        let is_ahead = self.leads_to(place, head, line.head.id).await?;
        Ok(if is_ahead { Standing::Ahead } else { Standing::Apart("its history there is another one") })
    }

    /// Lists the records of versions of an item, whatever leads to them: those that an import left that was cut off are among them.
    pub(super) async fn written(&self, place: &Place) -> Result<HashMap<VersionId, Facts>> {
        let query = place.versions(u64::MAX)?.with_page_size(LARGEST_PAGE);
        let (mut found, mut after) = (HashMap::new(), None);
        loop {
            let page = self.inner.list_page(&query, after).await?;
            for meta in &page.metas {
                // One that was altered does not count as there; its name is taken, and writing it tells.
                if let Ok(facts) = Facts::of(place, meta) {
                    found.insert(facts.id, facts);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }
}
