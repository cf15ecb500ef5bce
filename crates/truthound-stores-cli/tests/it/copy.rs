//! `copy`: from one store to another.

use serde_json::Value;

use crate::harness::{Ended, Place, four, result};

fn rows(ended: &Ended) -> Vec<Value> {
    ended.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn numbers(row: &Value, names: &[&str]) -> Vec<u64> {
    names.iter().map(|name| row[name].as_u64().unwrap()).collect()
}

#[test]
fn a_store_is_copied_and_copied_again_without_writing() {
    let place = Place::holding(&four());
    let suite = r#"{"name":"s","data_asset":"orders","created_at":"2026-01-01T00:00:00","expectations":[]}"#;
    let saved = place.run_with("save - --collection expectations", suite.as_bytes());
    assert_eq!(saved.code, 0, "{saved:?}");
    let copied =
        rows(&Ended { out: place.run("copy .truthound/store file:other").ok(), code: 0, err: String::new() });
    let collections: Vec<&str> = copied.iter().map(|row| row["collection"].as_str().unwrap()).collect();
    assert_eq!(collections, ["results", "expectations"]);
    let names = ["documents", "copied", "equal", "compared", "verified", "differing"];
    assert_eq!(numbers(&copied[0], &names), [4, 4, 0, 4, 4, 0]);
    assert_eq!(numbers(&copied[1], &names), [1, 1, 0, 1, 1, 0]);
    let again = place.run("copy .truthound/store file:other --collection results");
    assert_eq!(numbers(&rows(&again)[0], &names), [4, 0, 4, 4, 4, 0]);
    // Ids, texts and order are those of the source.
    assert_eq!(place.run("--store file:other query").ok(), place.run("query").ok());
    assert_eq!(place.run("--store file:other verify").code, 0);
}

#[test]
fn every_format_prints_a_row_for_each_collection() {
    let place = Place::holding(&four());
    let table = place.run("copy .truthound/store file:other --format table").ok();
    assert!(table.starts_with("COLLECTION") && table.contains("all equal"), "{table}");
    assert!(!table.contains("CONFLICTS"), "{table}");
    let json = place.run("copy .truthound/store file:other --format json").ok();
    let all: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(all[0]["equal"], 4);
    let csv = place.run("copy .truthound/store file:other --format csv").ok();
    assert!(csv.starts_with("collection,dry_run,documents,copied,"), "{csv}");
    place.run("copy .truthound/store file:other --format ids").fails(2, "jsonl");
}

#[test]
fn a_dry_run_says_what_would_be_done() {
    let place = Place::holding(&four());
    let ended = place.run("copy .truthound/store file:other --dry-run");
    let row = &rows(&ended)[0];
    assert_eq!(
        (row["copied"].as_u64(), &row["dry_run"], &row["compared"]),
        (Some(4), &Value::Bool(true), &Value::Null)
    );
    assert_eq!(place.run("--store file:other count").out, "0\n");
}

/// Another `b` in the place where the four are to go.
fn with_another_b() -> Place {
    let place = Place::holding(&four());
    let other = result("b", "orders", "2026-01-02T12:00:00", "success");
    assert_eq!(place.run_with("save - --store file:other", other.as_bytes()).code, 0);
    place
}

#[test]
fn a_conflict_is_named_and_says_how_it_can_be_settled() {
    let place = with_another_b();
    let ended = place.run("copy .truthound/store file:other");
    ended.fails(4, "results/b");
    assert!(ended.err.contains("--on-conflict"), "{ended:?}");
    assert_eq!(numbers(&rows(&ended)[0], &["copied", "conflicts", "verified", "differing"]), [3, 1, 3, 0]);
    let kept = place.run("copy .truthound/store file:other --on-conflict keep");
    assert_eq!((kept.code, kept.err.as_str()), (0, ""), "{kept:?}");
    assert_eq!(numbers(&rows(&kept)[0], &["equal", "kept"]), [3, 1]);
    assert!(place.run("--store file:other get b").out.contains("success"));
    let written = place.run("copy .truthound/store file:other --on-conflict overwrite");
    assert_eq!((written.code, rows(&written)[0]["overwritten"].as_u64()), (0, Some(1)), "{written:?}");
    assert!(place.run("--store file:other get b").out.contains("failure"));
}

#[test]
fn a_damaged_document_is_named_and_the_others_are_copied() {
    let place = Place::holding(&four());
    assert_eq!(place.run("maintain").code, 0);
    place.write(".truthound/store/default/validations/c.json", "{\"run_id\": \"c\", ");
    let ended = place.run("copy .truthound/store file:other --collection results");
    ended.fails(5, "results/c");
    assert_eq!(numbers(&rows(&ended)[0], &["copied", "unreadable"]), [3, 1]);
    assert_eq!(place.run("--store file:other count").ok(), "3\n");
}

#[test]
fn conditions_say_which_documents() {
    let place = Place::holding(&four());
    let ended = place.run("copy .truthound/store file:other --status failure --limit 1 --collection results");
    assert_eq!(numbers(&rows(&ended)[0], &["documents", "copied"]), [1, 1]);
    assert_eq!(place.run("--store file:other list --format ids").ok(), "d\n");
}

#[test]
fn a_dash_is_the_store_of_the_options() {
    let place = Place::holding(&four());
    let ended = place.run("copy - file:other --collection results");
    assert_eq!(numbers(&rows(&ended)[0], &["copied"]), [4]);
    let back = place.run("--store file:third copy file:other - --collection results");
    assert_eq!(numbers(&rows(&back)[0], &["copied"]), [4]);
    place.write("stores.toml", "[store]\nurl = \"file:fourth\"\n");
    let from_file = place.run("--config stores.toml copy file:other -");
    assert_eq!(numbers(&rows(&from_file)[0], &["copied"]), [4], "{from_file:?}");
    // An option that would do nothing is refused, and so is a copy onto itself.
    place.run("--store file:third copy file:other file:fifth").fails(2, "SRC and DST");
    place.run("copy - -").fails(2, "one store");
    place.run("copy file:other file:other").fails(2, "one store");
    place.run("copy file:other").fails(2, "required");
    place.run("copy file:other file:fifth --on-conflict merge").fails(2, "refuse, keep or overwrite");
    place.run("copy file:other nowhere:fifth").fails(2, "nowhere");
}

#[test]
fn a_source_that_is_not_there_is_said_and_a_namespace_counts_for_both() {
    let place = Place::holding(&four());
    let ended = place.run("copy file:misspelt file:other");
    assert_eq!((ended.code, numbers(&rows(&ended)[0], &["documents"])), (0, vec![0]));
    assert!(ended.err.contains("misspelt"), "{ended:?}");
    assert_eq!(place.run("copy - file:other --namespace nightly").code, 0);
    assert_eq!(place.run("--store file:other count").out, "0\n");
}
