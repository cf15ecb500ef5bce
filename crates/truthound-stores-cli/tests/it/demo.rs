//! The demo: the first thing that a newcomer runs.

use crate::harness::{Place, result};

/// The result that the demo corrects.
const CORRECTED: &str = "run_20261122_215716_7c83e3ad";

/// That result as the demo has it, and as it is in the middle of its story.
fn story() -> (&'static str, String) {
    let original =
        include_str!("../../demo/results.jsonl").lines().find(|line| line.contains(CORRECTED)).unwrap();
    (original, original.replacen(r#""status":"failure""#, r#""status":"warning""#, 1))
}

#[test]
fn it_saves_shows_and_may_be_run_again() {
    let place = Place::new();
    let first = place.run("demo").ok();
    for part in [
        "Saved 25 results",
        ".truthound/store",
        "Pass rate: 62.8% on 2026-11-22",
        "2026-01-01    19",
        "█████",
        "history orders.csv",
        "broke    null(email)",
        "success → failure",
        "count: the newest 2 of each asset (delete)",
        "count: not among the newest 2 of its asset (delete)",
        "of 25 records would go",
        "the supplier knows of it",
        "it is a failure all the same",
        "$.status was \"failure\" in version 1, \"warning\" in version 2",
        "Nothing was changed.",
        "Go on",
    ] {
        assert!(first.contains(part), "{part} is missing: {first}");
    }
    assert_eq!(place.run("count").ok(), "25\n");
    let before = place.run("list").ok();
    let second = place.run("demo").ok();
    assert!(second.contains("still there"), "{second}");
    assert_eq!(place.run("list").ok(), before, "the second run changed something");
    let history = place.run("versions list run_20261122_215716_7c83e3ad --format jsonl").ok();
    assert_eq!(history.lines().count(), 3, "{history}");
    let told = |text: &str| {
        let from = text.find("Correct a result").unwrap();
        text[from..].lines().skip(2).take(9).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(told(&second), told(&first), "the second run tells the same story");
}

/// With a layer of versions, each save is one: the story is told by the same numbers, and what is not the demo's stays.
#[test]
fn it_tells_of_versions_whatever_the_store_has() {
    let place = Place::new();
    let first = place.run("--layer versioning demo").ok();
    assert!(first.contains("it is a failure all the same"), "{first}");
    assert_eq!(
        place.run("versions list run_20261122_215716_7c83e3ad --format jsonl").ok().lines().count(),
        3
    );
    assert!(place.run("--store memory: demo").ok().contains("the supplier knows of it"));
    let alone = place.run("--store memory: --layer versioning demo").ok();
    assert!(alone.contains("a history needs one that stays"), "{alone}");
    let mine = result("run_20261122_215716_7c83e3ad", "mine", "2026-01-01", "success");
    let place = Place::holding(std::slice::from_ref(&mine));
    // Its own comparison is of that result, too.
    let told = place.run("demo").out;
    assert!(told.contains("not the demo's: it stays as it is"), "{told}");
    assert_eq!(place.run("get run_20261122_215716_7c83e3ad --format jsonl").ok().trim_end(), mine);
}

/// Every command that the demo shows can be copied, and works.
#[test]
fn its_commands_work() {
    let place = Place::new();
    let text = place.run("--store file:elsewhere demo").ok();
    let shown: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start().trim_start_matches("$ ").strip_prefix("truthound-stores "))
        // Two wait for a file, one for changes; `verify` has its say on stderr.
        .filter(|line| {
            !["results.json", "policies.toml", " watch", " verify"].iter().any(|end| line.ends_with(end))
        })
        .collect();
    assert!(shown.len() >= 11, "{text}");
    for line in shown {
        assert!(line.starts_with("--store file:elsewhere "), "{line}");
        let ended = place.run(&line.replace('\'', ""));
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{line}: {ended:?}");
        assert!(!ended.out.is_empty(), "{line} finds nothing");
    }
    let verified = place.run("--store file:elsewhere verify");
    assert_eq!((verified.code, verified.out.as_str()), (0, ""), "{verified:?}");
    assert!(!place.path(".truthound").exists());
}

#[test]
fn it_overwrites_nothing_and_says_when_nothing_is_kept() {
    let mine = result("run_20260101_000100_00000001", "mine", "2026-01-01", "success");
    let place = Place::holding(std::slice::from_ref(&mine));
    assert!(place.run("demo").ok().contains("24 results of Truthound 3.2.0; 1 were there already"));
    assert_eq!(place.run("get run_20260101_000100_00000001 --format jsonl").ok().trim_end(), mine);
    assert!(place.run("--store memory: demo").ok().contains("ends with the program"));
}

/// The settings of a layer may keep few versions. The demo asked for the first, which was gone, and ended with exit code 3, or it left its result corrected.
#[test]
fn it_shows_what_a_layer_that_keeps_few_versions_has() {
    let (original, _) = story();
    for (layer, versions, shown, hidden) in [
        (
            "versioning:max_versions=2",
            2,
            "$.status was \"warning\" in version 2, \"failure\" in version 3",
            "keeps 2 versions of each document (max_versions = 2): older ones are gone",
        ),
        ("versioning:max_versions=2,mode=git_like", 2, "it is a failure all the same", "(max_versions = 2)"),
        (
            "versioning:max_versions=1",
            1,
            "a sample",
            "(max_versions = 1), so that a correction would leave nothing",
        ),
    ] {
        let place = Place::new();
        let mut stories = Vec::new();
        for _ in 0..2 {
            let text = place.run(&format!("--layer {layer} demo")).ok();
            assert!(text.contains(shown) && text.contains(hidden), "{layer}: {text}");
            let story =
                &text[text.find("Correct a result").unwrap()..text.find("Plan which results").unwrap()];
            stories.push(story.to_owned());
        }
        assert_eq!(stories[0], stories[1], "{layer}: the second run tells the same story");
        let kept = place.run(&format!("versions list {CORRECTED} --format jsonl")).ok();
        assert_eq!(kept.lines().count(), versions, "{layer}: {kept}");
        assert_eq!(
            place.run(&format!("get {CORRECTED} --format jsonl")).ok().trim_end(),
            original,
            "{layer}"
        );
    }
    // Kept until somebody cleans up: all of it is there.
    let place = Place::new();
    let text = place.run("--layer versioning:max_versions=1,auto_cleanup=false demo").ok();
    assert!(text.contains("in version 1,") && !text.contains("The layer keeps"), "{text}");
}

/// A layer that wants to know why documents change refused the demo's first save: the demo said nothing with it.
#[test]
fn it_says_with_each_save_why_if_a_layer_wants_to_know() {
    let place = Place::new();
    for saved in ["Saved 25 results", "still there"] {
        let text = place.run("--layer versioning:require_message=true demo").ok();
        assert!(text.contains(saved) && text.contains("it is a failure all the same"), "{text}");
    }
    let versions = place.run(&format!("versions list {CORRECTED} --format jsonl")).ok();
    let said: Vec<serde_json::Value> =
        versions.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (said.len(), &said[2]["created_by"], &said[2]["message"]),
        (3, &"demo".into(), &"a sample".into())
    );
}

/// Broken off between the correction and its end, the next demo did not know its own text: it called the result somebody else's, and left it corrected for good.
#[test]
fn what_an_earlier_demo_left_corrected_is_taken_back() {
    let (original, corrected) = story();
    let current =
        |place: &Place| place.run(&format!("get {CORRECTED} --format jsonl")).ok().trim_end().to_owned();
    for layer in ["versioning", "versioning:max_versions=2", "versioning:max_versions=1"] {
        for then in [layer, "versioning", ""] {
            let place = Place::new();
            for text in [original, &corrected] {
                let saved = place.run_with(&format!("--layer {layer} save -"), text.as_bytes());
                assert_eq!(saved.code, 0, "{saved:?}");
            }
            assert_eq!(current(&place), corrected);
            let demo = if then.is_empty() { "demo".to_owned() } else { format!("--layer {then} demo") };
            let text = place.run(&demo).ok();
            assert!(!text.contains("not the demo's"), "{layer}, {then}: {text}");
            assert!(text.contains("it is a failure all the same"), "{layer}, {then}: {text}");
            assert_eq!(current(&place), original, "{layer}, {then}");
            let again = place.run(&demo).ok();
            assert!(again.contains("it is a failure all the same"), "{layer}, {then}: {again}");
            assert_eq!(current(&place), original, "{layer}, {then}");
        }
    }
}
