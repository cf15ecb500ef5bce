//! Pages of a listing, and the tokens that continue them by key.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Checksum, Error, Facts, OrderBy, Query, RecordMeta, Result, Timestamp};

/// Holds a part of a listing.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Page {
    /// The documents, in the query's order.
    pub metas: Vec<RecordMeta>,
    /// Where to go on; `None` at the end.
    pub next: Option<PageToken>,
    /// Documents that could not be read; each error names one. They are in no page's `metas`, and each is
    /// reported once per listing.
    pub damaged: Vec<Error>,
}

impl Page {
    /// Puts a page together; for implementers of stores.
    pub fn new(metas: Vec<RecordMeta>, next: Option<PageToken>) -> Self {
        Self { metas, next, damaged: Vec::new() }
    }

    /// Adds documents that could not be read.
    #[must_use]
    pub fn with_damaged(mut self, damaged: Vec<Error>) -> Self {
        self.damaged = damaged;
        self
    }

    /// Evaluates `query` over everything a store holds: the reference for all backends.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the query is not valid or `after` belongs to another one.
    pub fn evaluate(
        query: &Query,
        after: Option<&PageToken>,
        all: impl IntoIterator<Item = RecordMeta>,
    ) -> Result<Self> {
        let all: Vec<RecordMeta> = all.into_iter().collect();
        Self::select(query, after, &all)
    }

    /// Evaluates `query` as [`evaluate`](Self::evaluate) does, copying only what the page holds.
    ///
    /// # Errors
    /// As for [`evaluate`](Self::evaluate).
    pub fn select<'a>(
        query: &Query,
        after: Option<&PageToken>,
        all: impl IntoIterator<Item = &'a RecordMeta>,
    ) -> Result<Self> {
        query.validate()?;
        let position = after.map(|token| token.decode(query)).transpose()?;
        let is_left = |meta: &RecordMeta| {
            position.as_ref().is_none_or(|position| position.cmp_to(query, meta) == Ordering::Less)
        };
        let mut found: Vec<&RecordMeta> =
            all.into_iter().filter(|meta| query.matches(meta) && is_left(meta)).collect();
        found.sort_unstable_by(|a, b| query.cmp(*a, *b));
        let skip = if position.is_some() { 0 } else { usize::try_from(query.offset).unwrap_or(usize::MAX) };
        let taken = position.map_or(0, |position| position.taken);
        let size = page_len(query, taken);
        let mut rest = found.into_iter().skip(skip);
        let metas: Vec<RecordMeta> = rest.by_ref().take(size).cloned().collect();
        let more = rest.next().is_some();
        let next = metas
            .last()
            .filter(|_| more)
            .and_then(|last| PageToken::after(query, last, taken.saturating_add(metas.len() as u64)));
        Ok(Self::new(metas, next))
    }
}

/// Returns how many documents the next page may hold, after `taken` were given.
pub fn page_len(query: &Query, taken: u64) -> usize {
    let left = query.limit.map_or(u64::MAX, |limit| limit.saturating_sub(taken));
    usize::try_from(left).unwrap_or(usize::MAX).min(query.page_size)
}

/// Marks a place in a listing: the last document given, by its key. Opaque; may be kept and sent.
///
/// It stays good whatever is written or deleted meanwhile, and belongs to one query.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PageToken(Arc<str>);

/// Holds what a [`PageToken`] says; for implementers of stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The value that the last document given is ordered by: text, or microseconds for times.
    pub order: OrderValue,
    /// The id of the last document given.
    pub id: String,
    /// How many documents the listing has given so far.
    pub taken: u64,
    query: String,
}

/// The value of the attribute that a listing is ordered by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OrderValue {
    /// A time, in microseconds since 1970.
    Time(i64),
    /// An asset name or a status.
    Text(String),
}

impl OrderValue {
    fn of<F: Facts + ?Sized>(order_by: OrderBy, facts: &F) -> Self {
        match order_by {
            OrderBy::RunTime => Self::Time(facts.run_time().as_micros()),
            OrderBy::DataAsset => Self::Text(facts.data_asset().to_owned()),
            OrderBy::Status => Self::Text(facts.status().as_str().to_owned()),
        }
    }

    /// Returns the time, if it is one.
    pub fn as_time(&self) -> Option<Timestamp> {
        match self {
            Self::Time(micros) => Some(Timestamp::from_micros(*micros)),
            Self::Text(_) => None,
        }
    }
}

impl Position {
    /// Compares the position with a document: `Less` means the document is still to come.
    pub fn cmp_to(&self, query: &Query, meta: &RecordMeta) -> Ordering {
        let ascending = self
            .order
            .cmp(&OrderValue::of(query.order_by, meta))
            .then_with(|| self.id.as_str().cmp(meta.key.id()));
        if query.ascending { ascending } else { ascending.reverse() }
    }
}

impl PageToken {
    /// Marks the place after `last`, with `taken` documents given so far.
    ///
    /// `None` if the limit is reached: the listing is over.
    pub fn after<F: Facts + ?Sized>(query: &Query, last: &F, taken: u64) -> Option<Self> {
        if page_len(query, taken) == 0 {
            return None;
        }
        let position = Position {
            order: OrderValue::of(query.order_by, last),
            id: last.id().to_owned(),
            taken,
            query: fingerprint(query),
        };
        serde_json::to_string(&position).ok().map(|text| Self(text.into()))
    }

    /// Reads the position, checking that it belongs to `query`.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it is no token or belongs to another query.
    pub fn decode(&self, query: &Query) -> Result<Position> {
        let position: Position = serde_json::from_str(&self.0)
            .map_err(|cause| Error::invalid("the page token is damaged").caused_by(cause))?;
        let fits = matches!(position.order, OrderValue::Time(_)) == (query.order_by == OrderBy::RunTime);
        if !fits || position.query != fingerprint(query) {
            return Err(Error::invalid("the page token belongs to another query"));
        }
        Ok(position)
    }

    /// Wraps the text of a token that was kept.
    pub fn from_text(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageToken({})", self.0)
    }
}

/// Identifies a query by all that decides its answer; the page size does not.
fn fingerprint(query: &Query) -> String {
    let mut same = query.clone();
    same.page_size = 1;
    let mut hex = Checksum::of(format!("{same:?}").as_bytes()).to_string();
    hex.truncate(16);
    hex
}
