//! Messages once repeated themselves: the file or index before and behind the sentence, SQLite's text with and without its number, an
//! advice within a finding and again behind it, and what was wrong with an index as if it had just happened: "once, cannot open the
//! index: …; it was rebuilt from the documents on …".

use serde_json::Value;

use crate::harness::{Place, four, result};

const FOLDER: &str = ".truthound/store/default/validations";

/// A store whose index is cut in the middle.
fn cut() -> Place {
    let place = Place::holding(&four());
    assert_eq!(place.run("maintain").code, 0);
    let index = place.path(FOLDER).join("_catalog/index.db");
    for end in ["-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{end}", index.display())));
    }
    let bytes = std::fs::read(&index).unwrap();
    std::fs::write(&index, &bytes[..bytes.len() / 2]).unwrap();
    place
}

#[track_caller]
fn says_once(text: &str, parts: &[&str]) {
    for part in parts {
        assert_eq!(text.matches(part).count(), 1, "{part:?} in {text}");
    }
}

#[test]
fn an_error_about_a_damaged_index_says_each_thing_once() {
    let place = cut();
    let document = result("e", "orders", "2026-02-01", "success");
    for ended in [place.run("count"), place.run("maintain"), place.run_with("save -", document.as_bytes())] {
        says_once(&ended.err, &["index.db", "malformed", "verify --repair", "is damaged"]);
    }
}

/// Each document of a stream was refused for the index, in a line of its own.
#[test]
fn a_damaged_index_is_told_once_for_many_documents() {
    let documents = four().join("\n");
    let ended = cut().run_with("save -", documents.as_bytes());
    ended.fails(1, "and what follows cannot be saved");
    assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
}

#[test]
fn a_finding_about_a_damaged_index_says_each_thing_once() {
    let place = cut();
    for command in ["verify", "doctor"] {
        let ended = place.run(command);
        assert_eq!(ended.code, 5, "{ended:?}");
        says_once(&ended.out, &["index.db", "malformed", "verify --repair", "is damaged", "\"damage\""]);
    }
}

#[test]
fn a_rebuilt_index_says_plainly_when_and_why() {
    let place = cut();
    let repaired = place.run("verify --repair");
    assert_eq!(repaired.code, 0, "{repaired:?}");
    // What was just mended was told with what to do about it.
    assert!(repaired.out.contains("is damaged") && !repaired.out.contains("verify --repair"), "{repaired:?}");
    for command in ["verify", "doctor"] {
        let ended = place.run(command);
        let notes = ended.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let texts = notes.filter(|note| note["level"] == "note").map(|note| note["message"].to_string());
        let said: Vec<String> =
            texts.filter(|text| text.contains("the index was rebuilt from the documents on 2")).collect();
        assert_eq!(said.len(), 1, "{ended:?}");
        assert!(said[0].contains(": database disk image is malformed"), "{said:?}");
    }
}

#[test]
fn a_damaged_document_that_was_found_by_a_rebuild_is_named_once() {
    let place = Place::holding(&four());
    assert_eq!(place.run("maintain").code, 0);
    place.write(&format!("{FOLDER}/c.json"), "{");
    for command in ["reindex", "verify", "maintain"] {
        let ended = place.run(command);
        assert_eq!(ended.code, 5, "{ended:?}");
        let line = ended.out.lines().find(|line| line.contains("\"damage\"")).unwrap();
        says_once(line, &["c.json", "not JSON"]);
    }
    says_once(&place.run("count").err, &["c.json", "results/c"]);
}
