//! What to look for, and the reference meaning of every part of it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::{Collection, Error, Facts, Pattern, RecordMeta, Result, Status, Timestamp};

/// Names the attribute that results are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OrderBy {
    /// By the time of the run.
    #[default]
    RunTime,
    /// By asset name, by Unicode code point.
    DataAsset,
    /// By status, by Unicode code point.
    Status,
}

impl OrderBy {
    /// Returns the name that configuration and command line use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RunTime => "run_time",
            Self::DataAsset => "data_asset",
            Self::Status => "status",
        }
    }
}

impl fmt::Display for OrderBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OrderBy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Self::RunTime, Self::DataAsset, Self::Status]
            .into_iter()
            .find(|order| order.as_str() == text)
            .ok_or_else(|| {
                Error::invalid(format!(
                    "cannot order by {text:?}: order_by is run_time, data_asset or status"
                ))
            })
    }
}

/// Says which documents to list, in which order, and how many.
///
/// All conditions must hold. Filtering comes first, then ordering, then `offset`, then `limit`.
/// [`matches`](Self::matches) and [`cmp`](Self::cmp) are the meaning that every backend agrees with.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Query, Status};
///
/// let query = Query::new()
///     .with_data_asset("warehouse.*")
///     .with_start_time("2026-01-01".parse()?)
///     .with_status(Status::FAILURE)
///     .with_tag("environment", "production")
///     .with_limit(100);
/// assert!(!query.ascending, "newest first unless asked otherwise");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Query {
    /// The collection to look in. Default: `results`.
    pub collection: Collection,
    /// The asset's name, exact or with wildcards. Default: any.
    pub data_asset: Option<Pattern>,
    /// The earliest `run_time`, inclusive. Default: none.
    pub start_time: Option<Timestamp>,
    /// The latest `run_time`, inclusive. Default: none.
    pub end_time: Option<Timestamp>,
    /// The statuses that count; empty means any. Default: any.
    pub status: Vec<Status>,
    /// Tags that a document must carry, all of them. Default: none.
    pub tags: BTreeMap<String, String>,
    /// The most documents to return: `None` is all, `Some(0)` none. Default: all.
    pub limit: Option<u64>,
    /// How many documents to leave out at the start. Default: 0.
    pub offset: u64,
    /// The attribute to order by; ties are broken by id, in the same direction. Default: `run_time`.
    pub order_by: OrderBy,
    /// Smallest (earliest) first. Default: false.
    pub ascending: bool,
    /// How many documents a page holds at the most, 1 to 10,000. Default: 1,000.
    pub page_size: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            collection: Collection::RESULTS,
            data_asset: None,
            start_time: None,
            end_time: None,
            status: Vec::new(),
            tags: BTreeMap::new(),
            limit: None,
            offset: 0,
            order_by: OrderBy::RunTime,
            ascending: false,
            page_size: 1000,
        }
    }
}

impl Query {
    /// Asks for all results, newest first.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks in another collection.
    #[must_use]
    pub fn with_collection(mut self, collection: Collection) -> Self {
        self.collection = collection;
        self
    }

    /// Asks for one asset, or for those that a pattern matches.
    #[must_use]
    pub fn with_data_asset(mut self, pattern: impl Into<Pattern>) -> Self {
        self.data_asset = Some(pattern.into());
        self
    }

    /// Asks for runs at or after `time`.
    #[must_use]
    pub fn with_start_time(mut self, time: Timestamp) -> Self {
        self.start_time = Some(time);
        self
    }

    /// Asks for runs at or before `time`.
    #[must_use]
    pub fn with_end_time(mut self, time: Timestamp) -> Self {
        self.end_time = Some(time);
        self
    }

    /// Adds a status; documents with any of those added count.
    #[must_use]
    pub fn with_status(mut self, status: impl Into<Status>) -> Self {
        self.status.push(status.into());
        self
    }

    /// Adds a tag that documents must carry.
    #[must_use]
    pub fn with_tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(name.into(), value.into());
        self
    }

    /// Asks for at most `limit` documents.
    #[must_use]
    pub fn with_limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Leaves out the first `offset` documents.
    #[must_use]
    pub fn with_offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Orders by `order_by`.
    #[must_use]
    pub fn with_order_by(mut self, order_by: OrderBy) -> Self {
        self.order_by = order_by;
        self
    }

    /// Puts the smallest first, or the largest.
    #[must_use]
    pub fn with_ascending(mut self, ascending: bool) -> Self {
        self.ascending = ascending;
        self
    }

    /// Sets how many documents a page holds at the most.
    #[must_use]
    pub fn with_page_size(mut self, page_size: usize) -> Self {
        self.page_size = page_size;
        self
    }

    /// Checks what types cannot.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if `page_size` is 0 or more than 10,000.
    pub fn validate(&self) -> Result<()> {
        if (1..=10_000).contains(&self.page_size) {
            return Ok(());
        }
        Err(Error::invalid(format!("page_size is {}: it must be 1 to 10000", self.page_size)))
    }

    /// Tells whether a document meets all conditions; order, offset and limit do not count.
    pub fn matches(&self, meta: &RecordMeta) -> bool {
        let facts = &meta.attributes;
        *meta.key.collection() == self.collection
            && self.data_asset.as_ref().is_none_or(|pattern| pattern.matches(&facts.data_asset))
            && self.start_time.is_none_or(|start| facts.run_time >= start)
            && self.end_time.is_none_or(|end| facts.run_time <= end)
            && (self.status.is_empty() || self.status.contains(&facts.status))
            && self.tags.iter().all(|(name, value)| facts.tags.get(name) == Some(value))
    }

    /// Compares two documents in the order asked for. Never `Equal` for two ids.
    pub fn cmp<F: Facts + ?Sized>(&self, a: &F, b: &F) -> Ordering {
        let by_attribute = match self.order_by {
            OrderBy::RunTime => a.run_time().cmp(&b.run_time()),
            OrderBy::DataAsset => a.data_asset().cmp(b.data_asset()),
            OrderBy::Status => a.status().cmp(b.status()),
        };
        let ascending = by_attribute.then_with(|| a.id().cmp(b.id()));
        if self.ascending { ascending } else { ascending.reverse() }
    }
}

#[cfg(test)]
mod tests;
