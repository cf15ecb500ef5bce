//! The latest changes of a space, in the order in which they were committed.

use std::collections::VecDeque;
use std::sync::Arc;

use truthound_stores_core::{
    Change, ChangeOp, ChangePage, ChangeToken, Error, Key, RecordMeta, Result, Revision,
};

/// Keeps the latest changes; positions count all changes since the beginning.
#[derive(Debug)]
pub(crate) struct Feed {
    epoch: u64,
    capacity: usize,
    /// The position of the first change that is still there.
    first: u64,
    kept: VecDeque<Event>,
}

/// One change; shares the description with the document itself.
#[derive(Debug)]
pub(crate) enum Event {
    Put(Arc<RecordMeta>),
    Delete(Key, Revision),
}

impl Feed {
    /// Begins a feed whose tokens are told from those of all other feeds by `epoch`.
    pub(crate) fn new(epoch: u64, capacity: usize) -> Self {
        Self { epoch, capacity, first: 0, kept: VecDeque::new() }
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.kept.push_back(event);
        if self.kept.len() > self.capacity {
            self.kept.pop_front();
            self.first += 1;
        }
    }

    pub(crate) fn read(&self, after: Option<&ChangeToken>, limit: usize) -> Result<ChangePage> {
        if limit == 0 {
            return Err(Error::invalid("limit is 0: ask for at least one change"));
        }
        let Some(token) = after else { return Ok(ChangePage::reset(self.token(self.end()))) };
        let (epoch, position) = parse(token)?;
        if epoch != self.epoch || position < self.first {
            return Ok(ChangePage::reset(self.token(self.end())));
        }
        if position > self.end() {
            return Err(not_ours(token));
        }
        let seen = usize::try_from(position - self.first).unwrap_or(usize::MAX);
        let changes: Vec<Change> = self.kept.iter().skip(seen).take(limit).map(Event::to_change).collect();
        let next = position + changes.len() as u64;
        Ok(ChangePage::new(changes, self.token(next)))
    }

    fn end(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    fn token(&self, position: u64) -> ChangeToken {
        ChangeToken::new(print(self.epoch, position))
    }
}

impl Event {
    fn to_change(&self) -> Change {
        match self {
            Self::Put(meta) => {
                Change { key: meta.key.clone(), op: ChangeOp::Put(Box::new(RecordMeta::clone(meta))) }
            }
            Self::Delete(key, revision) => {
                Change { key: key.clone(), op: ChangeOp::Delete { revision: Some(revision.clone()) } }
            }
        }
    }
}

fn print(epoch: u64, position: u64) -> String {
    format!("{epoch:016x}-{position}")
}

fn parse(token: &ChangeToken) -> Result<(u64, u64)> {
    let parts = token
        .as_str()
        .split_once('-')
        .and_then(|(epoch, position)| Some((u64::from_str_radix(epoch, 16).ok()?, position.parse().ok()?)));
    parts
        .filter(|(epoch, position)| print(*epoch, *position) == token.as_str())
        .ok_or_else(|| not_ours(token))
}

fn not_ours(token: &ChangeToken) -> Error {
    Error::invalid(format!(
        "{:?} is no token of this change feed: begin without one, and compare listings",
        token.as_str()
    ))
}

#[cfg(test)]
mod tests;
