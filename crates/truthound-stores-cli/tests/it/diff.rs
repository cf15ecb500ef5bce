//! `diff` on documents of a store, for people and for programs.

use crate::harness::{Place, result_with};

fn place() -> Place {
    let validator = |column: &str, success: bool, count: u32| {
        format!(
            r#"{{"validator_name":"null","success":{success},"column":"{column}","count":{count},"message":"{count} nulls"}}"#
        )
    };
    let more = |validators: &[String], issues: u32, tag: &str, worst: &str| {
        format!(
            r#","results":[{}],"statistics":{{"total_issues":{issues}}},"tags":{{"rev":"{tag}"}},"metadata":{{"worst":{worst}}}"#,
            validators.join(",")
        )
    };
    let before =
        more(&[validator("a", true, 0), validator("b", false, 5), validator("c", false, 1)], 2, "1", "NaN");
    let after =
        more(&[validator("a", false, 3), validator("b", true, 0), validator("c", false, 9)], 2, "2", "1");
    Place::holding(&[
        result_with("before", "orders", "2026-01-01", "success", &before),
        result_with("after", "orders", "2026-01-02", "failure", &after),
    ])
}

#[test]
fn each_change_is_an_object_on_a_line() {
    let text = place().run("diff before after --strict").ok();
    let changes: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [
        serde_json::json!({"kind": "status", "from": "success", "to": "failure"}),
        serde_json::json!({"kind": "value", "path": "tags.rev", "from": "1", "to": "2"}),
        serde_json::json!({"kind": "value", "path": "metadata.worst", "from": null, "to": 1}),
    ];
    for change in &expected {
        assert!(changes.contains(change), "{change} is missing: {text}");
    }
    let validators: Vec<String> = changes
        .iter()
        .filter(|change| change["kind"] == "validator")
        .map(|change| {
            format!(
                "{} {} {} {}",
                change["change"], change["column"], change["count_from"], change["count_to"]
            )
        })
        .collect();
    assert_eq!(validators, [r#""broke" "a" 0 3"#, r#""fixed" "b" 5 0"#, r#""changed" "c" 1 9"#]);
    assert!(place().run("diff before after").ok().contains("\"from\":NaN"));
}

#[test]
fn the_whole_is_one_object_as_json() {
    let value: serde_json::Value =
        serde_json::from_str(&place().run("diff before after --format json --strict").ok()).unwrap();
    assert_eq!(value["from"]["run_id"], "before");
    assert_eq!(value["to"]["status"], "failure");
    assert_eq!(value["validators"].as_array().unwrap().len(), 3);
    assert_eq!(value["statistics"], serde_json::json!([]));
}

#[test]
fn people_see_what_broke() {
    let text = place().run("diff before after --format table").ok();
    for part in [
        "success → failure",
        "broke    null(a)",
        "3 nulls",
        "fixed    null(b)",
        "count 1 → 9 (+8)",
        "tags.rev: 1 → 2",
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    assert!(!text.contains('\u{1b}'), "colours are for terminals");
    let same = place().run("diff before before --format table").ok();
    assert!(same.contains("Nothing"), "{same}");
    assert_eq!(place().run("diff before before").ok(), "");
}

#[test]
fn an_absent_document_is_named() {
    place().run("diff before nothing").fails(3, "results/nothing");
}
