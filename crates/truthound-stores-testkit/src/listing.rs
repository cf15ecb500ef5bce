//! Reading a whole collection's descriptions.

use truthound_stores_core::{Collection, Error, Page, PageToken, Query, RecordMeta, Result, Store};

/// All that a collection holds.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) metas: Vec<RecordMeta>,
    pub(crate) damaged: Vec<Error>,
}

/// Lists all that a collection holds.
pub(crate) async fn all_of(store: &dyn Store, collection: &Collection) -> Result<Listing> {
    let query = Query::new().with_collection(collection.clone()).with_page_size(10_000);
    let (mut listing, mut after) = (Listing::default(), None);
    loop {
        let page = store.list_page(&query, after).await?;
        listing.metas.extend(page.metas);
        listing.damaged.extend(page.damaged);
        after = page.next;
        if after.is_none() {
            return Ok(listing);
        }
    }
}

impl Listing {
    /// Evaluates a query over what was listed; damage is reported with the first page.
    pub(crate) fn evaluate(self, query: &Query, after: Option<&PageToken>) -> Result<Page> {
        let page = Page::evaluate(query, after, self.metas)?;
        Ok(if after.is_none() { page.with_damaged(self.damaged) } else { page })
    }
}
