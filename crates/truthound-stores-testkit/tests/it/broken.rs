//! A suite that lets a bug pass is worse than none: each broken store must fail the case that was written for its bug.

use std::collections::BTreeSet;
use std::sync::Once;
use std::{panic, thread};

use truthound_stores_testkit::{BrokenPlace, Flaw, Outcome, cases, flaws, run_all, run_case};

use crate::places::fragile;

/// The threads on which stores are expected to fail.
const EXPECTED_TO_PANIC: &str = "broken store";

fn on_a_runtime<T>(run: impl Future<Output = T>) -> T {
    static QUIET: Once = Once::new();
    // Hundreds of expected panics would bury the one that matters, and their backtraces take most of the time.
    QUIET.call_once(|| {
        let shown = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(EXPECTED_TO_PANIC) {
                shown(info);
            }
        }));
    });
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(4).thread_name(EXPECTED_TO_PANIC).enable_all().build().unwrap();
    runtime.block_on(run)
}

/// Tells whether a case fails for a flaw.
async fn is_caught(flaw: &'static Flaw, case: &'static str) -> bool {
    let run = tokio::spawn(async move { run_case(case, &BrokenPlace::new(fragile(), flaw)).await });
    run.await.is_err()
}

#[test]
fn every_broken_store_fails_the_case_for_its_bug() {
    let escaped = on_a_runtime(async {
        let mut escaped = Vec::new();
        for flaw in flaws() {
            if !is_caught(flaw, flaw.caught_by).await {
                escaped.push((flaw.name, flaw.caught_by));
            }
        }
        escaped
    });
    assert!(escaped.is_empty(), "bugs that their case does not catch: {escaped:#?}");
}

#[test]
fn the_cases_that_catch_bugs_exist_and_cover_every_subject() {
    // A case that does not exist fails, too: a misspelt name would pass for a catch.
    let known: BTreeSet<&str> = cases().iter().map(|case| case.name).collect();
    assert_eq!(known.len(), cases().len(), "two cases share a name");
    let strangers: Vec<_> = flaws().iter().filter(|flaw| !known.contains(flaw.caught_by)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    let catching: BTreeSet<&str> = flaws().iter().map(|flaw| flaw.caught_by).collect();
    let caught_in: BTreeSet<&str> =
        cases().iter().filter(|case| catching.contains(case.name)).map(|case| case.subject).collect();
    let subjects: BTreeSet<&str> = cases().iter().map(|case| case.subject).collect();
    assert_eq!(caught_in, subjects, "subjects whose cases catch no bug");
    let names: BTreeSet<&str> = flaws().iter().map(|flaw| flaw.name).collect();
    assert_eq!(names.len(), flaws().len(), "two flaws share a name");
}

#[test]
fn a_bug_in_one_thing_leaves_the_rest_of_the_suite_passing() {
    // Else a store that breaks everything would be "caught" by any case.
    let narrow = flaws().iter().find(|flaw| flaw.name == "accepts any page size").unwrap();
    let outcomes = on_a_runtime(run_all(|| BrokenPlace::new(fragile(), narrow)));
    assert_eq!(outcomes.len(), cases().len());
    let failed: Vec<_> = outcomes.into_iter().filter(|(_, outcome)| !outcome.is_passed()).collect();
    let [(case, Outcome::Failed(message))] = failed.as_slice() else { panic!("{failed:?}") };
    assert_eq!(*case, narrow.caught_by);
    assert!(message.contains("list pages of 0"), "the failure does not say what was wrong: {message}");
}
