//! The formats, which other programs rely on.

use std::io::{BufRead, BufReader, Read};

use crate::harness::{Place, four, result, result_with};

const NAMES: &str =
    "id,data_asset,run_time,status,tags,suite_name,total_issues,pass_rate,size,revision,saved_at";

/// A store with one document that has everything that is hard to print.
fn one() -> Place {
    let more = r#","suite_name":"nightly","tags":{"b":"2","a":"1","n":5,"z":null},"statistics":{"total_validators":4,"passed_validators":3,"total_issues":7},"worst":NaN,"text":"1e-05 é\n","rate":1.50"#;
    let (id, time) = (r#"run, \"1\""#, "2026-03-01T12:00:00.500+09:00");
    Place::holding(&[result_with(id, "데이터.csv", time, "skipped", more)])
}

/// The names, their order and their forms are an interface.
#[test]
fn list_prints_the_promised_columns() {
    let place = one();
    let line = place.run("list").ok();
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    let order: Vec<&str> = NAMES.split(',').collect();
    let places: Vec<usize> = order.iter().map(|name| line.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{line}");
    assert_eq!(value.as_object().unwrap().len(), order.len(), "{line}");
    assert_eq!(value["id"], "run, \"1\"");
    assert_eq!(value["data_asset"], "데이터.csv");
    assert_eq!(value["run_time"], "2026-03-01T03:00:00.500000Z");
    assert_eq!(value["status"], "skipped");
    assert_eq!(value["tags"], serde_json::json!({"a": "1", "b": "2", "n": "5"}));
    assert_eq!(value["suite_name"], "nightly");
    assert_eq!(value["total_issues"], 7);
    assert_eq!(value["pass_rate"], 0.75);
    assert!(value["size"].as_u64().unwrap() > 100 && value["revision"].is_string());
    assert!(value["saved_at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn documents_are_printed_with_their_values_unchanged_or_strict() {
    let place = one();
    let line = place.run("query").ok();
    assert!(line.contains(r#""worst":NaN,"text":"1e-05 é\n","rate":1.50}"#), "{line}");
    assert_eq!(line.lines().count(), 1);
    let strict = place.run("query --strict").ok();
    let value: serde_json::Value = serde_json::from_str(&strict).unwrap();
    assert!(value["worst"].is_null() && strict.contains("1.50"), "{strict}");
    for command in ["latest 데이터.csv --strict --format jsonl", "query --strict --format jsonl"] {
        assert_eq!(place.run(command).ok(), strict, "{command}");
    }
    let pretty = place.run_words(["get", "run, \"1\"", "--strict"]).ok();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&pretty).unwrap(), value);
    assert!(place.run_words(["get", "run, \"1\""]).ok().contains("\n  \"worst\": NaN,\n"));
}

#[test]
fn json_is_one_array() {
    let place = Place::holding(&four());
    for command in ["list", "query"] {
        let text = place.run(&format!("{command} --format json")).ok();
        let values: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(values.len(), 4);
        assert_eq!(place.run(&format!("{command} --format json --limit 0")).ok(), "[]\n");
    }
}

#[test]
fn csv_has_a_header_and_quotes_what_must_be() {
    let place = one();
    let text = place.run("list --format csv").ok();
    let (header, row) = text.split_once("\r\n").unwrap();
    assert_eq!(header, NAMES);
    let expected = "\"run, \"\"1\"\"\",데이터.csv,2026-03-01T03:00:00.500000Z,skipped,\
                    \"{\"\"a\"\":\"\"1\"\",\"\"b\"\":\"\"2\"\",\"\"n\"\":\"\"5\"\"}\",nightly,7,0.75,";
    assert!(row.starts_with(expected), "{row}");
    assert!(row.ends_with("Z\r\n"));
    assert_eq!(place.run("query --format csv").ok(), text);
    assert_eq!(place.run("list --format csv --limit 0").ok(), format!("{NAMES}\r\n"));
}

#[test]
fn ids_are_printed_one_a_line() {
    assert_eq!(one().run("query --format ids").ok(), "run, \"1\"\n");
}

#[test]
fn a_table_has_heads_and_a_row_for_each() {
    let place = Place::holding(&four());
    let text = place.run("list --format table").ok();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["ID", "ASSET", "RUN", "TIME", "STATUS", "ISSUES", "PASSED"]);
    assert_eq!(lines[1], ["d", "people", "2026-01-04T12:00:00Z", "failure", "0", "100%"]);
    assert_eq!(lines.len(), 5);
    let none = place.run("list --format table --limit 0");
    assert_eq!((none.code, none.out.as_str()), (0, ""));
}

/// A stored text must not be able to command the terminal.
#[test]
fn control_characters_do_not_reach_a_table() {
    let place = Place::holding(&[result_with("x", "a\\u001b[31m\\nb", "2026-01-01", "su\\u0007", "")]);
    let text = place.run("list --format table").ok();
    assert!(text.contains("a\\u{1b}[31m\\nb") && text.contains("su\\u{7}"), "{text}");
    assert_eq!(text.lines().count(), 2);
}

/// `truthound-stores list | head -1`
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let many: Vec<String> = (0..200)
        .map(|number| {
            result_with(
                &format!("r{number}"),
                "a",
                "2026-01-01",
                "success",
                &format!(r#","fill":"{}""#, "x".repeat(5000)),
            )
        })
        .collect();
    let place = Place::holding(&many);
    let mut child = place.command(["query"]).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    drop(reader);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_stdout_is_an_error() {
    let place = Place::holding(&four());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = place.command(["list"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("error: cannot write to stdout"));
}

/// A table was made of all rows before the first was printed: 410 MB for 200,000.
#[test]
fn a_long_table_is_printed_in_parts() {
    let documents: Vec<String> =
        (0..5_003).map(|n| result(&format!("run-{n:05}"), "orders", "2026-01-01", "success")).collect();
    let place = Place::holding(&documents);
    let table = place.run("list --format table").ok();
    let heads: Vec<usize> =
        table.lines().enumerate().filter(|(_, line)| line.starts_with("ID ")).map(|(at, _)| at).collect();
    assert_eq!(heads, [0, 5_001]);
    assert_eq!(table.lines().count(), 5_003 + 2);
    assert_eq!(table.lines().filter(|line| line.starts_with("run-")).count(), 5_003);
}
