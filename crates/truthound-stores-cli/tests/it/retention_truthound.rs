//! Retention beside stores that Truthound wrote and may still write: what goes is moved to the letter, what is Truthound's own stays, and what cannot be done is said.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::fixtures::{copy, holding};
use crate::harness::{Ended, Place};

const ARCHIVE: &str =
    "archive = 'file:archive'\npolicies = [{ type = 'time', max_age_days = 7, action = 'archive' }]";
const DELETE: &str = "policies = [{ type = 'time', max_age_days = 7 }]";

/// Makes all files of a folder as old as what is in them, of January 2026: what was copied just now counts as saved just now.
fn age(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            age(&path);
        } else {
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_hours(20_484 * 24)).unwrap();
        }
    }
}

/// A copy of a folder of Truthound's that has not been written to for long, with files of policies.
fn old(name: &str) -> Place {
    let place = holding(name);
    age(&place.path("store"));
    place.write("archive.toml", ARCHIVE);
    place.write("delete.toml", DELETE);
    place
}

fn row(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    serde_json::from_str(&ended.out).unwrap()
}

fn ids(place: &Place, store: &str) -> Vec<String> {
    place.run(&format!("--store {store} list --format ids")).ok().lines().map(str::to_owned).collect()
}

/// The ids of what a plan names.
fn planned(place: &Place, store: &str, policies: &str) -> Vec<String> {
    let ended = place.run(&format!("--store {store} retention plan --policy {policies} --format ids"));
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.ids().into_iter().map(str::to_owned).collect()
}

fn text(place: &Place, store: &str, id: &str) -> Value {
    serde_json::from_str(&place.run(&format!("--store {store} get {id}")).ok()).unwrap()
}

/// The file of a document, by its name in the folder of results.
fn file(place: &Place, store: &str, name: &str) -> Option<Vec<u8>> {
    fs::read(place.path(store).join("default/validations").join(name)).ok()
}

#[test]
fn what_truthound_wrote_is_archived_to_the_letter_and_comes_back_so() {
    let place = old("fs_default");
    let index = file(&place, "store", "_index.json").unwrap();
    let all = ids(&place, "file:store");
    assert_eq!(all.len(), 3);
    let before: Vec<_> = all.iter().map(|id| file(&place, "store", &format!("{id}.json")).unwrap()).collect();
    assert_eq!(planned(&place, "file:store", "archive.toml"), all);

    let applied = row(&place.run("--store file:store retention apply --policy archive.toml"));
    assert_eq!((&applied["archived"], &applied["failed"]), (&3.into(), &0.into()), "{applied}");
    assert!(ids(&place, "file:store").is_empty());
    assert_eq!(ids(&place, "file:archive"), all);
    for (id, bytes) in all.iter().zip(&before) {
        let name = format!("{id}.json");
        assert_eq!(file(&place, "store", &name), None);
        assert_eq!(file(&place, "archive", &name).as_ref(), Some(bytes), "{id}");
    }
    // Truthound's index is Truthound's: its `rebuild_index` finds what is there.
    assert_eq!(file(&place, "store", "_index.json").unwrap(), index);
    assert!(place.path("store/default/expectations/customer_suite.json").is_file());

    let restored =
        row(&place.run("--store file:store retention restore --all --from archive --policy archive.toml"));
    assert_eq!((&restored["restored"], &restored["failed"]), (&3.into(), &0.into()), "{restored}");
    for (id, bytes) in all.iter().zip(&before) {
        assert_eq!(file(&place, "store", &format!("{id}.json")).as_ref(), Some(bytes), "{id}");
    }
    assert_eq!(place.run("--store file:store verify").code, 0);
}

/// Whoever applied policies to a folder that was copied the day before saw that nothing was to be done, and not why.
#[test]
fn documents_that_were_copied_lately_are_kept_and_apply_says_so() {
    let place = holding("fs_default");
    place.write("archive.toml", ARCHIVE);
    let applied = place.run("--store file:store retention apply --policy archive.toml");
    assert_eq!(row(&applied)["archived"], 0);
    assert!(applied.err.contains("none of 3 records went; kept all the same: 3 saved lately"), "{applied:?}");
    place.write("archive.toml", format!("grace_days = 0\n{ARCHIVE}"));
    let applied = place.run("--store file:store retention apply --policy archive.toml");
    assert_eq!((&row(&applied)["archived"], &*applied.err), (&3.into(), ""));
}

#[test]
fn compressed_documents_go_and_come_back() {
    let place = old("fs_gzip");
    let all = ids(&place, "file:store");
    let before: Vec<Value> = all.iter().map(|id| text(&place, "file:store", id)).collect();
    let deleted = row(&place.run("--store file:store retention apply --policy delete.toml"));
    assert_eq!((&deleted["deleted"], &deleted["failed"]), (&2.into(), &0.into()), "{deleted}");
    assert!(ids(&place, "file:store").is_empty());
    row(&place.run("--store file:store retention restore --all --from deleted --policy delete.toml"));
    let after: Vec<Value> = all.iter().map(|id| text(&place, "file:store", id)).collect();
    assert_eq!(after, before);
    // What was brought back counts as saved just now.
    let kept = place.run("--store file:store retention apply --policy delete.toml");
    assert!(row(&kept)["deleted"] == 0 && kept.err.contains("2 saved lately"), "{kept:?}");
}

/// Folders by date are stores of their own, one for each `prefix`: a run takes what is in its own folder, and nothing of the others.
#[test]
fn folders_by_date_are_planned_for_one_by_one() {
    let place = Place::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fs_default/default/validations");
    for day in ["2026-01-01", "2026-01-02"] {
        copy(&sample, &place.path(&format!("store/default/validations/{day}")));
    }
    age(&place.path("store"));
    place.write("delete.toml", DELETE);
    assert!(ids(&place, "file:store").is_empty());
    let [first, second] =
        ["2026-01-01", "2026-01-02"].map(|day| format!("file:store?prefix=validations/{day}"));
    assert_eq!((ids(&place, &first).len(), ids(&place, &second).len()), (3, 3));
    assert_eq!(planned(&place, &first, "delete.toml").len(), 3);
    let deleted = row(&place.run(&format!("--store {first} retention apply --policy delete.toml")));
    assert_eq!(deleted["deleted"], 3);
    assert_eq!((ids(&place, &first).len(), ids(&place, &second).len()), (0, 3));
    row(&place.run(&format!("--store {first} retention restore --all --from deleted --policy delete.toml")));
    assert_eq!(ids(&place, &first).len(), 3);
}

/// Versions that Truthound wrote as documents `ID__v1` are documents, and no history, until `copy --versions` has made one of them.
#[test]
fn versions_of_truthounds_are_planned_for_until_they_are_imported() {
    let place = Place::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../truthound-stores-versioning/tests/fixtures/fs_versioned_incremental");
    copy(&sample, &place.path("store"));
    place.write("policies.toml", format!("grace_days = 0\n{DELETE}"));
    let plan = |store: &str| planned(&place, store, "policies.toml");
    assert!(plan("file:store").iter().any(|id| id.ends_with("__v1")));
    place.run("copy file:store file:own --versions --collection results").ok();
    let planned = plan("file:own");
    assert!(!planned.is_empty() && planned.iter().all(|id| !id.contains("__v")), "{planned:?}");
}

/// What is done to Truthound's own table was refused as if some ability lacked, with no word that the table is only read, and of what to do.
#[test]
fn truthounds_own_table_is_planned_for_and_never_changed() {
    let place = Place::new();
    let sample =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../truthound-stores-database/tests/fixtures/truthound.db");
    fs::copy(sample, place.path("truthound.db")).unwrap();
    let before = fs::read(place.path("truthound.db")).unwrap();
    let table = "--store truthound+sqlite:truthound.db";
    place.write("archive.toml", format!("grace_days = 0\n{ARCHIVE}\nschedule = {{ interval_hours = 1 }}"));
    assert_eq!(planned(&place, table.trim_start_matches("--store "), "archive.toml").len(), 20);
    for command in ["apply", "schedule --once"] {
        let refused = place.run(&format!("{table} retention {command} --policy archive.toml"));
        refused.fails(1, "is only read");
        assert!(
            refused.err.contains("truthound.db") && refused.err.contains("copy its records"),
            "{refused:?}"
        );
    }
    // Nor does it take what others archive.
    place.run(&format!("copy {} sqlite:own.db", table.trim_start_matches("--store "))).ok();
    place.write("into.toml", ARCHIVE.replace("file:archive", "truthound+sqlite:truthound.db"));
    place
        .run("--store sqlite:own.db retention apply --policy into.toml")
        .fails(1, "Truthound's own table is only read");
    assert_eq!(fs::read(place.path("truthound.db")).unwrap(), before);
    // The way that the message names.
    let applied = row(&place.run("--store sqlite:own.db retention apply --policy archive.toml"));
    assert_eq!((&applied["archived"], &applied["failed"]), (&20.into(), &0.into()), "{applied}");
    assert_eq!(ids(&place, "file:archive").len(), 20);
}
