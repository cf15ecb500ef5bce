use super::*;

fn read(text: &str) -> ResultStatistics {
    Part::read(Json::parse(text.as_bytes()).unwrap()).unwrap()
}

fn rates(statistics: &ResultStatistics) -> [String; 2] {
    let json = Part::write(statistics).unwrap();
    ["pass_rate", "issue_rate"].map(|name| json.get(name).unwrap().to_string())
}

#[test]
fn a_rate_that_contradicts_the_counts_stays_until_they_change() {
    let mut statistics =
        read(r#"{"total_validators": 4, "passed_validators": 1, "pass_rate": 0.9, "issue_rate": "none"}"#);
    assert_eq!(rates(&statistics), ["0.9", r#""none""#]);
    statistics.counts.passed_validators = 3;
    assert_eq!(rates(&statistics), ["0.75", r#""none""#]);
    statistics.counts.total_rows = 8;
    statistics.counts.total_issues = 1;
    assert_eq!(rates(&statistics), ["0.75", "0.125"]);
}

#[test]
fn rates_are_one_and_zero_where_nothing_was_looked_at() {
    assert_eq!(rates(&ResultStatistics::default()), ["1.0", "0.0"]);
}

#[test]
fn issues_are_counted_by_severity_and_only_of_those_that_failed() {
    let mut passed = ValidatorResult::failed("a", Severity::CRITICAL, 100).with_execution_time_ms(1.5);
    passed.success = true;
    let mut unrated = ValidatorResult::failed("b", Severity::LOW, 10);
    unrated.severity = None;
    let counts = ResultStatistics::of(&[
        passed,
        unrated,
        ValidatorResult::failed("c", Severity::CRITICAL, 1),
        ValidatorResult::failed("c", Severity::HIGH, 2),
        ValidatorResult::failed("c", Severity::HIGH, 3).with_execution_time_ms(0.25),
        ValidatorResult::failed("c", Severity::MEDIUM, 4),
        ValidatorResult::failed("c", Severity::LOW, 5),
        ValidatorResult::failed("c", "blocker", 6),
    ])
    .counts;
    let expected = Statistics {
        total_validators: 8,
        passed_validators: 1,
        failed_validators: 7,
        total_issues: 7,
        critical_issues: 1,
        high_issues: 2,
        medium_issues: 1,
        low_issues: 1,
        execution_time_ms: 1.75,
        ..Statistics::default()
    };
    assert_eq!(counts, expected);
}
