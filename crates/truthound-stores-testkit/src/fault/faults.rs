//! The script that decides which calls fail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use truthound_stores_core::{Error, ErrorKind, Key, Result};

use super::rule::{Effect, Moment};
use super::{Fault, Operation};

/// Decides which calls of a [`FaultyStore`](crate::FaultyStore) fail, and counts all calls. Clones share one script.
///
/// Nothing is left to chance: the same calls in the same order meet the same faults.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    faults: Vec<Fault>,
    calls: BTreeMap<Operation, u64>,
}

impl Faults {
    /// Makes a script in which nothing fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault; those added before it stay.
    pub fn add(&self, fault: Fault) {
        self.script().faults.push(fault);
    }

    /// Makes every call fail with `kind`, before it takes effect, until [`heal`](Self::heal).
    pub fn outage(&self, kind: ErrorKind) {
        self.add(Fault::fail(kind).forever());
    }

    /// Forgets all faults. Calls that are held at a gate stay there until it opens.
    pub fn heal(&self) {
        self.script().faults.clear();
    }

    /// Returns how many calls of `operation` were made so far, those that failed included.
    pub fn calls(&self, operation: Operation) -> u64 {
        self.script().calls.get(&operation).copied().unwrap_or(0)
    }

    /// Returns how many calls were made so far of all operations.
    pub fn total_calls(&self) -> u64 {
        self.script().calls.values().sum()
    }

    /// Counts a call and takes the faults that strike it.
    pub(super) fn begin(&self, operation: Operation) -> Call {
        let mut script = self.script();
        let number = script.calls.entry(operation).or_insert(0);
        *number += 1;
        let number = *number;
        let struck =
            script.faults.iter_mut().filter_map(|fault| fault.strikes(operation).then(|| fault.clone()));
        Call { operation, number, faults: struck.collect() }
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is under way, and what strikes it.
pub(super) struct Call {
    operation: Operation,
    number: u64,
    faults: Vec<Fault>,
}

impl Call {
    /// Holds, then fails, as the script says for the moment before the effect.
    pub(super) async fn before(&self) -> Result<()> {
        self.strike(Moment::Before).await
    }

    /// As [`before`](Self::before), for the moment after the effect.
    pub(super) async fn after(&self) -> Result<()> {
        self.strike(Moment::After).await
    }

    async fn strike(&self, moment: Moment) -> Result<()> {
        for fault in self.at(moment) {
            match &fault.effect {
                Effect::Hold(gate) => gate.pass().await,
                Effect::Fail(kind) if fault.item.is_none() => return Err(self.error(*kind)),
                Effect::Fail(_) => {}
            }
        }
        Ok(())
    }

    /// Tells how one item of a batch fails, if it does.
    pub(super) fn item(&self, index: usize, moment: Moment) -> Option<Error> {
        self.at(moment).filter(|fault| fault.item == Some(index)).find_map(|fault| match &fault.effect {
            Effect::Fail(kind) => Some(self.error(*kind)),
            Effect::Hold(_) => None,
        })
    }

    fn at(&self, moment: Moment) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(move |fault| fault.moment == moment)
    }

    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, "a fault was injected")
            .during(self.operation.as_str())
            .with("call", self.number.to_string())
    }

    /// Names the key in an error of this call.
    pub(super) fn at_key<T>(answer: Result<T>, key: &Key) -> Result<T> {
        answer.map_err(|error| error.at(key))
    }
}
