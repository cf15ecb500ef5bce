//! Rows held in memory, as few bytes as they take: a million of them take some 200 MB.

use truthound_stores_core::{Result, Timestamp};

use crate::row::{Lately, Row};
use crate::segment::Entry;
use crate::state::State;

/// A row, packed but for what it is looked up and sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    id: Box<str>,
    pub(crate) state: State,
    time: Timestamp,
    /// As for [`Entry::arrived`].
    pub(crate) arrived: i64,
    /// Which of the suffixes the object's name has that it was read from.
    pub(crate) suffix: u16,
    pub(crate) is_put: bool,
    packed: Box<[u8]>,
}

impl Held {
    /// Packs a row. `arrived` counts for deletions only.
    pub(crate) fn of(row: Row, arrived: i64, suffix: u16) -> Self {
        let mut entry = Entry::new(0, row).arrived_at(arrived);
        let (time, is_put) = (entry.run_time(), entry.is_put());
        let id = std::mem::take(&mut entry.row.id).into_boxed_str();
        let packed = entry.row.pack().into_boxed_slice();
        Self { id, state: entry.row.state, time, arrived: entry.arrived, suffix, is_put, packed }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn row(&self) -> Result<Row> {
        let mut row = Row::unpack(&self.packed, &mut Lately::default())?;
        self.id.as_ref().clone_into(&mut row.id);
        Ok(row)
    }

    pub(crate) fn entry(&self, generation: u64) -> Result<Entry> {
        Ok(Entry::new(generation, self.row()?).arrived_at(self.arrived))
    }

    /// What rows are sorted by in segments: that of their entries.
    pub(crate) fn time_key(&self) -> (Timestamp, &str) {
        (self.time, &self.id)
    }
}

/// Rows by id.
#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Held>);

impl Rows {
    pub(crate) fn new(mut rows: Vec<Held>) -> Self {
        // Of one id in an order that is the same each time.
        rows.sort_unstable_by(|one, other| {
            (&one.id, one.suffix, one.state).cmp(&(&other.id, other.suffix, other.state))
        });
        Self(rows)
    }

    pub(crate) fn all(&self) -> &[Held] {
        &self.0
    }

    pub(crate) fn into_vec(self) -> Vec<Held> {
        self.0
    }

    /// Lists the rows of an id, with their numbers.
    pub(crate) fn of(&self, id: &str) -> impl Iterator<Item = (usize, &Held)> {
        let start = self.0.partition_point(|held| &*held.id < id);
        let rest = self.0.get(start..).unwrap_or_default();
        (start..).zip(rest).take_while(move |(_, held)| &*held.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::tests::Hub;
    use crate::row::Change;

    #[test]
    fn a_row_comes_back_from_its_packed_form() {
        let state = State { incarnation: 3, hlc: 9 };
        for change in [Change::Put(Box::new(Hub::new(1).facts())), Change::Delete] {
            let row = Row { id: "a/ü".to_owned(), state, before: None, change };
            let expected = Entry::new(5, row.clone()).arrived_at(77);
            let held = Held::of(row, 77, 0);
            assert_eq!(held.entry(5).unwrap(), expected);
            assert_eq!(held.time_key(), expected.time_key());
        }
    }

    #[test]
    fn rows_are_found_by_their_ids() {
        let row = |id: &str, incarnation| {
            let state = State { incarnation, hlc: 1 };
            Held::of(Row { id: id.to_owned(), state, before: None, change: Change::Delete }, 0, 0)
        };
        let rows = Rows::new(vec![row("b", 2), row("a", 1), row("b", 1), row("c", 1)]);
        let found = |id| rows.of(id).map(|(at, held)| (at, held.state.incarnation)).collect::<Vec<_>>();
        assert_eq!(found("b"), [(1, 1), (2, 2)]);
        assert_eq!(found("a"), [(0, 1)]);
        assert_eq!(found("bb"), []);
        assert_eq!(found(""), []);
    }
}
