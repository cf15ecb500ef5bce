//! Listings: one page after the other, each read when it is needed.

use futures_util::stream::{BoxStream, TryStreamExt};
use futures_util::{StreamExt, stream};
use object_store::list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore};
use object_store::path::{DELIMITER, Path};
use object_store::{ListResult, ObjectMeta, Result};

use super::command::{Command, ListPage, Page, Reply};
use super::store::SimulatedStore;

impl SimulatedStore {
    pub(super) fn list_names(
        &self,
        prefix: Option<&Path>,
        offset: Option<&Path>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let first = self.first(prefix, offset, false);
        self.pages(first).map_ok(|page| stream::iter(page.objects.into_iter().map(Ok))).try_flatten().boxed()
    }

    pub(super) async fn list_folder(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let mut pages = self.pages(self.first(prefix, None, true));
        let mut whole = Page::default();
        while let Some(page) = pages.try_next().await? {
            whole.objects.extend(page.objects);
            whole.common_prefixes.extend(page.common_prefixes);
        }
        // The clients collect them in order, whatever the order of the pages.
        whole.common_prefixes.sort();
        whole.common_prefixes.dedup();
        Ok(list_result(whole))
    }

    fn first(&self, prefix: Option<&Path>, offset: Option<&Path>, delimiter: bool) -> ListPage {
        let prefix = prefix.filter(|prefix| !prefix.as_ref().is_empty());
        ListPage {
            prefix: prefix.map(|prefix| format!("{prefix}{DELIMITER}")).unwrap_or_default(),
            offset: offset.map(ToString::to_string),
            after: None,
            delimiter,
            max: self.options().page_size,
        }
    }

    fn pages(&self, first: ListPage) -> BoxStream<'static, Result<Page>> {
        let store = self.clone();
        stream::try_unfold(Some(first), move |next| {
            let store = store.clone();
            async move {
                let Some(mut wanted) = next else { return Ok(None) };
                let page = store.page(wanted.clone()).await?;
                wanted.after.clone_from(&page.next);
                let next = wanted.after.is_some().then_some(wanted);
                Ok(Some((page, next)))
            }
        })
        .boxed()
    }

    async fn page(&self, wanted: ListPage) -> Result<Page> {
        let reply = self.call(Command::List(wanted)).await?;
        let Reply::Page(page) = reply else { panic!("a listing was answered by {reply:?}") };
        Ok(page)
    }
}

fn list_result(page: Page) -> ListResult {
    ListResult {
        common_prefixes: page.common_prefixes,
        objects: page.objects,
        extensions: object_store::Extensions::default(),
    }
}

#[async_trait::async_trait]
impl PaginatedListStore for SimulatedStore {
    async fn list_paginated(
        &self,
        prefix: Option<&str>,
        options: PaginatedListOptions,
    ) -> Result<PaginatedListResult> {
        let size = self.options().page_size;
        let mut page = self
            .page(ListPage {
                prefix: prefix.unwrap_or_default().into(),
                offset: options.offset,
                after: options.page_token,
                delimiter: options.delimiter.is_some(),
                max: options.max_keys.map_or(size, |wanted| wanted.min(size)),
            })
            .await?;
        let page_token = page.next.take();
        Ok(PaginatedListResult { result: list_result(page), page_token })
    }
}
