use super::*;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

fn run(results: &str, rest: &str) -> Json {
    json(&format!(
        r#"{{"run_id":"r","run_time":"2026-01-01","status":"success","results":[{results}]{rest}}}"#
    ))
}

fn entry(name: &str, column: &str, success: bool, count: u32) -> String {
    let column = if column.is_empty() { "null".to_owned() } else { format!("\"{column}\"") };
    format!(
        r#"{{"validator_name":"{name}","success":{success},"column":{column},"count":{count},"execution_time_ms":1.0}}"#
    )
}

fn outline(difference: &Difference) -> Vec<String> {
    let line = |change: &ValidatorChange| {
        format!("{} {} {}", change.change.as_str(), change.name, change.column.as_deref().unwrap_or("-"))
    };
    difference.validators.iter().map(line).collect()
}

#[test]
fn validators_are_matched_by_name_and_column() {
    let before = [
        entry("null", "a", true, 0),
        entry("null", "b", false, 3),
        entry("range", "a", false, 1),
        entry("old", "a", true, 0),
    ];
    let after = [
        entry("range", "a", false, 2),
        entry("null", "b", true, 0),
        entry("null", "a", false, 9),
        entry("new", "a", true, 0),
    ];
    let difference = compare(&run(&before.join(","), ""), &run(&after.join(","), ""));
    let expected = ["broke null a", "fixed null b", "changed range a", "added new a", "removed old a"];
    assert_eq!(outline(&difference), expected);
}

#[test]
fn a_check_that_passes_without_a_column_is_the_one_that_failed_with_one() {
    let (fails, passes) = (run(&entry("null", "email", false, 40), ""), run(&entry("null", "", true, 0), ""));
    assert_eq!(outline(&compare(&passes, &fails)), ["broke null email"]);
    assert_eq!(outline(&compare(&fails, &passes)), ["fixed null email"]);
}

#[test]
fn several_entries_with_one_name_are_kept_apart() {
    let before = run(&[entry("v", "a", true, 0), entry("v", "a", true, 0)].join(","), "");
    let after = run(&[entry("v", "a", true, 0), entry("v", "a", false, 1)].join(","), "");
    assert_eq!(outline(&compare(&before, &after)), ["broke v a"]);
}

#[test]
fn equal_values_are_no_difference_however_they_are_written() {
    let before = json(r#"{"run_id":"1","statistics":{"rate":1.0,"n":NaN},"tags":{"a":"1","b":"2"}}"#);
    let after = json(r#"{"run_id":"2","tags":{"b":"2","a":"1"},"statistics":{"n":NaN,"rate":1}}"#);
    assert!(compare(&before, &after).is_empty());
    let large = (json("[123456789012345678901234567890]"), json("[123456789012345678901234567891]"));
    assert!(!same(&large.0, &large.1));
    assert!(
        !same(&json("1"), &json("1.5"))
            && same(&json("1e2"), &json("100"))
            && same(&json("0.50"), &json("0.5"))
    );
}

#[test]
fn running_times_of_validators_do_not_count() {
    let slow = entry("v", "a", true, 0).replace("1.0", "9.5");
    assert!(compare(&run(&entry("v", "a", true, 0), ""), &run(&slow, "")).is_empty());
}

#[test]
fn other_values_are_named_by_path() {
    let before =
        run("", r#","tags":{"a":"1","odd.name":"x"},"metadata":{"list":[1,2],"deep":{"gone":null}}"#);
    let after =
        run("", r#","tags":{"a":"2","odd.name":"y"},"metadata":{"list":[1,3,4],"deep":{}},"extra":true"#);
    let difference = compare(&before, &after);
    let paths: Vec<&str> = difference.values.iter().map(|change| change.path.as_str()).collect();
    let expected = [
        "tags.a",
        "tags[\"odd.name\"]",
        "metadata.list[1]",
        "metadata.list[2]",
        "metadata.deep.gone",
        "extra",
    ];
    assert_eq!(paths, expected);
    let gone = difference.values.iter().find(|change| change.path == "metadata.deep.gone").unwrap();
    assert_eq!((&gone.from, &gone.to), (&Some(Json::Null), &None), "null is a value, not an absence");
}

#[test]
fn documents_of_odd_form_are_compared_without_harm() {
    for text in ["[]", "1", r#"{"results":{}}"#, r#"{"results":[1,null,{"success":"yes"}],"statistics":[]}"#]
    {
        let document = json(text);
        assert!(compare(&document, &document).is_empty(), "{text}");
        assert!(!compare(&document, &json(r#"{"status":"error"}"#)).is_empty(), "{text}");
    }
}
