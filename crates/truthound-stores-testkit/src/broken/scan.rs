//! Bugs of scans, in stores whose listings are right.

use async_trait::async_trait;
use truthound_stores_core::{
    ErrorKind, Facts, FactsPage, Key, Labels, Page, PageToken, Query, RecordMeta, Result, Revision, Status,
    Store, Timestamp,
};

use super::behaviour::Behaviour;

/// Changes the page that is lent.
#[derive(Debug)]
pub(super) struct Lends(pub(super) fn(Page) -> FactsPage);

#[async_trait]
impl Behaviour for Lends {
    async fn scan(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        Ok((self.0)(inner.list_page(query, after).await?))
    }
}

/// Leaves one document of each page out.
pub(super) fn without_one(mut page: Page) -> FactsPage {
    page.metas.pop();
    page.into()
}

/// Forgets what could not be read.
pub(super) fn without_damaged(page: Page) -> FactsPage {
    FactsPage::new(page.metas, page.next)
}

/// Goes on at no place.
pub(super) fn without_next(page: Page) -> FactsPage {
    FactsPage::new(page.metas, None).with_damaged(page.damaged)
}

/// Lends the status of the document before.
pub(super) fn with_shifted_statuses(page: Page) -> FactsPage {
    let statuses = page.metas.iter().map(|meta| meta.attributes.status.clone());
    let shifted = [Status::SUCCESS].into_iter().chain(statuses);
    let facts: Vec<Shifted> =
        page.metas.iter().cloned().zip(shifted).map(|(meta, status)| Shifted { meta, status }).collect();
    FactsPage::new(facts, page.next).with_damaged(page.damaged)
}

/// Facts of a document, of which the description is right.
#[derive(Debug)]
struct Shifted {
    meta: RecordMeta,
    status: Status,
}

impl Facts for Shifted {
    fn id(&self) -> &str {
        self.meta.id()
    }

    fn data_asset(&self) -> &str {
        self.meta.data_asset()
    }

    fn run_time(&self) -> Timestamp {
        self.meta.run_time()
    }

    fn status(&self) -> &Status {
        &self.status
    }

    fn tags(&self) -> &Labels {
        self.meta.tags()
    }

    fn size(&self) -> u64 {
        self.meta.size()
    }

    fn saved_at(&self) -> Timestamp {
        self.meta.saved_at()
    }

    fn key(&self) -> Result<Key> {
        self.meta.key()
    }

    fn revision(&self) -> Revision {
        self.meta.revision()
    }

    fn describe(&self) -> Result<RecordMeta> {
        self.meta.describe()
    }
}

/// Takes a refusal or a failure of one kind for the end.
#[derive(Debug)]
pub(super) struct EndsInsteadOf(pub(super) ErrorKind);

#[async_trait]
impl Behaviour for EndsInsteadOf {
    async fn scan(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        match inner.scan_page(query, after).await {
            Err(error) if error.kind() == self.0 => Ok(Page::default().into()),
            answer => answer,
        }
    }
}
