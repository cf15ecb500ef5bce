//! A store that this user may read and not write: `doctor` once ended with that as an error before it said anything of it, `verify` with
//! "cannot open the lock: No such file or directory" if there was no index yet, and `maintain` did not say that it was about permissions.

use serde_json::Value;

use crate::harness::{Ended, Place, four};

const FOLDER: &str = ".truthound/store/default/validations";
const READ_ONLY: u32 = 0o555;

fn finding(ended: &Ended, subject: &str) -> Option<Value> {
    let findings = ended.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    findings.into_iter().find(|finding| finding["subject"] == subject)
}

/// With its index, and as another program's folder that has none.
fn both() -> [Place; 2] {
    let [with, without] = [Place::holding(&four()), Place::holding(&four())];
    for place in [&with, &without] {
        assert_eq!(place.run("maintain").code, 0);
    }
    std::fs::remove_dir_all(without.path(FOLDER).join("_catalog")).unwrap();
    [with, without]
}

#[test]
fn doctor_lists_a_missing_permission_among_its_findings() {
    for place in both() {
        let ended = place.run_permitted("doctor", READ_ONLY, &[]);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
        let access = finding(&ended, "access").unwrap();
        assert_eq!(access["level"], "warning", "{ended:?}");
        assert!(access["message"].as_str().unwrap().contains(FOLDER), "{access}");
        assert!(access["remedy"].is_string(), "{access}");
        assert_eq!(finding(&ended, "writing"), None, "it cannot promise that documents can be saved");
        assert!(finding(&ended, "index").is_some(), "the rest is told all the same: {ended:?}");
    }
}

/// A catalog that root has made keeps others from writing, however open the folder is.
#[test]
fn doctor_sees_an_index_that_somebody_else_made() {
    let [place, _] = both();
    let index = format!("{FOLDER}/_catalog/index.db");
    let ended = place.run_permitted("doctor", 0o777, &[(&index, 0o444)]);
    let access = finding(&ended, "access").unwrap();
    assert_eq!((ended.code, &access["level"]), (0, &"warning".into()), "{ended:?}");
    assert!(access["message"].as_str().unwrap().contains(&index), "{access}");
    assert_eq!(finding(&place.run_permitted("doctor", 0o777, &[]), "access").unwrap()["level"], "good");
}

#[test]
fn what_can_be_read_is_verified_and_what_cannot_be_written_is_refused() {
    for place in both() {
        for command in ["verify", "verify --repair"] {
            let ended = place.run_permitted(command, READ_ONLY, &[]);
            assert_eq!(ended.code, 0, "{ended:?}");
            assert!(ended.err.contains("verified 4 documents, no damage"), "{ended:?}");
            assert_eq!(finding(&ended, "index").unwrap()["level"], "note", "{ended:?}");
        }
        for command in ["maintain", "reindex", "reindex --quick", "delete a"] {
            let ended = place.run_permitted(command, READ_ONLY, &[]);
            ended.fails(1, "check who owns the folder and its permissions");
            assert_eq!(ended.err.matches("path: ").count(), 1, "{command}: {ended:?}");
        }
    }
}

/// A file that may not be read is no damage, as it once was to the filesystem store's own `verify`: nothing is known of it.
#[test]
fn a_document_that_may_not_be_read_is_not_called_damaged() {
    let [place, _] = both();
    let ended = place.run_permitted("verify", 0o777, &[(&format!("{FOLDER}/a.json"), 0)]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let document = finding(&ended, "document").unwrap();
    assert_eq!((&document["level"], &document["key"]), (&"warning".into(), &"results/a".into()), "{ended:?}");
}
