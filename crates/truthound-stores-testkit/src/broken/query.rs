//! Bugs of conditions.

use async_trait::async_trait;
use truthound_stores_core::{Page, PageToken, Pattern, Query, RecordMeta, Result, Store};

use super::behaviour::Behaviour;
use crate::listing::all_of;

/// A bug that asks something else.
#[derive(Debug)]
pub(super) struct Asks(pub(super) fn(&mut Query));

impl Behaviour for Asks {
    fn query(&self, query: &Query) -> Query {
        let mut asked = query.clone();
        (self.0)(&mut asked);
        asked
    }
}

pub(super) fn end_exclusive(query: &mut Query) {
    query.end_time = query.end_time.map(|end| end.plus_micros(-1));
}

pub(super) fn first_status_only(query: &mut Query) {
    query.status.truncate(1);
}

/// Takes a limit of nothing for no limit.
pub(super) fn zero_is_no_limit(query: &mut Query) {
    query.limit = query.limit.filter(|limit| *limit > 0);
}

/// A bug that chooses documents otherwise than `Query::matches` and leaves the rest to the reference.
#[derive(Debug)]
pub(super) struct Chooses {
    /// Chooses among all documents of the collection, which come in the query's order.
    pub(super) choose: fn(&Query, Vec<RecordMeta>) -> Vec<RecordMeta>,
    /// Takes the conditions that were treated out of the query.
    pub(super) rest: fn(&mut Query),
}

impl Chooses {
    async fn page(&self, inner: &dyn Store, query: &Query, after: Option<&PageToken>) -> Result<Page> {
        query.validate()?;
        let mut listing = all_of(inner, &query.collection).await?;
        listing.metas.sort_by(|a, b| query.cmp(a, b));
        listing.metas = (self.choose)(query, listing.metas);
        let mut rest = query.clone();
        (self.rest)(&mut rest);
        listing.evaluate(&rest, after)
    }
}

#[async_trait]
impl Behaviour for Chooses {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        self.page(inner, query, after.as_ref()).await
    }

    async fn count(&self, inner: &dyn Store, query: &Query) -> Result<u64> {
        query.validate()?;
        let page = self.page(inner, &query.clone().with_page_size(10_000), None).await?;
        page.damaged.into_iter().next().map_or(Ok(page.metas.len() as u64), Err)
    }
}

/// Cuts to the limit first and filters what is left.
pub(super) const LIMIT_FIRST: Chooses = Chooses {
    choose: |query, mut metas| {
        if let Some(limit) = query.limit {
            metas.truncate(usize::try_from(limit.saturating_add(query.offset)).unwrap_or(usize::MAX));
        }
        metas
    },
    rest: |_| {},
};

pub(super) const ANY_TAG: Chooses = Chooses {
    choose: |query, mut metas| {
        let has = |meta: &RecordMeta, (name, value): (&String, &String)| {
            meta.attributes.tags.get(name) == Some(value)
        };
        metas.retain(|meta| query.tags.is_empty() || query.tags.iter().any(|tag| has(meta, tag)));
        metas
    },
    rest: |query| query.tags.clear(),
};

/// Compares tags without regard to case, as many a database does.
pub(super) const TAGS_FOLDED: Chooses = Chooses {
    choose: |query, mut metas| {
        metas.retain(|meta| {
            query.tags.iter().all(|(name, value)| {
                meta.attributes
                    .tags
                    .get(name)
                    .is_some_and(|stored| stored.to_lowercase() == value.to_lowercase())
            })
        });
        metas
    },
    rest: |query| query.tags.clear(),
};

/// Hands a pattern to `LIKE` without escaping what `LIKE` takes for wildcards.
pub(super) const LIKE_UNESCAPED: Chooses = Chooses {
    choose: |query, mut metas| {
        if let Some(pattern) = &query.data_asset {
            let like = Pattern::new(&pattern.to_string().replace('_', "?").replace('%', "*"));
            metas.retain(|meta| like.matches(&meta.attributes.data_asset));
        }
        metas
    },
    rest: |query| query.data_asset = None,
};

/// Takes the part of a pattern before its first wildcard for the whole.
pub(super) const PATTERN_IS_PREFIX: Chooses = Chooses {
    choose: |query, mut metas| {
        if let Some(pattern) = query.data_asset.as_ref().filter(|pattern| pattern.as_literal().is_none()) {
            metas.retain(|meta| meta.attributes.data_asset.starts_with(&pattern.prefix()));
        }
        metas
    },
    rest: |query| query.data_asset = query.data_asset.take().filter(|pattern| pattern.as_literal().is_some()),
};

/// Compares times as text, which works until an offset comes along: here, by their whole seconds.
pub(super) const TIMES_IN_SECONDS: Chooses = Chooses {
    choose: |query, mut metas| {
        let second = |time: truthound_stores_core::Timestamp| time.as_micros().div_euclid(1_000_000);
        metas.retain(|meta| {
            let at = second(meta.attributes.run_time);
            query.start_time.is_none_or(|start| at >= second(start))
                && query.end_time.is_none_or(|end| at <= second(end))
        });
        metas
    },
    rest: |query| (query.start_time, query.end_time) = (None, None),
};

/// A count that looks at the conditions only.
#[derive(Debug)]
pub(super) struct CountIgnoresLimit;

#[async_trait]
impl Behaviour for CountIgnoresLimit {
    async fn count(&self, inner: &dyn Store, query: &Query) -> Result<u64> {
        let mut unlimited = query.clone();
        (unlimited.limit, unlimited.offset) = (None, 0);
        inner.count(&unlimited).await
    }
}

/// A query that nobody checks.
#[derive(Debug)]
pub(super) struct AcceptsAnyPageSize;

impl Behaviour for AcceptsAnyPageSize {
    fn query(&self, query: &Query) -> Query {
        query.clone().with_page_size(query.page_size.clamp(1, 10_000))
    }
}
