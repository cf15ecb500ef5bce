//! Batches: which of their items are made again, so that the order per document stays.

use std::collections::HashSet;

use truthound_stores_core::{Error, ErrorKind, Key, Result};

use super::effect::{Doubt, Write, is_unknown};

/// Items of a batch with what was answered to them.
#[derive(Debug)]
pub(super) struct Batch<I, T> {
    items: Vec<Item<I, T>>,
    write: Write,
}

#[derive(Debug)]
struct Item<I, T> {
    key: Key,
    input: I,
    doubt: Doubt,
    /// `None` while it is to be made.
    answer: Option<Result<T>>,
}

impl<I: Clone, T> Batch<I, T> {
    pub(super) fn new(inputs: Vec<I>, key_of: impl Fn(&I) -> Key, write: Write) -> Self {
        let item = |input: I| Item { key: key_of(&input), input, doubt: Doubt::None, answer: None };
        Self { items: inputs.into_iter().map(item).collect(), write }
    }

    /// Returns what is to be made, in order.
    pub(super) fn due(&self) -> Vec<I> {
        self.items.iter().filter(|item| item.answer.is_none()).map(|item| item.input.clone()).collect()
    }

    /// Takes the answers to what was due, in its order. One that is missing is a bug of the store.
    pub(super) fn take(&mut self, answers: Vec<Result<T>>) {
        let mut answers = answers.into_iter();
        for item in self.items.iter_mut().filter(|item| item.answer.is_none()) {
            let missing = || {
                Err(Error::new(ErrorKind::Internal, "the store left an item of a batch unanswered")
                    .at(&item.key))
            };
            item.answer = Some(answers.next().unwrap_or_else(missing));
        }
    }

    /// Finds the items that may be made again; answers an error for all of them, the one that asks for the longest pause.
    ///
    /// An item is not made again once a later one with its key was carried out, or may have been: it would take that one's place.
    pub(super) fn repeatable(&self) -> Option<(Vec<usize>, Error)> {
        let mut overtaken = HashSet::new();
        let mut places = Vec::new();
        let mut slowest: Option<&Error> = None;
        for (place, item) in self.items.iter().enumerate().rev() {
            match &item.answer {
                Some(Err(error)) if self.write.may_repeat(error) && !overtaken.contains(&item.key) => {
                    places.push(place);
                    slowest = match slowest {
                        Some(other) if other.retry_after() >= error.retry_after() => Some(other),
                        _ => Some(error),
                    };
                }
                Some(Err(error)) if !is_unknown(error) => {}
                _ => {
                    overtaken.insert(&item.key);
                }
            }
        }
        places.reverse();
        slowest.map(|error| (places, error.repeat()))
    }

    /// Makes these items due again.
    pub(super) fn reopen(&mut self, places: &[usize]) {
        for &place in places {
            if let Some(item) = self.items.get_mut(place)
                && let Some(Err(error)) = item.answer.take()
            {
                item.doubt.note(&error);
            }
        }
    }

    /// Tells whether all succeeded.
    pub(super) fn is_done(&self) -> bool {
        self.items.iter().all(|item| matches!(item.answer, Some(Ok(_))))
    }

    /// Returns all answers in order, each with its item and with what attempts before it leave unknown.
    pub(super) fn into_answers(self) -> impl Iterator<Item = (I, Doubt, Result<T>)> {
        self.items.into_iter().map(|Item { key, input, doubt, answer }| {
            let missing = || Err(Error::new(ErrorKind::Internal, "an item of a batch was not made").at(&key));
            (input, doubt, answer.unwrap_or_else(missing))
        })
    }
}

#[cfg(test)]
mod tests;
