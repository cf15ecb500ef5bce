//! Lines as the runners print them, and the report that is made of them.

use super::report::parse_skips;
use super::tally::Counts;
use super::*;

fn nextest(lines: &str, succeeded: bool) -> Tally {
    let mut tally = Tally::default();
    lines.lines().for_each(|line| tally.nextest_line(line));
    tally.end("cargo nextest run", succeeded);
    tally
}

fn both() -> BTreeMap<String, String> {
    ["filesystem", "memory"]
        .map(|name| (name.to_owned(), format!("truthound-stores-{name}")))
        .into_iter()
        .collect()
}

fn last(report: &Report) -> String {
    report.lines().last().cloned().unwrap_or_default()
}

const GREEN: &str = "
    Starting 3 tests across 2 binaries (1 test skipped)
        PASS [   0.008s] (1/3) truthound-stores-memory queries::one
        PASS [   0.015s] (2/3) truthound-stores-filesystem::it x
        PASS [   0.015s] (3/3) truthound-stores-filesystem::it y
------------
     Summary [   0.148s] 3 tests run: 3 passed (1 slow, 1 flaky), 1 skipped";

const RED: &str = "
        PASS [   0.008s] ( 1/12) truthound-stores-memory queries::one
        FAIL [   0.145s] (12/12) truthound-stores-filesystem::it x
  stdout ---

    running 1 test
    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.14s

     Summary [   0.148s] 5/12 tests run: 2 passed, 1 failed, 2 timed out, 7 skipped
        FAIL [   0.145s] (12/12) truthound-stores-filesystem::it x";

#[test]
fn nextest_totals_come_from_its_closing_line() {
    assert_eq!(nextest(GREEN, true).total(), Counts { passed: 3, failed: 0, skipped: 1 });
    assert_eq!(nextest(RED, false).total(), Counts { passed: 2, failed: 3, skipped: 7 });
}

#[test]
fn a_failure_that_nextest_repeats_after_its_summary_counts_once() {
    let counts = nextest(RED, false).package("truthound-stores-filesystem");
    assert_eq!(counts, Counts { passed: 0, failed: 1, skipped: 0 });
}

#[test]
fn cargo_test_lines_are_given_to_the_crate_whose_program_runs() {
    let mut tally = Tally::default();
    let program = ("it-cdab8fbaa8a9e7b7".to_owned(), "truthound-stores-memory".to_owned());
    tally.programs([program].into_iter().collect());
    let lines = "
     Running tests/it/main.rs (target/debug/deps/it-cdab8fbaa8a9e7b7)
test result: FAILED. 4 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.20s
   Doc-tests truthound_stores_core
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
    lines.lines().for_each(|line| tally.libtest_line(line));
    tally.end("cargo test", false);
    assert_eq!(tally.package("truthound-stores-memory"), Counts { passed: 4, failed: 1, skipped: 2 });
    assert_eq!(tally.package("truthound-stores-core").passed, 3);
    assert_eq!(tally.total(), Counts { passed: 7, failed: 1, skipped: 2 });
}

#[test]
fn the_report_ends_with_backends_and_totals() {
    let report = Report::new(&both(), None, &nextest(GREEN, true), &[]);
    assert!(report.passed());
    assert_eq!(
        report.lines(),
        ["backends: filesystem ok, memory ok; skipped: 0", "3 passed, 0 failed, 1 skipped"]
    );
}

#[test]
fn a_reported_skip_is_told_with_its_reason_and_is_no_pass() {
    let skips = parse_skips("memory\tno memory left\nmemory\tno memory left\n");
    let report = Report::new(&both(), None, &nextest(GREEN, true), &skips);
    assert_eq!(
        report.lines(),
        [
            "backends: filesystem ok, memory skipped; skipped: 1 (memory: no memory left)",
            "1 passed, 0 failed, 3 skipped"
        ]
    );
}

#[test]
fn a_failed_test_marks_its_backend() {
    let report = Report::new(&both(), None, &nextest(RED, false), &[]);
    assert!(!report.passed());
    assert!(report.lines().concat().contains("filesystem FAILED, memory ok"), "{report:?}");
}

#[test]
fn a_run_that_never_reached_a_test_is_a_failure() {
    let report = Report::new(&both(), None, &nextest("error: could not compile `x`", false), &[]);
    assert!(!report.passed());
    assert_eq!(last(&report), "0 passed, 1 failed, 0 skipped");
    assert!(report.lines().concat().contains("filesystem not run, memory not run"), "{report:?}");
}

#[test]
fn naming_a_package_narrows_the_run_to_it() {
    let shown = |args: &[&str]| {
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        run::show(scope(&mut Command::new("cargo"), &args))
    };
    assert_eq!(shown(&["codec"]), "cargo --workspace --all-features");
    assert_eq!(shown(&["-p", "xtask"]), "cargo --all-features");
    assert_eq!(shown(&["--package=xtask"]), "cargo --all-features");
    assert_eq!(shown(&["--", "-pretty"]), "cargo --workspace --all-features");
}

#[test]
fn a_server_that_tests_had_to_do_without_is_told_before_the_totals() {
    let servers = "servers: none; lacking: 1 (mariadb: no room)".to_owned();
    let lines = Report::new(&both(), Some(servers.clone()), &nextest(GREEN, true), &[]).lines();
    assert_eq!(lines[0], servers);
    assert_eq!(lines.len(), 3, "{lines:?}");
}
