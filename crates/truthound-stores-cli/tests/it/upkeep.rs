//! What the filesystem store does for its own health, and its change feed, by the program.
//!
//! These tests ask for what a store with an index and a change feed does.

use serde_json::Value;

use crate::harness::{Place, four, result};

const CATALOG: &str = ".truthound/store/default/validations/_catalog";

/// Saves a small result.
fn save(place: &Place, id: &str, status: &str) {
    let document = result(id, "orders", "2026-02-01", status);
    assert_eq!(place.run_with("save -", document.as_bytes()).ok(), format!("{id}\n"));
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Reads what changed after `token` as `op id` each, and the token that came last.
fn changes(place: &Place, options: &str) -> (Vec<String>, String) {
    let mut lines = lines(&place.run(&format!("watch --once {options}")).ok());
    let last = lines.pop().unwrap();
    assert_eq!(last["op"], "token");
    let text =
        |line: &Value| format!("{} {}", line["op"].as_str().unwrap(), line["id"].as_str().unwrap_or("-"));
    (lines.iter().map(text).collect(), last["token"].as_str().unwrap().to_owned())
}

#[test]
fn a_script_goes_on_from_token_to_token() {
    let place = Place::holding(&four());
    let (before, start) = changes(&place, "");
    assert!(before.is_empty(), "it begins now: {before:?}");
    save(&place, "e", "failure");
    place.run("delete a").ok();
    save(&place, "e", "success");
    let (first, middle) = changes(&place, &format!("--after {start}"));
    assert_eq!(first.iter().filter(|change| change.ends_with(" a")).collect::<Vec<_>>(), ["delete a"]);
    let puts = first.iter().filter(|change| *change == "put e").count();
    assert!(puts >= 1 && puts + 1 == first.len(), "{first:?}");
    assert_eq!(changes(&place, &format!("--after {middle}")).0, [""; 0]);
    save(&place, "f", "success");
    assert_eq!(changes(&place, &format!("--after {middle}")).0, ["put f"]);
    // A token stays good.
    assert!(changes(&place, &format!("--after {start}")).0.len() > 1);
}

#[test]
fn a_line_of_a_put_has_what_list_prints() {
    let place = Place::holding(&four());
    let (_, start) = changes(&place, "");
    save(&place, "e", "failure");
    let line = &lines(&place.run(&format!("watch --once --after {start}")).ok())[0];
    let listed: Value = serde_json::from_str(&place.run("list --since 2026-01-31").ok()).unwrap();
    for (name, value) in listed.as_object().unwrap() {
        assert_eq!(line[name], *value, "{name}");
    }
    assert_eq!((&line["op"], &line["collection"]), (&"put".into(), &"results".into()));
}

#[test]
fn all_collections_are_followed_unless_one_is_named() {
    let place = Place::holding(&four());
    let (_, start) = changes(&place, "");
    save(&place, "e", "success");
    let suite = r#"{"name":"s","data_asset":"orders","expectations":[],"tags":{}}"#;
    place.run_with("save - --collection expectations", suite.as_bytes()).ok();
    let (all, _) = changes(&place, &format!("--after {start}"));
    assert!(all.contains(&"put e".to_owned()) && all.contains(&"put s".to_owned()), "{all:?}");
    assert_eq!(changes(&place, &format!("--after {start} --collection expectations")).0, ["put s"]);
    assert_eq!(changes(&place, &format!("--after {start} --collection results")).0, ["put e"]);
}

/// Whoever deals with the lines up to a token, however it ends, goes on from there and misses nothing.
#[cfg(unix)]
#[test]
fn what_others_save_is_printed_as_it_happens() {
    let place = Place::holding(&four());
    let mut watch = place.start("watch --tokens --interval 10ms");
    assert_eq!(watch.json()["op"], "token");
    save(&place, "e", "failure");
    let put = watch.json();
    assert_eq!((&put["op"], &put["id"], &put["status"]), (&"put".into(), &"e".into(), &"failure".into()));
    assert_eq!(watch.json()["op"], "token");
    place.run("delete e").ok();
    let delete = watch.json();
    assert_eq!((&delete["op"], &delete["id"]), (&"delete".into(), &"e".into()));
    let token = watch.json();
    watch.interrupt();
    let ended = watch.end();
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{ended:?}");
    assert!(ended.err.contains(token["token"].as_str().unwrap()), "{ended:?}");
    assert_eq!(changes(&place, &format!("--after {}", token["token"].as_str().unwrap())).0, [""; 0]);
}

#[test]
fn it_ends_in_silence_when_its_reader_goes_away() {
    let place = Place::holding(&four());
    let mut watch = place.start("watch --interval 10ms");
    assert!(watch.err_line().contains("watching"));
    watch.stop_reading();
    save(&place, "e", "failure");
    let ended = watch.end();
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
}

/// A feed that was begun anew cannot say what happened before: its reader is told to compare.
#[test]
fn a_token_of_a_feed_that_is_gone_is_answered_with_a_reset() {
    let place = Place::holding(&four());
    let (_, start) = changes(&place, "");
    std::fs::remove_dir_all(place.path(CATALOG)).unwrap();
    let (found, next) = changes(&place, &format!("--after {start}"));
    assert_eq!(found.first().map(String::as_str), Some("reset -"), "{found:?}");
    save(&place, "e", "success");
    assert!(changes(&place, &format!("--after {next}")).0.contains(&"put e".to_owned()));
}

#[test]
fn a_text_that_is_no_token_is_refused() {
    let place = Place::holding(&four());
    place.run("watch --once --after nonsense").fails(2, "token");
}

#[test]
fn doctor_tells_of_the_change_feed() {
    let place = Place::holding(&four());
    let found = lines(&place.run("doctor").ok());
    let feed = found.iter().find(|finding| finding["subject"] == "change feed").unwrap();
    assert_eq!(feed["level"], "good");
}

/// What is acknowledged and gone is damage, and is named.
#[test]
fn verify_misses_a_document_that_vanished() {
    let place = Place::holding(&four());
    assert_eq!(place.run("maintain").code, 0);
    std::fs::remove_file(place.path(".truthound/store/default/validations/b.json")).unwrap();
    let ended = place.run("verify --format jsonl");
    assert_eq!(ended.code, 5, "{ended:?}");
    assert!(
        lines(&ended.out).iter().any(|finding| finding["level"] == "damage" && finding["key"] == "results/b")
    );
}

/// The documents are the truth: an index that is no database any more is rebuilt from them.
#[test]
fn verify_repairs_an_index_that_was_destroyed() {
    let place = Place::holding(&four());
    assert_eq!(place.run("maintain").code, 0);
    for file in std::fs::read_dir(place.path(CATALOG)).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "index.db" {
            std::fs::write(&path, "this is no database".repeat(1000)).unwrap();
        } else if name.starts_with("index.db-") {
            std::fs::remove_file(&path).unwrap();
        }
    }
    let repaired = place.run("verify --repair --format jsonl");
    assert_eq!(repaired.code, 0, "{repaired:?}");
    assert!(lines(&repaired.out).iter().any(|finding| finding["repaired"] == true), "{repaired:?}");
    assert_eq!(place.run("verify").code, 0);
    assert_eq!(place.run("list --format ids").ok(), "d\nc\nb\na\n");
}
