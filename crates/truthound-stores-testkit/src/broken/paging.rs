//! Bugs of pages.

use std::cmp::Ordering;

use async_trait::async_trait;
use truthound_stores_core::{ErrorKind, Page, PageToken, Query, Result, Store, page_len};

use super::behaviour::Behaviour;
use crate::listing::{Listing, all_of};

/// Leaves the offset out on every page.
#[derive(Debug)]
pub(super) struct OffsetOnEveryPage;

#[async_trait]
impl Behaviour for OffsetOnEveryPage {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let later = after.is_some();
        let mut page = inner.list_page(query, after).await?;
        if later {
            let skipped = usize::try_from(query.offset).unwrap_or(usize::MAX).min(page.metas.len());
            page.metas.drain(..skipped);
        }
        Ok(page)
    }
}

/// Goes on by how many were given, not by the last of them: what is deleted meanwhile makes it skip.
#[derive(Debug)]
pub(super) struct PagesByOffset;

#[async_trait]
impl Behaviour for PagesByOffset {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        query.validate()?;
        let first = after.is_none();
        let taken = after.map(|token| token.decode(query)).transpose()?.map_or(0, |position| position.taken);
        let Listing { metas: mut found, damaged } = all_of(inner, &query.collection).await?;
        found.retain(|meta| query.matches(meta));
        found.sort_by(|a, b| query.cmp(a, b));
        let skip = usize::try_from(query.offset.saturating_add(taken)).unwrap_or(usize::MAX);
        let mut rest = found.into_iter().skip(skip);
        let metas: Vec<_> = rest.by_ref().take(page_len(query, taken)).collect();
        let last = metas.last().filter(|_| rest.next().is_some());
        let next = last.and_then(|last| PageToken::after(query, last, taken + metas.len() as u64));
        Ok(Page::new(metas, next).with_damaged(if first { damaged } else { Vec::new() }))
    }
}

/// Goes on after the last value and forgets that others may share it.
#[derive(Debug)]
pub(super) struct SkipsTies;

#[async_trait]
impl Behaviour for SkipsTies {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let Some(token) = after else { return inner.list_page(query, None).await };
        let mut position = token.decode(query)?;
        position.id = if query.ascending { "\u{10ffff}".repeat(128) } else { String::new() };
        let mut rest = all_of(inner, &query.collection).await?.metas;
        rest.retain(|meta| position.cmp_to(query, meta) == Ordering::Less);
        let mut left = query.clone().with_offset(0);
        left.limit = query.limit.map(|limit| limit.saturating_sub(position.taken));
        let mut page = Page::evaluate(&left, None, rest)?;
        let given = position.taken + page.metas.len() as u64;
        page.next = page.next.and_then(|_| PageToken::after(query, page.metas.last()?, given));
        Ok(page)
    }
}

/// Begins again where a token cannot be read.
#[derive(Debug)]
pub(super) struct AcceptsForeignTokens;

#[async_trait]
impl Behaviour for AcceptsForeignTokens {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        match inner.list_page(query, after).await {
            Err(error) if error.kind() == ErrorKind::Invalid && query.validate().is_ok() => {
                inner.list_page(query, None).await
            }
            answer => answer,
        }
    }
}

/// Gives everything at once.
#[derive(Debug)]
pub(super) struct IgnoresPageSize;

#[async_trait]
impl Behaviour for IgnoresPageSize {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        query.validate()?;
        inner.list_page(&query.clone().with_page_size(10_000), after).await
    }
}

/// Gives a token after the last page, too.
#[derive(Debug)]
pub(super) struct NeverSaysTheEnd;

#[async_trait]
impl Behaviour for NeverSaysTheEnd {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut page = inner.list_page(query, after).await?;
        if let (None, Some(last)) = (&page.next, page.metas.last()) {
            page.next = PageToken::after(&query.clone(), last, 0);
        }
        Ok(page)
    }
}
