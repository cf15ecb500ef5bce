//! What the current document is, and which version it has.

use truthound_stores_core::{Body, Error, ErrorKind, GetOptions, RecordMeta, Result, Revision, Store};

use crate::facts::{Facts, short_sum};
use crate::head::{self, Head};
use crate::number::MAIN;
use crate::place::Place;
use crate::refs::{self, END, Kind, Reference, Removes};
use crate::store::VersionedStore;

/// How long a save takes, from the time of its version to that of its document. One that takes longer, or between whose clocks more lies, costs those after it a look at
/// the records, and nothing else.
const SAVE_MICROS: u64 = 5_000_000;

/// The state of an item.
#[derive(Debug)]
pub(crate) enum Current {
    /// There is no document.
    Absent {
        /// The last version, if the item was deleted and its history kept.
        last: Option<Head>,
        /// The removal of its history, if that is not done yet. Nobody may begin a new one before.
        removal: Option<Box<Removal>>,
    },
    /// There is one.
    Present(Box<Present>),
    /// There is one that cannot be read, not even its facts.
    Damaged { head: Option<Head> },
}

/// A removal that has begun: the document is gone, and readers see nothing any more.
#[derive(Clone, Debug)]
pub(crate) struct Removal {
    /// Where the history ended.
    pub(crate) mark: Reference,
    /// The state of the mark.
    pub(crate) revision: Revision,
}

#[derive(Debug)]
pub(crate) struct Present {
    /// Without what versions have added.
    pub(crate) meta: RecordMeta,
    /// None if it was not asked for, or if it is damaged.
    pub(crate) body: Option<Body>,
    /// The version that the next one follows.
    pub(crate) head: Option<Head>,
    /// The version with which the history ends for readers: another one only where rivals are.
    pub(crate) shown: Option<Head>,
    /// Versions of which one followed `head`, where no document tells which. The next save makes them all anew.
    pub(crate) rivals: Vec<Facts>,
    /// Whether the document itself named its version.
    pub(crate) told: bool,
    /// Whether the document was written past the versioned store since that version.
    pub(crate) outside: bool,
    /// Whether the facts of others are with the version.
    pub(crate) spilled: bool,
}

/// What records tell of the latest version.
struct Untold {
    head: Option<Head>,
    shown: Option<Head>,
    rivals: Vec<Facts>,
}

impl Current {
    /// The version that readers see as the latest.
    pub(crate) fn shown(&self) -> Option<&Head> {
        match self {
            Self::Present(present) => present.shown.as_ref(),
            other => other.head(),
        }
    }

    pub(crate) fn head(&self) -> Option<&Head> {
        match self {
            Self::Absent { last, .. } => last.as_ref(),
            Self::Present(present) => present.head.as_ref(),
            Self::Damaged { head } => head.as_ref(),
        }
    }

    pub(crate) fn revision(&self) -> Option<&Revision> {
        match self {
            Self::Present(present) => Some(&present.meta.revision),
            _ => None,
        }
    }

    pub(crate) fn exists(&self) -> bool {
        !matches!(self, Self::Absent { .. })
    }
}

impl<S: Store> VersionedStore<S> {
    /// Reads the state of an item; one request for an item that has versions.
    pub(crate) async fn current(&self, place: &Place, with_body: bool) -> Result<Current> {
        let opts = |meta_only| if meta_only { GetOptions::meta_only() } else { GetOptions::default() };
        let mut read = self.inner.get_opts(&place.item, opts(!with_body)).await;
        if with_body && matches!(&read, Err(error) if error.kind() == ErrorKind::Corrupt) {
            // Its text is damaged; its revision may be known all the same.
            read = self.inner.get_opts(&place.item, opts(true)).await;
        }
        let stored = match read {
            Ok(stored) => stored,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(match refs::read(&self.inner, place, Kind::End, END).await? {
                    Some((mark, revision)) if mark.removes != Removes::Nothing => {
                        Current::Absent { last: None, removal: Some(Box::new(Removal { mark, revision })) }
                    }
                    end => Current::Absent { last: end.map(|(end, _)| end.head), removal: None },
                });
            }
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                return Ok(Current::Damaged { head: self.untold(place, None).await?.shown });
            }
            Err(error) => return Err(error),
        };
        let (mut meta, body) = (stored.meta, stored.body);
        let (told, spilled, untold) = match head::take(&mut meta.attributes) {
            Some((head, _)) if self.is_without_history(place, &meta, &head).await? => {
                // Numbers go on, and nothing is shared with what is gone.
                let floor = head.id.ordinal.saturating_add(1);
                let head = Head { sum: None, floor, ..head };
                (false, false, Untold { head: Some(head), shown: None, rivals: Vec::new() })
            }
            Some((head, spilled)) => {
                (true, spilled, Untold { shown: Some(head.clone()), head: Some(head), rivals: Vec::new() })
            }
            // Written from outside, before there were versions, or read from an index that lost what wrappers keep.
            None => (false, false, self.untold(place, Some(&meta.revision)).await?),
        };
        let Untold { head, shown, rivals } = untold;
        let sum = short_sum(&meta.checksum).unwrap_or(meta.checksum);
        let outside = !rivals.is_empty()
            || head.as_ref().is_none_or(|head| head.sum.is_none_or(|known| !known.matches(&sum)));
        Ok(Current::Present(Box::new(Present { meta, body, head, shown, rivals, told, outside, spilled })))
    }

    /// Tells whether a document names a version of a history that is not here: it was copied without its history, or came back from an archive after that had gone.
    /// A document is otherwise written right after the version that it names.
    ///
    /// One request, but only for a document that was written at another time than its version.
    pub(crate) async fn is_without_history(
        &self,
        place: &Place,
        meta: &RecordMeta,
        head: &Head,
    ) -> Result<bool> {
        if meta.saved_at.micros_since(head.created_at).unsigned_abs() <= SAVE_MICROS {
            return Ok(false);
        }
        let page = self.inner.list_page(&place.versions(u64::MAX)?.with_page_size(1), None).await?;
        Ok(page.metas.is_empty() && page.damaged.is_empty() && page.next.is_none())
    }

    /// Finds the latest versions of the main line where no document names one: those of the greatest ordinal, the last one made first.
    ///
    /// A record that was to replace the very state that stands there was not heeded: its save was cut off.
    async fn tips(&self, place: &Place, current: Option<&Revision>) -> Result<Vec<Facts>> {
        let query = place.versions(u64::MAX)?.with_page_size(16);
        let (mut tips, mut after): (Vec<Facts>, _) = (Vec::new(), None);
        'pages: loop {
            let page = self.inner.list_page(&query, after).await?;
            if let Some(damaged) = page.damaged.into_iter().next() {
                return Err(damaged);
            }
            for meta in &page.metas {
                let facts = Facts::of(place, meta)?;
                let cut = current.is_some_and(|current| facts.over.as_deref() == Some(current.as_str()));
                if tips.first().is_some_and(|tip| tip.id.ordinal > facts.id.ordinal) {
                    break 'pages;
                }
                if !cut && facts.info.branch == MAIN {
                    tips.push(facts);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        tips.sort_by_key(|tip| std::cmp::Reverse((tip.info.created_at, tip.id)));
        Ok(tips)
    }

    /// Reads the latest version off the records.
    async fn untold(&self, place: &Place, current: Option<&Revision>) -> Result<Untold> {
        let tips = self.tips(place, current).await?;
        let shown = tips.first().map(Facts::head);
        if tips.len() < 2 {
            return Ok(Untold { head: shown.clone(), shown, rivals: Vec::new() });
        }
        // One of them was the latest, and nobody knows which. What they follow is certain, and nobody removes it. Times and numbers
        // go on from the rivals, so that none is given twice.
        let head = tips.first().and_then(|tip| {
            let name = tip.info.parent.clone()?;
            let id = tip.parent?;
            Some(Head { id, holder: id, sum: None, name, ..tip.head() })
        });
        Ok(Untold { head, shown, rivals: tips })
    }

    /// Finds where a line stands; `main` is that of the current document.
    ///
    /// # Errors
    /// `NotFound` if there is no such item or no such branch.
    pub(crate) async fn line(&self, place: &Place, branch: Option<&str>) -> Result<Option<Head>> {
        match branch.filter(|branch| *branch != MAIN) {
            Some(branch) => self.branch_head(place, branch).await.map(Some),
            None => match self.current(place, false).await? {
                Current::Absent { last: None, .. } => Err(Error::not_found(&place.item)),
                current => Ok(current.shown().cloned()),
            },
        }
    }

    /// Finds where a branch stands.
    pub(crate) async fn branch_head(&self, place: &Place, branch: &str) -> Result<Head> {
        let found = refs::read(&self.inner, place, Kind::Branch, branch).await?;
        let (found, _) = found.ok_or_else(|| no_branch(place, branch))?;
        if self.removal(place).await?.is_some() {
            return Err(no_branch(place, branch));
        }
        Ok(found.head)
    }
}

pub(crate) fn no_branch(place: &Place, branch: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no branch {branch:?}")).at(&place.item)
}
