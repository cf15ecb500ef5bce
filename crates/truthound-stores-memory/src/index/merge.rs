//! Merges walks by time into one.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;

use super::{Entries, Entry};

/// Merges walks that are ordered by time and then id, all in the same direction.
pub(super) fn merge<'a>(mut walks: impl Iterator<Item = Entries<'a>>, ascending: bool) -> Entries<'a> {
    let (Some(first), second) = (walks.next(), walks.next()) else { return Box::new(std::iter::empty()) };
    let Some(second) = second else { return first };
    let walks = [first, second].into_iter().chain(walks);
    let heads = walks.filter_map(|mut rest| Some(Head { entry: rest.next()?, rest, ascending }));
    Box::new(Merge(heads.collect()))
}

struct Merge<'a>(BinaryHeap<Head<'a>>);

impl<'a> Iterator for Merge<'a> {
    type Item = &'a Arc<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut head = self.0.peek_mut()?;
        let entry = head.entry;
        match head.rest.next() {
            Some(following) => head.entry = following,
            None => drop(PeekMut::pop(head)),
        }
        Some(entry)
    }
}

/// The document that a walk is at. The greatest head is the one to give next.
struct Head<'a> {
    entry: &'a Arc<Entry>,
    rest: Entries<'a>,
    ascending: bool,
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.entry, other.entry);
        let ascending = a.run_time().cmp(&b.run_time()).then_with(|| a.meta.key.id().cmp(b.meta.key.id()));
        if self.ascending { ascending.reverse() } else { ascending }
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head<'_> {}
