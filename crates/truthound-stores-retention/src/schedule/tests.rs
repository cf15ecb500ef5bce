//! When runs are due.

use truthound_stores_core::ErrorKind;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn next(expression: &str, after: &str) -> String {
    let cron: Cron = expression.parse().unwrap();
    cron.next_after(at(after)).to_string()
}

#[test]
fn cron_means_what_crontabs_mean() {
    for (expression, after, expected) in [
        ("* * * * *", "2026-11-29T12:00:00", "2026-11-29T12:01:00Z"),
        ("* * * * *", "2026-11-29T12:00:59.999999", "2026-11-29T12:01:00Z"),
        ("0 3 * * *", "2026-11-29T02:59:59", "2026-11-29T03:00:00Z"),
        ("0 3 * * *", "2026-11-29T03:00:00", "2026-11-30T03:00:00Z"),
        ("@daily", "2026-12-31T00:00:00", "2027-01-01T00:00:00Z"),
        ("@hourly", "2026-12-31T23:00:00", "2027-01-01T00:00:00Z"),
        ("@weekly", "2026-11-29T00:00:00", "2026-12-06T00:00:00Z"),
        ("@monthly", "2026-11-29T00:00:00", "2026-12-01T00:00:00Z"),
        ("@yearly", "2026-11-29T00:00:00", "2027-01-01T00:00:00Z"),
        ("*/15 * * * *", "2026-11-29T12:31:00", "2026-11-29T12:45:00Z"),
        ("5/20 * * * *", "2026-11-29T12:26:00", "2026-11-29T12:45:00Z"),
        ("30 9-17/4 * * *", "2026-11-29T13:30:00", "2026-11-29T17:30:00Z"),
        ("0 0 * * mon-fri", "2026-11-28T12:00:00", "2026-11-30T00:00:00Z"),
        ("0 0 * * 7", "2026-11-28T12:00:00", "2026-11-29T00:00:00Z"),
        ("0 0 * * Sun", "2026-11-28T12:00:00", "2026-11-29T00:00:00Z"),
        ("0 0 31 * *", "2026-11-29T12:00:00", "2026-12-31T00:00:00Z"),
        ("0 0 29 feb *", "2096-03-01T00:00:00", "2104-02-29T00:00:00Z"),
        ("0 0 1,15 jan,jul *", "2026-01-15T00:00:00", "2026-07-01T00:00:00Z"),
        // Both days are restricted: either will do.
        ("0 0 13 * fri", "2026-11-29T00:00:00", "2026-12-04T00:00:00Z"),
        ("0 0 13 * fri", "2026-12-11T00:00:00", "2026-12-13T00:00:00Z"),
        // A day that begins with a star does not restrict: both must be met.
        ("0 0 */2 * mon", "2026-11-29T00:00:00", "2026-12-07T00:00:00Z"),
    ] {
        assert_eq!(next(expression, after), expected, "{expression} after {after}");
    }
}

#[test]
fn what_is_no_expression_is_refused_by_field() {
    for (expression, said) in [
        ("", "0 fields"),
        ("0 3 * *", "4 fields"),
        ("60 * * * *", "the minute \"60\""),
        ("* 24 * * *", "the hour \"24\""),
        ("* * 0 * *", "the day of the month \"0\""),
        ("* * * 13 *", "the month \"13\""),
        ("* * * * 8", "the day of the week \"8\""),
        ("* * * * funday", "the day of the week \"funday\""),
        ("*/0 * * * *", "the minute \"*/0\""),
        ("5-1 * * * *", "the minute \"5-1\""),
        ("+5 * * * *", "the minute \"+5\""),
        ("1, * * * *", "the minute \"1,\""),
        ("0 0 30 2 *", "no year has"),
        ("@often", "1 fields"),
    ] {
        let error = expression.parse::<Cron>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{expression}");
        assert!(error.to_string().contains(said), "{expression}: {error}");
    }
}

#[test]
fn intervals_begin_at_once_and_count_from_the_last_run() {
    let schedule = RetentionSchedule::interval_hours(1.5).plan().unwrap();
    let since = at("2026-11-29T12:00:00");
    assert_eq!(schedule.due(None, since), since);
    assert_eq!(schedule.due(Some(since), since), at("2026-11-29T13:30:00"));
}

/// A machine that was off for a week once ran seven times in a row.
#[test]
fn missed_times_are_made_up_for_by_one_run() {
    let schedule = RetentionSchedule::cron("@daily").plan().unwrap();
    let (since, last) = (at("2026-11-01T12:00:00"), at("2026-11-02T00:00:10"));
    assert_eq!(schedule.due(None, since), at("2026-11-02T00:00:00"));
    assert_eq!(schedule.due(Some(last), since), at("2026-11-03T00:00:00"));
    assert_eq!(schedule.due(Some(at("2026-11-09T08:00:00")), since), at("2026-11-10T00:00:00"));
}

#[test]
fn schedules_that_cannot_be_are_refused() {
    for (schedule, said) in [
        (RetentionSchedule::interval_hours(0.0), "interval_hours = 0"),
        (RetentionSchedule::interval_hours(f64::NAN), "interval_hours = NaN"),
        (RetentionSchedule::interval_hours(1.0).with_lease_seconds(0.5), "lease_seconds = 0.5"),
        (
            RetentionSchedule { cron: Some("@daily".into()), ..RetentionSchedule::interval_hours(1.0) },
            "leave one out",
        ),
        (
            RetentionSchedule { interval_hours: None, ..RetentionSchedule::interval_hours(1.0) },
            "says no time",
        ),
    ] {
        let error = schedule.check().unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
}
