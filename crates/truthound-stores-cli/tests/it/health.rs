//! `verify`, `reindex`, `maintain` and `doctor`, as they are for every store.

use serde_json::Value;

use crate::harness::{Place, four};

const FOLDER: &str = ".truthound/store/default/validations";

/// Four documents of whose saving nothing is left to be finished: what is damaged then stays damaged.
fn settled() -> Place {
    let place = Place::holding(&four());
    assert_eq!(place.run("maintain").code, 0);
    place
}

fn findings(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_sound_store_has_nothing_to_tell() {
    let place = Place::holding(&four());
    let ended = place.run("verify");
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{ended:?}");
    assert!(ended.err.contains("verified 4 documents, no damage"), "{ended:?}");
    assert_eq!(place.run("verify --format json").out, "[]\n");
    let csv = place.run("verify --format csv").out;
    assert_eq!(csv, "level,subject,key,message,remedy,repaired\r\n");
    place.run("verify --format ids").fails(2, "jsonl");
}

/// R-ANY-6, R-ANY-17: damage is found and named.
#[test]
fn verify_names_what_is_damaged() {
    let place = settled();
    place.write(&format!("{FOLDER}/c.json"), "{\"run_id\": \"c\", ");
    let ended = place.run("verify --format jsonl");
    assert_eq!(ended.code, 5, "{ended:?}");
    let found = findings(&ended.out);
    let damages: Vec<&Value> = found.iter().filter(|finding| finding["level"] == "damage").collect();
    assert_eq!(damages.len(), 1, "{ended:?}");
    assert_eq!(damages[0]["key"], "results/c");
    assert_eq!(damages[0]["repaired"], false);
    assert!(damages[0]["message"].as_str().unwrap().contains("c.json"), "{ended:?}");
    assert!(ended.err.contains("1 case of damage"), "{ended:?}");
    assert!(damages[0]["remedy"].is_string(), "{ended:?}");
    let order = ["level", "subject", "key", "message", "remedy", "repaired"];
    let places: Vec<usize> =
        order.iter().map(|name| ended.out.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{}", ended.out);
    let table = place.run("verify --format table");
    assert_eq!(table.code, 5);
    assert!(table.out.starts_with("LEVEL") && table.out.contains("results/c"), "{table:?}");
    assert_eq!(place.run("delete c").ok(), "");
    assert_eq!(place.run("verify").code, 0);
}

/// Bytes that changed at rest under the same size: only a checksum tells.
#[test]
fn verify_finds_a_flipped_byte() {
    let place = settled();
    let path = place.path(&format!("{FOLDER}/b.json"));
    let before = std::fs::metadata(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::io::Write::write_all(&mut &file, text.replace("failure", "failurf").as_bytes()).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
    let ended = place.run("verify --format jsonl");
    assert_eq!(ended.code, 5, "{ended:?}");
    assert!(ended.out.contains("\"results/b\""), "{ended:?}");
}

#[test]
fn a_store_that_keeps_nothing_but_documents_says_so() {
    let place = Place::new();
    for (command, says) in
        [("reindex", "nothing to rebuild"), ("reindex --quick", "rebuild"), ("maintain", "clean up")]
    {
        let ended = place.run(&format!("--store memory: {command}"));
        assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{ended:?}");
        assert!(ended.err.contains(says), "{ended:?}");
    }
    assert_eq!(place.run("--store memory: verify").code, 0);
    place.run("--store memory: verify --repair").fails(1, "--repair");
    place.run("--store memory: maintain --grace 7d").fails(1, "--grace");
}

/// What another program put into the folder is there after `reindex --quick`, and after `maintain`.
#[test]
fn documents_that_others_added_are_found() {
    let place = Place::holding(&four());
    let add = |id: &str| {
        let text = std::fs::read_to_string(place.path(&format!("{FOLDER}/a.json"))).unwrap();
        place.write(&format!("{FOLDER}/{id}.json"), text.replace("\"a\"", &format!("\"{id}\"")));
    };
    add("copied");
    assert_eq!(place.run("reindex --quick").code, 0);
    assert_eq!(place.run("count").ok(), "5\n");
    add("another");
    assert_eq!(place.run("maintain").code, 0);
    assert_eq!(place.run("count").ok(), "6\n");
    assert_eq!(place.run("reindex").code, 0);
    assert_eq!(place.run("verify").code, 0);
    assert!(place.run("list --format ids").ok().contains("copied\n"));
}

/// What a save replaces is gone with it, on disk: an option that keeps nothing is refused, and nothing is done.
#[test]
fn a_store_in_files_has_nothing_that_a_grace_could_keep() {
    let place = Place::holding(&four());
    place.run("maintain --grace 12h").fails(1, "keeps no earlier states");
    assert_eq!(place.run("maintain").code, 0);
}

#[test]
fn doctor_says_what_a_store_can_and_cannot_promise() {
    let place = Place::holding(&four());
    let level = |text: &str, subject: &str| {
        let found = findings(text);
        let finding = found.iter().find(|finding| finding["subject"] == subject).unwrap();
        finding["level"].as_str().unwrap().to_owned()
    };
    let text = place.run("doctor").ok();
    for subject in ["store", "writing", "durability", "sharing", "create only", "compare and swap", "access"]
    {
        assert_eq!(level(&text, subject), "good", "{subject}");
    }
    assert!(text.contains(FOLDER), "{text}");
    let text = place.run("--store memory: doctor").ok();
    assert_eq!(level(&text, "change feed"), "good");
    for subject in ["durability", "sharing"] {
        assert_eq!(level(&text, subject), "warning", "{subject}");
        let found = findings(&text);
        assert!(found.iter().any(|finding| finding["subject"] == subject && finding["remedy"].is_string()));
    }
    let table = place.run("doctor --format table").ok();
    assert!(table.starts_with("LEVEL") && table.contains("\ngood "), "{table}");
}

#[test]
fn a_store_that_cannot_be_used_is_an_error() {
    let place = Place::new();
    place.write("file", "not a folder");
    for command in ["doctor", "verify", "stats", "trend", "bench", "watch --once"] {
        let ended = place.run(&format!("--store file:file {command}"));
        assert!([1, 2].contains(&ended.code) && ended.err.contains("error: "), "{command}: {ended:?}");
        assert_eq!(ended.out, "", "{command}");
    }
}
