//! Documents that have something in common, ordered by time and by id.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use truthound_stores_core::{OrderValue, Position, Query};

use super::{Entries, Entry};

/// A place in the order by time: microseconds since 1970, then the id. `""` stands before every id.
type TimeKey = (i64, Arc<str>);

/// Holds documents in two orders.
#[derive(Debug, Default)]
pub(super) struct Group {
    by_id: BTreeMap<Arc<str>, Arc<Entry>>,
    by_time: BTreeMap<TimeKey, Arc<Entry>>,
}

impl Group {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Arc<Entry>> {
        self.by_id.get(id)
    }

    pub(super) fn oldest(&self) -> Option<&Arc<Entry>> {
        self.by_time.first_key_value().map(|(_, entry)| entry)
    }

    /// Adds a document whose id is not in the group yet.
    pub(super) fn insert(&mut self, id: Arc<str>, entry: Arc<Entry>) {
        self.by_time.insert((micros(&entry), Arc::clone(&id)), Arc::clone(&entry));
        self.by_id.insert(id, entry);
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Arc<Entry>> {
        let (id, entry) = self.by_id.remove_entry(id)?;
        self.by_time.remove(&(micros(&entry), id));
        Some(entry)
    }

    /// Walks by time, over what lies within the window.
    pub(super) fn in_window<'a>(&'a self, window: &'a Window, ascending: bool) -> Entries<'a> {
        // One bound is given to the map and the other is checked on the way: a range whose ends are crossed panics.
        if ascending {
            let range = self.by_time.range((excluded(window.lower.as_ref()), Bound::Unbounded));
            let within = range.take_while(|(key, _)| window.upper.as_ref().is_none_or(|upper| *key < upper));
            Box::new(within.map(|(_, entry)| entry))
        } else {
            let range = self.by_time.range((Bound::Unbounded, excluded(window.upper.as_ref())));
            let within =
                range.rev().take_while(|(key, _)| window.lower.as_ref().is_none_or(|lower| *key > lower));
            Box::new(within.map(|(_, entry)| entry))
        }
    }

    /// Walks by id, over what comes after `after` in this direction.
    pub(super) fn by_id(&self, after: Option<&str>, ascending: bool) -> Entries<'_> {
        let after = excluded(after);
        if ascending {
            Box::new(self.by_id.range::<str, _>((after, Bound::Unbounded)).map(|(_, entry)| entry))
        } else {
            Box::new(self.by_id.range::<str, _>((Bound::Unbounded, after)).rev().map(|(_, entry)| entry))
        }
    }
}

fn micros(entry: &Entry) -> i64 {
    entry.run_time().as_micros()
}

fn excluded<T: ?Sized>(limit: Option<&T>) -> Bound<&T> {
    limit.map_or(Bound::Unbounded, Bound::Excluded)
}

/// Bounds the part of the order by time that a page can be in; both ends lie outside.
#[derive(Debug)]
pub(super) struct Window {
    lower: Option<TimeKey>,
    upper: Option<TimeKey>,
}

impl Window {
    /// Combines a query's times with the place where its page begins, if the query orders by time.
    pub(super) fn new(query: &Query, position: Option<&Position>) -> Self {
        let before_ids: Arc<str> = "".into();
        let mut lower = query.start_time.map(|start| (start.as_micros(), Arc::clone(&before_ids)));
        let mut upper = query.end_time.map(|end| (end.as_micros() + 1, before_ids));
        if let Some(Position { order: OrderValue::Time(micros), id, .. }) = position {
            let place = (*micros, id.as_str().into());
            if query.ascending {
                lower = lower.max(Some(place));
            } else {
                upper = Some(upper.map_or(place.clone(), |end| end.min(place)));
            }
        }
        Self { lower, upper }
    }

    /// Tells whether every time lies within.
    pub(super) fn is_open(&self) -> bool {
        self.lower.is_none() && self.upper.is_none()
    }
}
