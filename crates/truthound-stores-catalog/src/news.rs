//! News: what the tail says beyond the segments, and which rows it ends.

use std::collections::BTreeMap;

use crate::row::{Change, Facts, Row};
use crate::state::State;

/// The rows of a tail that count: none of them replaces another.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// By id, in an order that is the same each time; of one document there may be rows of several incarnations.
    rows: BTreeMap<String, Vec<Row>>,
}

impl News {
    /// Keeps of each document's incarnations the latest row. The rows are those of the tail that no fold has taken and that are not known
    /// (see [`is_above`]); the same row may come more than once.
    pub(crate) fn of(rows: impl IntoIterator<Item = Row>) -> Self {
        let mut news = Self::default();
        for row in rows {
            let known = news.rows.entry(row.id.clone()).or_default();
            match known.iter_mut().find(|other| other.state.incarnation == row.state.incarnation) {
                Some(other) if row.state.replaces(other.state) => *other = row,
                Some(_) => {}
                None => known.push(row),
            }
        }
        news
    }

    /// Tells whether one of these rows replaces a state: whatever a segment says of it counts no more.
    #[cfg(test)]
    pub(crate) fn replaces(&self, id: &str, state: State) -> bool {
        self.rows.get(id).is_some_and(|rows| rows.iter().any(|row| row.state.replaces(state)))
    }

    /// Tells whether one of these rows is that of a state, or replaces it.
    pub(crate) fn covers(&self, id: &str, state: State) -> bool {
        self.rows.get(id).is_some_and(|rows| {
            rows.iter().any(|row| row.state.incarnation == state.incarnation && row.state.hlc >= state.hlc)
        })
    }

    /// Lists documents that are there.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&Row, &Facts)> {
        self.all().filter_map(|row| match &row.change {
            Change::Put(facts) => Some((row, &**facts)),
            Change::Delete => None,
        })
    }

    /// Lists all rows, those of deletions too.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Row> {
        self.rows.values().flatten()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.values().map(Vec::len).sum()
    }
}

/// Tells whether a row can be no earlier than anything that was folded: then no segment knows it or what replaces it, for whatever replaces
/// a row has a higher time, and the watermark is at least that of all that was folded.
pub(crate) fn is_above(row: &Row, watermark: u64) -> bool {
    row.state.hlc > watermark
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use truthound_stores_core::Timestamp;

    use super::*;
    use crate::row::Before;

    fn row(id: u8, incarnation: u64, hlc: u64) -> Row {
        let state = State { incarnation, hlc };
        let before = Before {
            state: State { hlc: hlc.saturating_sub(1), ..state },
            data_asset: "orders".to_owned(),
            run_time: Timestamp::UNIX_EPOCH,
        };
        Row { id: id.to_string(), state, before: Some(before), change: Change::Delete }
    }

    proptest! {
        /// In whatever order and however often rows come, what counts is the latest of each incarnation.
        #[test]
        fn news_are_the_latest_of_each_incarnation(all in proptest::collection::vec((0..3_u8, 0..2_u64, 0..6_u64), 0..20)) {
            let rows: Vec<Row> = all.iter().map(|(id, incarnation, hlc)| row(*id, *incarnation, *hlc)).collect();
            let news = News::of(rows.clone());
            let mut expected: Vec<&Row> = rows
                .iter()
                .filter(|row| !rows.iter().any(|other| other.id == row.id && other.state.replaces(row.state)))
                .collect();
            expected.sort_by_key(|row| (row.id.clone(), row.state));
            expected.dedup();
            let mut found: Vec<&Row> = news.all().collect();
            found.sort_by_key(|row| (row.id.clone(), row.state));
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(news.len(), expected.len());
            for row in &rows {
                prop_assert!(news.covers(&row.id, row.state));
                let later = rows.iter().any(|other| other.id == row.id && other.state.replaces(row.state));
                prop_assert_eq!(news.replaces(&row.id, row.state), later);
            }
        }
    }

    #[test]
    fn another_incarnation_ends_nothing() {
        let news = News::of([row(1, 1, 5)]);
        assert!(news.replaces("1", State { incarnation: 1, hlc: 4 }));
        assert!(!news.replaces("1", State { incarnation: 2, hlc: 4 }));
        assert!(!news.replaces("2", State { incarnation: 1, hlc: 4 }));
    }
}
