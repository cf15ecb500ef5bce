//! A catalog is lost, in whole or in part, and made anew.

use object_store::ObjectStoreExt;
use object_store::path::Path;
use truthound_stores_core::{ErrorKind, Level};
use truthound_stores_testkit::object::{ObjectFault, RequestKind, StoreOptions, Trouble};

use super::world::{FOLDER, Process, run, said};
use crate::clean_up::{Cleaner, Keep};
use crate::fold::How;
use crate::root::Root;

/// A store with documents in segments and in the tail, some of them overwritten, some deleted.
pub(crate) fn world(test: impl AsyncFnOnce(Process)) {
    let process = Process::alone(StoreOptions::s3().with_page_size(7));
    run(async {
        fill(&process).await;
        test(process).await;
    });
}

async fn fill(process: &Process) {
    let first = Root::first(&*process.wire.clock, ".json");
    process.library.shelf().create_root(&first).await.unwrap();
    for round in 0..3 {
        for id in ["a", "b", "c/ü", "d", "e"] {
            process.save(&format!("{id}{round}")).await.unwrap();
        }
        process.save("often").await.unwrap();
        process.delete(&format!("a{round}")).await.unwrap();
        if round < 2 {
            process.folder().fold(How::Fold).await.unwrap();
        }
    }
    process.delete("b0").await.unwrap();
}

async fn rebuilt(process: &Process) {
    let report = process.rebuilder().reindex().await.unwrap();
    let live = process.live().await;
    assert_eq!(report.documents, live.len() as u64, "{report:?}");
    assert_eq!(process.listed().await.unwrap(), live);
    for how in [How::Fold, How::Maintain] {
        process.folder().fold(how).await.unwrap();
        assert_eq!(process.listed().await.unwrap(), live);
    }
    Cleaner::of(&process.folder()).clean_up(Keep::NOTHING).await.unwrap();
    assert_eq!(process.anew().listed().await.unwrap(), live);
}

#[test]
fn a_whole_catalog_is_rebuilt_in_place_and_begins_another_lineage() {
    world(async |process| {
        let before = process.library.shelf().root(None).await.unwrap().unwrap();
        rebuilt(&process).await;
        let after = process.library.shelf().root(None).await.unwrap().unwrap();
        assert_ne!(before.root.lineage, after.root.lineage);
        assert_eq!(before.root.store_id, after.root.store_id);
        assert!(after.root.feed_floor > before.root.generation);
    });
}

#[test]
fn a_catalog_that_is_gone_is_built() {
    world(async |process| {
        assert!(process.remove("/_catalog/").await > 5);
        rebuilt(&process).await;
    });
}

#[test]
fn a_root_that_is_gone_is_made_anew_with_a_later_generation() {
    world(async |process| {
        let before = process.library.shelf().root(None).await.unwrap().unwrap();
        assert_eq!(process.remove("/_catalog/root").await, 1);
        rebuilt(&process).await;
        let after = process.library.shelf().root(None).await.unwrap().unwrap();
        assert!(after.root.generation > before.root.generation);
        assert_ne!(before.root.lineage, after.root.lineage);
    });
}

#[test]
fn a_root_that_cannot_be_read_is_replaced() {
    world(async |process| {
        process.flip(&format!("{FOLDER}/_catalog/root"), 300).await;
        let report = process.rebuilder().reindex().await.unwrap();
        assert_eq!(said(&report), [(Level::Damage, "index", String::new())]);
        assert!(!report.is_damaged());
        rebuilt(&process).await;
    });
}

#[test]
fn a_root_that_was_set_back_is_not_relied_on() {
    world(async |process| {
        let path = Path::parse(format!("{FOLDER}/_catalog/root")).unwrap();
        let old = process.store.get(&path).await.unwrap().bytes().await.unwrap();
        for round in 0..3 {
            process.save(&format!("later{round}")).await.unwrap();
            process.folder().fold(How::Fold).await.unwrap();
        }
        Cleaner::of(&process.folder()).clean_up(Keep::default()).await.unwrap();
        process.store.put(&path, old.into()).await.unwrap();
        let report = process.rebuilder().reindex().await.unwrap();
        assert_eq!(said(&report), [(Level::Damage, "index", String::new())]);
        assert!(report.findings[0].message.contains("set back"), "{report:?}");
        rebuilt(&process).await;
    });
}

#[test]
fn files_that_are_damaged_or_gone_are_done_without() {
    for removes in [false, true] {
        for end in [".parquet", ".kill"] {
            world(async move |process| {
                process.save("often").await.unwrap();
                // Into a segment of its own: with a kill file for the one before.
                let names: Vec<String> =
                    process.simulated.names().into_iter().filter(|name| name.ends_with(end)).collect();
                for name in names {
                    if removes {
                        process.remove(&name).await;
                    } else {
                        process.flip(&name, 77).await;
                    }
                }
                rebuilt(&process.anew()).await;
            });
        }
    }
}

#[test]
fn deletions_and_overwrites_of_other_programs_are_adopted() {
    world(async |process| {
        process.folder().fold(How::Maintain).await.unwrap();
        process.remove("/d0.json").await;
        process.put_foreign("d1.json", crate::document::tests::text("d1").as_bytes()).await;
        process.put_foreign("new.json.gz", &gzip(&crate::document::tests::text("new"))).await;
        rebuilt(&process).await;
        let listed = process.listed().await.unwrap();
        assert!(!listed.contains_key("d0") && listed.contains_key("d1") && listed.contains_key("new"));
        let root = process.library.shelf().root(None).await.unwrap().unwrap().root;
        assert_eq!(root.suffixes, [".json", ".json.gz"]);
    });
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    use truthound_stores_core::codec::{Codec, Compression, Format};
    Codec::new(Format::Json, Compression::Gzip).encode(text.as_bytes()).unwrap()
}

/// One document that cannot be read stops nothing, and does not vanish from listings (R-ANY-6).
#[test]
fn a_document_that_cannot_be_read_is_named_and_stays_listed() {
    world(async |process| {
        let before = process.listed().await.unwrap();
        process.flip(&format!("{FOLDER}/d0.json"), 9).await;
        process.put_foreign("torn.json", b"{\"run_id\":").await;
        process.put_foreign("a b.json", b"{}").await;
        process.put_foreign("_index.json", b"{}").await;
        process.put_foreign("other/x.json", b"{}").await;
        let report = process.rebuilder().reindex().await.unwrap();
        assert_eq!(
            said(&report),
            [
                (Level::Warning, "document", String::new()),
                (Level::Damage, "document", "d0".to_owned()),
                (Level::Damage, "document", "torn".to_owned())
            ]
        );
        assert_eq!(process.listed().await.unwrap(), before);
    });
}

#[test]
fn of_two_objects_of_one_id_the_one_under_the_newer_suffix_counts() {
    world(async |process| {
        process.put_foreign("d0.json.gz", &gzip(&crate::document::tests::text("d0"))).await;
        let before = process.listed().await.unwrap();
        let report = process.rebuilder().reindex().await.unwrap();
        assert_eq!(said(&report), [(Level::Note, "document", "d0".to_owned())]);
        assert_eq!(process.listed().await.unwrap(), before);
    });
}

#[test]
fn a_store_that_cannot_be_written_or_read_is_left_as_it_is() {
    world(async |process| {
        let before = process.listed().await.unwrap();
        for kind in [RequestKind::Put, RequestKind::Get] {
            let denied = ObjectFault::new(Trouble::Denied).on(kind).forever();
            process.simulated.faults().force(denied);
            let error = process.rebuilder().reindex().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Denied, "{error:?}");
            process.simulated.faults().heal();
            assert_eq!(process.listed().await.unwrap(), before);
        }
        // Whoever cannot reach some documents must not build a catalog without them.
        let outage = ObjectFault::new(Trouble::Unavailable).on(RequestKind::Get).named("d1.json").forever();
        process.simulated.faults().force(outage);
        let error = process.rebuilder().reindex().await.unwrap_err();
        assert!(error.is_retryable(), "{error:?}");
        process.simulated.faults().heal();
        assert_eq!(process.listed().await.unwrap(), before);
    });
}
