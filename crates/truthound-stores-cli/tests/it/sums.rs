//! `stats` and `trend`: sums over documents, in print and as charts.

use serde_json::{Value, json};

use crate::harness::{Place, four, result_with};

fn with_counts(id: &str, asset: &str, time: &str, status: &str, passed: u64, issues: u64) -> String {
    let counts = format!(
        r#","statistics":{{"total_validators":10,"passed_validators":{passed},"total_issues":{issues},"execution_time_ms":{}}}"#,
        passed * 10
    );
    result_with(id, asset, time, status, &counts)
}

/// Five runs of two assets on three days; one has a status of its own.
fn five() -> Place {
    Place::holding(&[
        with_counts("a", "orders", "2026-01-01T01:00:00", "success", 10, 0),
        with_counts("b", "orders", "2026-01-01T23:59:59", "failure", 4, 7),
        with_counts("c", "orders", "2026-01-03T12:00:00", "error", 0, 1),
        with_counts("d", "people", "2026-01-03T12:00:00", "warning", 9, 1),
        with_counts("e", "people", "2026-01-20T12:00:00", "skipped", 10, 0),
    ])
}

fn rows(place: &Place, command: &str) -> Vec<Value> {
    place.run(command).ok().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn documents_are_summed_up_by_asset() {
    let rows = rows(&five(), "stats");
    assert_eq!(rows.len(), 2);
    for (name, value) in [
        ("day", json!(null)),
        ("data_asset", json!("orders")),
        ("runs", json!(3)),
        ("successes", json!(1)),
        ("failures", json!(1)),
        ("warnings", json!(0)),
        ("errors", json!(1)),
        ("others", json!(0)),
        ("issues", json!(8)),
        ("longest_ms", json!(100.0)),
        ("first_run", json!("2026-01-01T01:00:00Z")),
        ("last_run", json!("2026-01-03T12:00:00Z")),
    ] {
        assert_eq!(rows[0][name], value, "{name}");
    }
    let number = |name: &str| rows[0][name].as_f64().unwrap();
    assert!(
        (number("pass_rate") - 14.0 / 30.0).abs() < 1e-9 && (number("mean_ms") - 140.0 / 3.0).abs() < 1e-9
    );
    assert!(number("bytes") > 300.0);
    assert_eq!((&rows[1]["others"], &rows[1]["warnings"]), (&json!(1), &json!(1)));
}

#[test]
fn sums_keep_apart_what_was_asked_for() {
    let place = five();
    for (by, expected) in [
        ("none", "-/-/5"),
        ("day", "2026-01-01/-/2 2026-01-03/-/2 2026-01-20/-/1"),
        ("day,asset", "2026-01-01/orders/2 2026-01-03/orders/1 2026-01-03/people/1 2026-01-20/people/1"),
        ("asset --by day", "2026-01-01/orders/2 2026-01-03/orders/1 2026-01-03/people/1 2026-01-20/people/1"),
        ("asset --status failure", "-/orders/1"),
        ("asset --asset p* --since 2026-01-10", "-/people/1"),
        ("none --limit 2", "-/-/2"),
        ("none --tag environment=production", ""),
    ] {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let found: Vec<String> = rows(&place, &format!("stats --by {by}"))
            .iter()
            .map(|row| format!("{}/{}/{}", text(&row["day"]), text(&row["data_asset"]), row["runs"]))
            .collect();
        assert_eq!(found.join(" "), expected, "--by {by}");
    }
    place.run("stats --by none,day").fails(2, "--by none");
    place.run("stats --format ids").fails(2, "csv");
}

#[test]
fn sums_are_printed_in_every_format() {
    let place = five();
    let table = place.run("stats --format table").ok();
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][..4], ["ASSET", "RUNS", "SUCCESS", "FAILURE"]);
    assert_eq!(lines[1][..3], ["orders", "3", "1"]);
    let by_day = place.run("stats --by day --status success --format table").ok();
    assert!(by_day.starts_with("DAY ") && !by_day.contains("WARNING"), "{by_day}");
    let all: Vec<Value> = serde_json::from_str(&place.run("stats --format json").ok()).unwrap();
    assert_eq!(all, rows(&place, "stats"));
    let csv = place.run("stats --format csv").ok();
    assert!(csv.starts_with("day,data_asset,runs,successes,") && csv.contains("\r\n,orders,3,1,1,"), "{csv}");
    assert_eq!(place.run("stats --asset x --format json").ok(), "[]\n");
    assert!(place.run("stats --asset x --format table").err.contains("no document matches"));
}

/// R-ANY-6.
#[test]
fn what_is_damaged_is_named_and_the_rest_summed_up() {
    let place = Place::holding(&four());
    place.write(".truthound/store/default/validations/e.json", "{\"run_id\": \"e\", ");
    for command in ["stats --by none", "trend"] {
        let ended = place.run(command);
        ended.fails(5, "e.json");
        let runs: u64 = ended
            .lines()
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["runs"].as_u64().unwrap())
            .sum();
        assert_eq!(runs, 4, "{ended:?}");
    }
}

#[test]
fn a_trend_has_a_row_for_each_day_that_has_runs() {
    let place = five();
    let days = rows(&place, "trend");
    assert_eq!(days.len(), 3);
    for (name, value) in [
        ("day", json!("2026-01-01")),
        ("runs", json!(2)),
        ("pass_rate", json!(0.7)),
        ("issues", json!(7)),
        ("mean_ms", json!(70.0)),
        ("longest_ms", json!(100.0)),
        ("successes", json!(1)),
        ("failures", json!(1)),
    ] {
        assert_eq!(days[0][name], value, "{name}");
    }
    assert_eq!(rows(&place, "trend people").len(), 2);
    assert_eq!(rows(&place, "trend p*").len(), 0, "an asset is named exactly");
    assert_eq!(rows(&place, "trend --since 2026-01-02 --until 2026-01-04").len(), 1);
    let csv = place.run("trend --format csv").ok();
    assert!(
        csv.starts_with("day,runs,pass_rate,issues,") && csv.contains("\r\n2026-01-20,1,1.0,0,"),
        "{csv}"
    );
}

#[test]
fn a_chart_fits_and_shows_days_without_runs() {
    let place = five();
    let chart = place.run("trend --format table").ok();
    assert!(chart.starts_with("Pass rate: 100% on 2026-01-20, lowest 45% on 2026-01-03\n100% ┤"), "{chart}");
    for part in ["Issues: 0 on 2026-01-20, most 7 on 2026-01-01\n", "───── ····· ─────   ⋯   ─────", "01-01"]
    {
        assert!(chart.contains(part), "{part} is missing:\n{chart}");
    }
    assert!(chart.lines().all(|line| line.chars().count() <= 80), "{chart}");
    let nothing = place.run("trend x --format table");
    assert!(nothing.err.contains("no document matches") && nothing.out.is_empty(), "{nothing:?}");
}

#[test]
fn a_long_trend_is_cut_and_says_so() {
    let date = |n: usize| format!("2026-{:02}-{:02}", 1 + n / 28, 1 + n % 28);
    let documents: Vec<String> =
        (0..40).map(|n| with_counts(&format!("r{n}"), "orders", &date(n), "success", 10, 0)).collect();
    let place = Place::holding(&documents);
    let cut = place.run("trend");
    assert_eq!((cut.code, cut.lines().len()), (0, 30), "{cut:?}");
    assert!(cut.err.contains("the last 30 of 40 days") && cut.out.contains("\"2026-02-12\""), "{cut:?}");
    assert_eq!(rows(&place, "trend --since 2026-01-01").len(), 40);
}
