//! A flipped byte in every kind of object is found by name, and mended; what others left undone is a note.

use truthound_stores_core::{Finding, Level, Report};
use truthound_stores_testkit::object::{ObjectFault, RequestKind, Trouble};

use super::verify;
use crate::document::tests::text;
use crate::fold::How;
use crate::query::tests::Folder;
use crate::reindex::tests::whole::world;
use crate::reindex::tests::world::{FOLDER, Process, said};
use crate::tail::{Kind, Name};

async fn checked(process: &Process, repair: bool) -> Report {
    verify(&process.anew().rebuilder(), repair).await.unwrap()
}

/// Finds damage, mends it, and finds nothing more.
async fn mends(process: &Process, subjects: &[&str]) {
    let before = process.simulated.names();
    let report = checked(process, false).await;
    assert!(report.is_damaged(), "{report:?}");
    let damage = |finding: &&Finding| finding.level == Level::Damage;
    assert!(
        report.findings.iter().filter(damage).all(|finding| subjects.contains(&finding.subject)),
        "{report:?}"
    );
    assert_eq!(process.simulated.names(), before, "without repair nothing is written");
    let report = checked(process, true).await;
    assert!(!report.is_damaged() && report.findings.iter().any(|finding| finding.repaired), "{report:?}");
    let report = checked(process, false).await;
    assert!(!report.is_damaged(), "{report:?}");
    assert_eq!(process.anew().listed().await.unwrap(), process.live().await);
    let folder = process.anew().folder();
    folder.fold(How::Fold).await.unwrap();
    folder.fold(How::Maintain).await.unwrap();
    assert_eq!(process.anew().listed().await.unwrap(), process.live().await);
}

async fn flip_all(process: &Process, of: impl Fn(&str) -> bool) {
    let names: Vec<String> = process.simulated.names().into_iter().filter(|name| of(name)).collect();
    assert!(!names.is_empty());
    for (number, name) in names.iter().enumerate() {
        process.flip(name, 41 + 13 * number).await;
    }
}

#[test]
fn a_store_that_is_well_has_no_findings() {
    world(async |process| {
        for how in [How::Fold, How::Maintain] {
            let report = checked(&process, false).await;
            assert_eq!(said(&report), []);
            assert_eq!(report.documents, process.live().await.len() as u64);
            process.folder().fold(how).await.unwrap();
        }
        assert_eq!(said(&checked(&process, true).await), []);
    });
}

#[test]
fn damage_of_every_kind_of_file_is_found_and_mended() {
    world(async |process| {
        flip_all(&process, |name| name.ends_with("_catalog/root")).await;
        mends(&process, &["index"]).await;
    });
    world(async |process| {
        flip_all(&process, |name| name.contains(".parquet")).await;
        mends(&process, &["index", "history"]).await;
    });
    world(async |process| {
        flip_all(&process, |name| name.contains("/history/")).await;
        mends(&process, &["history"]).await;
    });
}

#[test]
fn a_damaged_kill_file_is_found_and_mended() {
    world(async |process| {
        // One that puts what it folds into a segment of its own, and ends rows of others.
        let (shelf, clock) = (process.library.shelf().clone(), process.wire.clock.clone());
        let folder = Folder { shelf, clock, keeps: 0 };
        assert!(folder.fold(|_| true, false).await.unwrap());
        process.save("d0").await.unwrap();
        process.delete("e1").await.unwrap();
        assert!(folder.fold(|_| true, false).await.unwrap());
        flip_all(&process, |name| name.contains(".kill")).await;
        mends(&process, &["index", "history"]).await;
    });
}

#[test]
fn a_damaged_object_of_the_tail_is_found_and_removed() {
    world(async |process| {
        let mut process = process;
        process.documents.rows_in_names = false;
        process.save("d0").await.unwrap();
        process.delete("d1").await.unwrap();
        let in_body = |name: &str| {
            let name = name.split_once("/tail/").map(|(_, name)| Name::parse(name).unwrap());
            name.is_some_and(|name| name.kind() == Kind::Body)
        };
        flip_all(&process, in_body).await;
        process.anew().listed().await.unwrap_err();
        mends(&process, &["index"]).await;
    });
}

#[test]
fn a_damaged_document_is_named_and_cannot_be_mended() {
    world(async |process| {
        process.flip(&format!("{FOLDER}/d0.json"), 30).await;
        for repair in [false, true] {
            let report = checked(&process, repair).await;
            assert_eq!(said(&report), [(Level::Damage, "document", "d0".to_owned())]);
            assert!(report.is_damaged());
        }
        assert!(process.listed().await.unwrap().contains_key("d0"));
    });
}

#[test]
fn what_others_left_undone_is_a_note_and_mended() {
    world(async |process| {
        process.folder().fold(How::Maintain).await.unwrap();
        let cut = ObjectFault::new(Trouble::Denied).on(RequestKind::Put).named("/tail/").forever();
        process.simulated.faults().force(cut);
        process.save("unlisted").await.unwrap_err();
        process.delete("e0").await.unwrap_err();
        process.simulated.faults().heal();
        process.put_foreign("new.json", text("new").as_bytes()).await;
        let expected = [
            (Level::Note, "document", "e0".to_owned()),
            (Level::Note, "document", "new".to_owned()),
            (Level::Note, "document", "unlisted".to_owned()),
        ];
        assert_eq!(said(&checked(&process, false).await), expected);
        let report = checked(&process, true).await;
        assert_eq!(said(&report), expected);
        assert!(report.findings.iter().all(|finding| finding.repaired), "{report:?}");
        assert_eq!(said(&checked(&process, false).await), []);
    });
}

#[test]
fn a_document_whose_object_is_gone_or_was_set_back_is_damage() {
    world(async |process| {
        process.folder().fold(How::Maintain).await.unwrap();
        process.remove("/d0.json").await;
        let report = checked(&process, false).await;
        assert_eq!(said(&report), [(Level::Damage, "document", "d0".to_owned())]);
        let old = process.copy("e0.json").await;
        process.save("e0").await.unwrap();
        process.folder().fold(How::Fold).await.unwrap();
        process.put_back("e0.json", old).await;
        let report = checked(&process, false).await;
        assert_eq!(said(&report).len(), 2, "{report:?}");
        mends(&process, &["document"]).await;
    });
}

#[test]
fn a_store_that_cannot_be_written_is_verified_all_the_same() {
    world(async |process| {
        let denied = ObjectFault::new(Trouble::Denied).on(RequestKind::Put).forever();
        process.simulated.faults().force(denied);
        assert_eq!(said(&checked(&process, false).await), []);
        process.simulated.faults().heal();
        process.remove("/_catalog/").await;
        assert_eq!(said(&checked(&process, false).await), [(Level::Note, "index", String::new())]);
        assert!(!checked(&process, true).await.is_damaged());
        assert_eq!(process.anew().listed().await.unwrap(), process.live().await);
    });
}
