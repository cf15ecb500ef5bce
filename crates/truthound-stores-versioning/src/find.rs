//! What the current document is, and which version it has.

use truthound_stores_core::{Body, Error, ErrorKind, GetOptions, RecordMeta, Result, Store};

use crate::facts::{Facts, short_sum};
use crate::head::{self, Head};
use crate::number::MAIN;
use crate::place::Place;
use crate::refs::{self, END, Kind};
use crate::store::VersionedStore;

/// The state of an item.
#[derive(Debug)]
pub(crate) enum Current {
    /// There is no document.
    Absent {
        /// The last version, if the item was deleted and its history kept.
        last: Option<Head>,
    },
    /// There is one.
    Present(Box<Present>),
    /// There is one that cannot be read, not even its facts.
    Damaged { head: Option<Head> },
}

#[derive(Debug)]
pub(crate) struct Present {
    /// Without what versions have added.
    pub(crate) meta: RecordMeta,
    /// None if it was not asked for, or if it is damaged.
    pub(crate) body: Option<Body>,
    pub(crate) head: Option<Head>,
    /// Whether the document was written past the versioned store since that version.
    pub(crate) outside: bool,
    /// Whether the facts of others are with the version.
    pub(crate) spilled: bool,
}

impl Current {
    pub(crate) fn head(&self) -> Option<&Head> {
        match self {
            Self::Absent { last } => last.as_ref(),
            Self::Present(present) => present.head.as_ref(),
            Self::Damaged { head } => head.as_ref(),
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
                let end = refs::read(&self.inner, place, Kind::End, END).await?;
                return Ok(Current::Absent { last: end.map(|(end, _)| end.head) });
            }
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                return Ok(Current::Damaged { head: self.tip(place).await?.map(|tip| tip.head()) });
            }
            Err(error) => return Err(error),
        };
        let (mut meta, body) = (stored.meta, stored.body);
        let (head, spilled) = match head::take(&mut meta.attributes) {
            Some((head, spilled)) => (Some(head), spilled),
            // Written from outside, before there were versions, or read from an index that lost what wrappers keep.
            None => (self.tip(place).await?.map(|tip| tip.head()), false),
        };
        let sum = short_sum(&meta.checksum).unwrap_or(meta.checksum);
        let outside = head.as_ref().is_none_or(|head| head.sum.is_none_or(|known| !known.matches(&sum)));
        Ok(Current::Present(Box::new(Present { meta, body, head, outside, spilled })))
    }

    /// Finds the latest version of the main line where no document names it: the greatest ordinal, and of several the one that was made last.
    async fn tip(&self, place: &Place) -> Result<Option<Facts>> {
        let query = place.versions(u64::MAX)?.with_page_size(16);
        let (mut best, mut after): (Option<Facts>, _) = (None, None);
        loop {
            let page = self.inner.list_page(&query, after).await?;
            if let Some(damaged) = page.damaged.into_iter().next() {
                return Err(damaged);
            }
            for meta in &page.metas {
                let facts = Facts::of(place, meta)?;
                match &best {
                    Some(best) if facts.id.ordinal < best.id.ordinal => return Ok(Some(best.clone())),
                    Some(best) if facts.info.created_at <= best.info.created_at => {}
                    _ if facts.info.branch == MAIN => best = Some(facts),
                    _ => {}
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(best),
            }
        }
    }

    /// Finds where a line stands; `main` is that of the current document.
    ///
    /// # Errors
    /// `NotFound` if there is no such item or no such branch.
    pub(crate) async fn line(&self, place: &Place, branch: Option<&str>) -> Result<Option<Head>> {
        match branch.filter(|branch| *branch != MAIN) {
            Some(branch) => self.branch_head(place, branch).await.map(Some),
            None => match self.current(place, false).await? {
                Current::Absent { last: None } => Err(Error::not_found(&place.item)),
                current => Ok(current.head().cloned()),
            },
        }
    }

    /// Finds where a branch stands.
    pub(crate) async fn branch_head(&self, place: &Place, branch: &str) -> Result<Head> {
        let found = refs::read(&self.inner, place, Kind::Branch, branch).await?;
        found.map(|(branch, _)| branch.head).ok_or_else(|| no_branch(place, branch))
    }
}

pub(crate) fn no_branch(place: &Place, branch: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no branch {branch:?}")).at(&place.item)
}
