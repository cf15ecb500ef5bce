//! Other programs add, change and delete documents, and writers are cut off: adoption takes it up (R-FS-4 of buckets).

use std::time::Duration;

use truthound_stores_core::Level;
use truthound_stores_testkit::object::{ObjectFault, RequestKind, StoreOptions, Trouble};

use super::whole::{gzip, world};
use super::world::{FOLDER, Process, run, said};
use crate::document::tests::text;
use crate::fold::How;

/// Adopts, and checks that all is listed as it lies in the folder.
async fn adopted(process: &Process) -> Vec<(Level, &'static str, String)> {
    let process = process.anew();
    let report = process.rebuilder().adopt().await.unwrap();
    let live = process.live().await;
    assert_eq!(process.listed().await.unwrap(), live, "{report:?}");
    for how in [How::Fold, How::Maintain] {
        process.folder().fold(how).await.unwrap();
        assert_eq!(process.anew().listed().await.unwrap(), live);
    }
    said(&report)
}

#[test]
fn what_appears_changes_and_vanishes_is_taken_up() {
    world(async |process| {
        for name in ["new", "other"] {
            process.put_foreign(&format!("{name}.json"), text(name).as_bytes()).await;
        }
        process.put_foreign("packed.json.gz", &gzip(&text("packed"))).await;
        assert_eq!(adopted(&process).await, []);
        let root = process.library.shelf().root(None).await.unwrap().unwrap().root;
        assert_eq!(root.suffixes, [".json", ".json.gz"]);
        // Of the same length.
        process.put_foreign("new.json", text("new").replace("failure", "success").as_bytes()).await;
        process.remove("/packed.json.gz").await;
        // Written by us.
        process.remove("/d0.json").await;
        process.put_foreign("e1.json", text("e1").as_bytes()).await;
        assert_eq!(adopted(&process).await, [(Level::Note, "index", String::new())]);
        // By now they are like all others.
        process.save("new").await.unwrap();
        process.delete("e1").await.unwrap();
        assert_eq!(adopted(&process).await, []);
    });
}

#[test]
fn nothing_is_read_where_nothing_has_changed() {
    world(async |process| {
        process.put_foreign("new.json", text("new").as_bytes()).await;
        adopted(&process).await;
        process.folder().fold(How::Maintain).await.unwrap();
        let process = process.anew();
        process.simulated.reset_requests();
        process.rebuilder().adopt().await.unwrap();
        let requests = process.simulated.reset_requests();
        let documents = format!("{FOLDER}/");
        let read = requests.log().filter(|request| {
            let name = &request.names[0];
            request.kind == RequestKind::Get && name.starts_with(&documents) && !name.contains("_catalog")
        });
        assert_eq!(read.count(), 0, "{requests}");
        assert_eq!(requests.of(RequestKind::Put), 0);
    });
}

#[test]
fn writers_that_were_cut_off_are_finished() {
    world(async |process| {
        process.folder().fold(How::Maintain).await.unwrap();
        // Long enough for the new states to be told from the old ones by their time.
        process.wire.timer.sleep(Duration::from_mins(3)).await;
        let cut = ObjectFault::new(Trouble::Denied).on(RequestKind::Put).named("/tail/").forever();
        process.simulated.faults().force(cut);
        process.save("unlisted").await.unwrap_err();
        process.save("d0").await.unwrap_err();
        process.delete("e0").await.unwrap_err();
        process.simulated.faults().heal();
        assert_eq!(adopted(&process).await, [(Level::Note, "log", String::new())]);
        assert!(!process.listed().await.unwrap().contains_key("e0"));
    });
}

#[test]
fn what_cannot_be_read_stays_and_is_named() {
    world(async |process| {
        let before = process.listed().await.unwrap();
        process.put_foreign("torn.json", b"{\"run_id\":").await;
        process.put_foreign("d0.json", b"{}").await;
        process.put_foreign("a b.json", b"{}").await;
        let report = process.anew().rebuilder().adopt().await.unwrap();
        let expected = [
            (Level::Warning, "document", String::new()),
            (Level::Damage, "document", "d0".to_owned()),
            (Level::Damage, "document", "torn".to_owned()),
        ];
        assert_eq!(said(&report), expected);
        assert_eq!(process.listed().await.unwrap(), before);
    });
}

#[test]
fn two_who_adopt_the_same_put_the_same() {
    world(async |process| {
        process.folder().fold(How::Maintain).await.unwrap();
        process.remove("/d0.json").await;
        let one = process.anew();
        let other = process.anew();
        let (one, other) = (one.rebuilder(), other.rebuilder());
        let (first, second) = futures_util::join!(one.adopt(), other.adopt());
        first.unwrap();
        second.unwrap();
        let tail = process.simulated.names().into_iter().filter(|name| name.contains("/tail/"));
        assert_eq!(tail.count(), 1);
        assert_eq!(adopted(&process).await, []);
    });
}

#[test]
fn a_store_without_a_catalog_gets_one() {
    run(async {
        let process = Process::alone(StoreOptions::gcs());
        process.put_foreign("new.json", text("new").as_bytes()).await;
        assert_eq!(adopted(&process).await, []);
    });
}

/// Real documents of Truthound's, in every layout that lies in one folder (R-FS-4).
#[test]
fn folders_of_truthound_open_as_they_are() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../truthound-stores-filesystem/tests/fixtures");
    for (name, suffix) in [("fs_default", ".json"), ("fs_gzip", ".json.gz"), ("fs_compact", ".json")] {
        let folder = std::path::Path::new(fixtures).join(name).join("default/validations");
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() > 3, "{}", folder.display());
        run(async {
            let process = Process::alone(StoreOptions::s3().with_page_size(4));
            for file in &files {
                let bytes = std::fs::read(file).unwrap();
                process.put_foreign(file.file_name().unwrap().to_str().unwrap(), &bytes).await;
            }
            let report = process.rebuilder().reindex().await.unwrap();
            assert_eq!(said(&report), []);
            let documents =
                files.iter().filter(|file| !file.file_name().unwrap().to_str().unwrap().starts_with('_'));
            assert_eq!(report.documents, documents.count() as u64);
            assert_eq!(process.listed().await.unwrap().len() as u64, report.documents);
            let root = process.library.shelf().root(None).await.unwrap().unwrap().root;
            assert!(root.suffixes.iter().any(|known| known == suffix), "{:?}", root.suffixes);
        });
    }
}
