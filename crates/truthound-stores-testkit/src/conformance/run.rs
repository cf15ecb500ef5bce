//! Running cases: as tests, one by one, or all with their outcomes.

use std::any::Any;

use super::list::CASES;
use super::{PATIENCE, Place, Running};

/// One case of the suite.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What it is about, such as `paging`.
    pub subject: &'static str,
    /// What must hold, as a sentence; no two cases share a name.
    pub name: &'static str,
    pub(super) run: for<'a> fn(&'a dyn Place) -> Running<'a>,
}

/// Says how a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All held.
    Passed,
    /// Something did not hold, or took too long: the message of the panic.
    Failed(String),
}

impl Outcome {
    /// Tells whether all held.
    pub fn is_passed(&self) -> bool {
        *self == Self::Passed
    }
}

/// Lists all cases.
pub fn cases() -> &'static [Case] {
    CASES
}

/// Lists the names of all cases.
pub fn case_names() -> impl Iterator<Item = &'static str> {
    CASES.iter().map(|case| case.name)
}

/// Runs a case.
///
/// # Panics
/// If the store breaks what the case says, if it takes longer than two minutes, or if there is no such case.
pub async fn run_case(name: &str, place: &dyn Place) {
    let case = CASES.iter().find(|case| case.name == name);
    let case = case.unwrap_or_else(|| panic!("there is no case {name:?}"));
    let ended = tokio::time::timeout(PATIENCE, (case.run)(place)).await;
    assert!(ended.is_ok(), "the case {name} is stuck: it did not end within {PATIENCE:?}");
}

/// Runs a case on a runtime of its own with four threads; [`conformance_tests!`](crate::conformance_tests) makes its tests
/// of this.
///
/// # Panics
/// As [`run_case`], and if called within a runtime.
pub fn test_case(name: &str, place: &dyn Place) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    runtime.expect("the test's runtime starts").block_on(run_case(name, place));
}

/// Runs every case in a fresh place and answers how each ended; for testing the suite itself.
///
/// # Panics
/// If called outside a runtime.
pub async fn run_all<P: Place>(make: impl Fn() -> P) -> Vec<(&'static str, Outcome)> {
    let mut outcomes = Vec::with_capacity(CASES.len());
    for case in CASES {
        outcomes.push((case.name, outcome_of(case.name, make()).await));
    }
    outcomes
}

async fn outcome_of<P: Place>(name: &'static str, place: P) -> Outcome {
    match tokio::spawn(async move { run_case(name, &place).await }).await {
        Ok(()) => Outcome::Passed,
        Err(error) if error.is_panic() => Outcome::Failed(message_of(&*error.into_panic())),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
