//! The protocol of the catalog (decision 0009), walked through state by state.
//!
//! Many writers, folders, readers, clean-ups and followers of the feed work on one object store, know nothing of each other, crash, lose
//! acknowledgements, and find requests landing twice or late. Each scenario lets some of them do so in every order there is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]
#![allow(
    clippy::print_stdout,
    reason = "what a test prints, the size of the search for one, is shown if asked for"
)]

mod body;
mod checker;
mod cleaner;
mod fold;
mod folder;
mod follower;
mod hash;
mod invariants;
mod late;
mod protocol;
mod reader;
mod reindexer;
mod scenario;
mod scenarios;
mod seeded;
mod show;
mod state;
mod suffixed;
mod suffixes;
mod toy;
mod view;
mod wide;
mod world;
mod writer;

use std::time::Instant;

/// No scenario may need more than this: the whole test has a minute.
const STATES: usize = 3_000_000;

/// Walks through a scenario, and says how far that was.
fn explore(scenario: &scenario::Scenario, limit: usize) -> checker::Outcome {
    #[allow(clippy::disallowed_methods, reason = "says how long the search took")]
    let start = Instant::now();
    let outcome = checker::search(scenario, limit);
    let seconds = start.elapsed().as_secs_f32();
    println!("{}: {} states, {} steps deep, {seconds:.1} s", scenario.name, outcome.states, outcome.depth);
    outcome
}

/// Walks through a scenario in which nothing may go wrong.
fn holds(scenario: &scenario::Scenario) {
    holds_within(scenario, STATES);
}

/// Walks through a scenario that long tests widen.
fn holds_or_wider(name: &str, scenario: scenario::Scenario) {
    let (scenario, limit) = wide::of(scenario, name, STATES);
    holds_within(&scenario, limit);
}

fn holds_within(scenario: &scenario::Scenario, limit: usize) {
    if let Some(violation) = explore(scenario, limit).violation {
        panic!("{}: {}\n{}", scenario.name, violation.what, violation.trace);
    }
}

/// Walks through a scenario with one seeded error, which must be found as what it does.
fn finds(mut scenario: scenario::Scenario, flaw: scenario::Flaw, what: &str) {
    scenario.flaw = Some(flaw);
    match explore(&scenario, STATES).violation {
        None => panic!("{flaw:?} was not found in {}", scenario.name),
        Some(violation) => {
            println!("{flaw:?}: {} after {} steps", violation.what, violation.steps);
            assert_eq!(violation.what, what, "{flaw:?}\n{}", violation.trace);
        }
    }
}
