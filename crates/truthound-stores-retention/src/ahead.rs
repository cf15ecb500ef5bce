//! Listing by time, the newest first, with several parts of the time asked for at once.
//!
//! A page of a listing can be asked for when the one before is there: over a network, and where a store reads on threads of its own, whoever looks at all
//! records waits most of the time. The parts here are queries of their own, of a time each that has about a page of records, so that they can be under way
//! together. How long that time is, is guessed from what was met before; a wrong guess costs requests, and never a record.

use std::collections::BTreeSet;

use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt as _, StreamExt as _};
use truthound_stores_core::{
    BoxFuture, Error, Facts, FactsList, FactsPage, PageToken, Query, Result, Store, Timestamp,
};

/// How many parts are under way at once.
const TOGETHER: usize = 4;
/// The most that the time of parts becomes longer or shorter by, from one to the next.
const STEP: i64 = 8;

/// A listing of all that a query asks for: ordered by time, the newest first, without limit and offset.
pub(crate) struct Ahead<'s, S: ?Sized> {
    store: &'s S,
    query: Query,
    /// Whether parts may be asked for before their turn.
    together: bool,
    /// What is asked for, in the order of turns.
    asked: FuturesOrdered<BoxFuture<'s, Result<Part>>>,
    /// The first of those, if it has come.
    come: Option<Result<Part>>,
    /// What has not been asked for yet; `None` if that is nothing.
    rest: Option<Rest>,
    /// How long the time of the next part is, in microseconds; `None` if nothing says so.
    width: Option<i64>,
    /// The damaged documents that were reported: a store may name one in each part.
    damaged: BTreeSet<String>,
}

/// Where what has not been asked for begins.
enum Rest {
    /// Where a query does, or after a page of it.
    Of(Query, Option<PageToken>),
    /// With records of this time.
    From(Timestamp),
}

/// What was asked, and the page that came.
struct Part {
    query: Query,
    reach: Reach,
    page: FactsPage,
}

/// The next records of a listing.
pub(crate) struct Met {
    list: Box<dyn FactsList>,
    /// How many of the list are meant: those behind them come with another part.
    len: usize,
    /// What could not be read.
    pub(crate) damaged: Vec<Error>,
}

impl Met {
    /// Lends the facts of one record after the other.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &dyn Facts> {
        (0..self.len).filter_map(|at| self.list.get(at))
    }
}

#[derive(Clone, Copy)]
enum Reach {
    /// To the end of all. It is the last that is asked for.
    End,
    /// Over a time of so many microseconds.
    Width(i64),
    /// To the end of a part of which a page was there before.
    Rest,
}

impl<'s, S: Store + ?Sized> Ahead<'s, S> {
    /// Begins a listing. Without `together` a page is asked for when the one before was taken, and not earlier.
    pub(crate) fn new(store: &'s S, query: Query, together: bool) -> Self {
        let rest = Some(Rest::Of(query.clone(), None));
        let (asked, damaged) = (FuturesOrdered::new(), BTreeSet::new());
        Self { store, query, together, asked, come: None, rest, width: None, damaged }
    }

    /// Returns the next records, which may be none, and what could not be read; `None` at the end.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn next(&mut self) -> Result<Option<Met>> {
        self.ask();
        let part = match self.come.take() {
            Some(part) => part?,
            None => match self.asked.next().await {
                Some(part) => part?,
                None => return Ok(None),
            },
        };
        let Part { query, reach, page: FactsPage { facts: list, next, mut damaged, .. } } = part;
        let mut len = list.len();
        match (reach, next) {
            (Reach::End, Some(next)) => {
                // A store may name what is damaged in each part, after it has looked at it once more: there is one listing from now on.
                self.together &= damaged.is_empty();
                let split = if self.together { split(&*list) } else { None };
                self.rest = Some(match split {
                    Some(Split { kept, span, from }) => {
                        len = kept;
                        self.learn(span, kept);
                        Rest::From(from)
                    }
                    None => Rest::Of(query, Some(next)),
                });
            }
            (Reach::Width(width), None) => self.learn(width, len),
            (Reach::Width(_) | Reach::Rest, Some(next)) => {
                self.width = self.width.map(|width| (width / 2).max(1));
                // Its turn is now.
                self.asked.push_front(asking(self.store, query, Reach::Rest, Some(next)));
            }
            (Reach::End | Reach::Rest, None) => {}
        }
        damaged.retain(|error| self.damaged.insert(error.to_string()));
        if self.together {
            // They are under way while this is looked at.
            self.ask();
            self.come = self.asked.next().now_or_never().flatten();
        }
        Ok(Some(Met { list, len, damaged }))
    }

    /// Asks for as many parts as may be under way.
    fn ask(&mut self) {
        while self.asked.len() < TOGETHER {
            // How far a part goes whose width nobody knows is seen when it is there.
            let is_alone = self.asked.is_empty() && self.come.is_none();
            let Some(rest) = self.rest.take_if(|_| is_alone || self.width.is_some()) else { return };
            let (query, reach, after) = match rest {
                Rest::Of(query, after) => (query, Reach::End, after),
                Rest::From(from) => {
                    let mut query = self.query.clone();
                    query.end_time = Some(from);
                    let start = self.width.map(|width| (width, from.plus_micros(1 - width)));
                    let earliest = self.query.start_time.unwrap_or(Timestamp::MIN);
                    match start.filter(|(_, start)| *start > earliest) {
                        Some((width, start)) => {
                            query.start_time = Some(start);
                            self.rest = Some(Rest::From(start.plus_micros(-1)));
                            (query, Reach::Width(width), None)
                        }
                        None => (query, Reach::End, None),
                    }
                }
            };
            self.asked.push_back(asking(self.store, query, reach, after));
        }
    }

    /// Learns from a time that had so many records.
    fn learn(&mut self, width: i64, records: usize) {
        let wanted = self.query.page_size as i128 * 3 / 4;
        let fitting = (i128::from(width) * wanted).checked_div(records as i128);
        self.width = fitting.map(|fitting| {
            let (shortest, longest) = ((width / STEP).max(1), width.saturating_mul(STEP));
            i64::try_from(fitting).unwrap_or(i64::MAX).clamp(shortest, longest)
        });
    }
}

fn asking<S: Store + ?Sized>(
    store: &S,
    query: Query,
    reach: Reach,
    after: Option<PageToken>,
) -> BoxFuture<'_, Result<Part>> {
    Box::pin(async move {
        let page = store.scan_page(&query, after).await?;
        Ok(Part { query, reach, page })
    })
}

/// A page of which the records of the earliest time are left out, since the next may have more of them.
struct Split {
    /// How many there are of later times.
    kept: usize,
    /// How long the time of these is.
    span: i64,
    /// The earliest time.
    from: Timestamp,
}

/// `None` if all are of one time.
fn split(list: &dyn FactsList) -> Option<Split> {
    let time = |at: usize| list.get(at).map(Facts::run_time);
    let end = list.len().checked_sub(1)?;
    let (first, from) = (time(0)?, time(end)?);
    let kept = (0..end).rev().find(|at| time(*at).is_some_and(|time| time > from))? + 1;
    Some(Split { kept, span: first.micros_since(from), from })
}

#[cfg(test)]
mod tests;
