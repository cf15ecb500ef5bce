use std::time::Duration;

use super::*;
use crate::{Document, ErrorKind, Severity, Timestamp};

/// Stands still at one instant; its randomness is one byte.
#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-01-31T12:00:00.5Z".parse().unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        bytes.fill(0xab);
    }
}

fn failed(severity: &str) -> ValidatorResult {
    ValidatorResult::failed("range", severity, 0)
}

#[test]
fn the_clock_gives_id_and_time() {
    let result = ValidationResult::from_parts("orders", vec![], &Fixed).unwrap();
    assert_eq!(result.id(), "run_20260131_120000_abababab");
    assert_eq!(result.run_time.as_str(), "2026-01-31T12:00:00.500000Z");
}

#[test]
fn the_status_follows_from_the_worst_issue() {
    let passed = || ValidatorResult::passed("unique");
    for (results, status) in [
        (vec![], Status::SUCCESS),
        (vec![passed()], Status::SUCCESS),
        (vec![passed(), failed("low")], Status::WARNING),
        (vec![failed("blocker")], Status::WARNING),
        (vec![failed("high"), failed("critical"), passed()], Status::FAILURE),
    ] {
        let result = ValidationResult::from_parts("orders", results, &Fixed).unwrap();
        assert_eq!(result.status, status, "{result:?}");
        assert_eq!(result.success(), status == Status::SUCCESS);
    }
    let given = ValidationResult::builder("orders").result(failed("critical")).status("failed");
    assert_eq!(given.build(&Fixed).unwrap().status, Status::FAILURE);
    let given = ValidationResult::builder("orders").result(failed("critical")).status(Status::ERROR);
    assert_eq!(given.build(&Fixed).unwrap().status, Status::ERROR);
}

#[test]
fn every_part_that_is_set_is_written() {
    let result = ValidationResult::builder("orders")
        .run_id("run_1")
        .run_time("2026-03-01 12:00".parse::<TimeText>().unwrap())
        .results([failed("high").with_column("email")])
        .statistics(Statistics { total_validators: 9, total_rows: 1, ..Statistics::default() })
        .rows(4)
        .columns(3)
        .execution_time_ms(1.5)
        .tag("team", "sales")
        .metadata("source", "warehouse")
        .suite_name("nightly")
        .runtime_environment("host", "worker-1")
        .build(&Fixed)
        .unwrap();
    assert_eq!(
        result.to_json().unwrap().to_string(),
        concat!(
            r#"{"run_id":"run_1","run_time":"2026-03-01 12:00","data_asset":"orders","status":"warning","#,
            r#""results":[{"validator_name":"range","success":false,"column":"email","issue_type":null,"#,
            r#""count":0,"severity":"high","message":null,"details":{},"execution_time_ms":0.0}],"#,
            r#""statistics":{"total_validators":9,"passed_validators":0,"failed_validators":0,"#,
            r#""error_validators":0,"total_rows":4,"total_columns":3,"total_issues":0,"critical_issues":0,"#,
            r#""high_issues":0,"medium_issues":0,"low_issues":0,"execution_time_ms":1.5,"pass_rate":0.0,"#,
            r#""issue_rate":0.0},"tags":{"team":"sales"},"metadata":{"source":"warehouse"},"#,
            r#""suite_name":"nightly","runtime_environment":{"host":"worker-1"}}"#
        )
    );
}

/// R-ANY-10: an id that no key can have is refused before anything is stored.
#[test]
fn unusable_ids_are_refused() {
    for id in ["", "a\nb", &"x".repeat(513)] {
        let error = ValidationResult::builder("orders").run_id(id).build(&Fixed).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.message().contains("id"), "{error}");
    }
}

#[test]
fn a_suite_knows_when_it_was_changed() {
    let mut suite = crate::ExpectationSuite::new("customers", "orders", &Fixed).unwrap();
    suite.updated_at = None;
    suite.add(crate::Expectation::new("not_null"), &Fixed);
    assert_eq!(suite.updated_at, suite.created_at);
    suite.expectations[0].enabled = false;
    assert_eq!(suite.enabled().count(), 0);
    assert_eq!(suite.id(), "customers");
    let error = crate::ExpectationSuite::new("a\tb", "orders", &Fixed).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[test]
fn failed_columns_and_issues_leave_out_what_passed() {
    let mut passed = failed("high").with_column("id");
    passed.success = true;
    let results = [
        failed("high").with_column("email"),
        passed,
        failed("low").with_column("age"),
        failed("high").with_column("email"),
        failed("high").with_column(""),
        failed("high"),
    ];
    let result = ValidationResult::builder("orders").results(results).build(&Fixed).unwrap();
    assert_eq!(result.get_failed_columns(), ["email", "age"]);
    assert_eq!(result.get_issues_by_severity(&Severity::HIGH).len(), 4);
    assert_eq!(result.get_issues_by_severity("low").len(), 1);
    assert_eq!(result.get_issues_by_severity("none").len(), 0);
}

#[test]
fn a_summary_tells_all_counts() {
    let result = ValidationResult::builder("orders")
        .run_id("run_1")
        .suite_name("nightly")
        .status("skipped")
        .statistics(Statistics {
            total_validators: 9,
            passed_validators: 6,
            failed_validators: 1,
            error_validators: 2,
            total_issues: 10,
            critical_issues: 1,
            high_issues: 2,
            medium_issues: 3,
            low_issues: 4,
            ..Statistics::default()
        })
        .build(&Fixed)
        .unwrap();
    assert_eq!(
        result.summary(),
        "orders: skipped\n\
         run run_1, 2026-01-31T12:00:00.500000Z, suite nightly\n\
         validators: 6 of 9 passed, 1 failed, 2 broke\n\
         issues: 10 (1 critical, 2 high, 3 medium, 4 low)"
    );
}
