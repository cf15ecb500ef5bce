//! Exact counts of what a client asked of its store.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use super::command::{Command, RequestKind};

/// How many requests the log holds.
const LOGGED: usize = 1_000;

/// Counts requests by kind, and remembers the last thousand.
///
/// Every request that a client sends counts, whether or not it succeeds; what arrives a second time does not.
///
/// # Examples
/// ```
/// use truthound_stores_testkit::object::{RequestKind, Simulation, StoreOptions};
/// use object_store::ObjectStoreExt;
///
/// let mut simulation = Simulation::new(1);
/// let store = simulation.store(StoreOptions::s3());
/// let client = store.clone();
/// simulation.block_on("client", async move { client.put(&"a/b".into(), "text".into()).await }).unwrap();
/// assert_eq!(store.requests().of(RequestKind::Put), 1);
/// assert_eq!(store.requests().to_string(), "1 put");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    counts: BTreeMap<RequestKind, u64>,
    sent: u64,
    late: u64,
    log: VecDeque<LoggedRequest>,
}

/// A request as it was sent, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// Which request it was of all since the store was made, counted from 0.
    pub number: u64,
    /// What it asked for.
    pub kind: RequestKind,
    /// The names that it was about; of a listing, the prefix.
    pub names: Vec<String>,
    /// What kind and names do not say: mode, range, page.
    pub detail: String,
    /// How it ended in the store, as far as it got there; the client may have heard otherwise, or nothing.
    pub outcome: Option<String>,
}

impl Requests {
    /// Returns how many requests of `kind` were sent.
    pub fn of(&self, kind: RequestKind) -> u64 {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    /// Returns how many requests were sent.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Returns how many requests arrived late or a second time.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Returns the last thousand requests, oldest first.
    pub fn log(&self) -> impl Iterator<Item = &LoggedRequest> {
        self.log.iter()
    }

    pub(super) fn sent(&mut self, command: &Command) -> u64 {
        *self.counts.entry(command.kind()).or_insert(0) += 1;
        let number = self.sent;
        self.sent += 1;
        if self.log.len() == LOGGED {
            self.log.pop_front();
        }
        self.log.push_back(LoggedRequest {
            number,
            kind: command.kind(),
            names: command.names(),
            detail: command.detail(),
            outcome: None,
        });
        number
    }

    pub(super) fn ended(&mut self, number: u64, outcome: String) {
        if let Some(request) = self.log.iter_mut().rev().find(|request| request.number == number) {
            request.outcome = Some(outcome);
        }
    }

    pub(super) fn arrived_late(&mut self) {
        self.late += 1;
    }

    /// Starts counting anew; numbers go on, so that what is on its way finds no other's entry.
    pub(super) fn reset(&mut self) {
        *self = Self { sent: self.sent, ..Self::default() };
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.counts.is_empty() {
            return f.write_str("none");
        }
        let counts: Vec<String> = self.counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        f.write_str(&counts.join(", "))
    }
}
