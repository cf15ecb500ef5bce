//! The demo: the first thing that a newcomer runs.

use crate::harness::{Place, result};

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
        "$.status was \"failure\" in the first version, \"warning\" in the second",
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
