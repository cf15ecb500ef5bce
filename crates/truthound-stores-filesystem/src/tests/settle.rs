//! What is settled is on the disk: the system must have had the chance to say that it is not, and what it may have forgotten is written
//! again, by whoever finishes it and whatever that handle promises for itself.

use std::path::{Path, PathBuf};

use truthound_stores_core::{MaintainOptions, Store, Upkeep};

use super::story::Story;
use super::{check, live, open, open_copy, record, temp_dir};
use crate::files::Step;
use crate::files::faults::Faults;

const EIO: i32 = 5;
const SYNCS: [Step; 3] = [Step::SyncFile, Step::SyncFolder, Step::SyncFileSystem];

fn documents(count: usize) -> Vec<truthound_stores_core::Record> {
    (0..count).map(|number| record(&format!("x{number}"), 1)).collect()
}

fn position(log: &[(Step, PathBuf)], step: Step, end: &str) -> Option<usize> {
    log.iter().position(|(done, path)| *done == step && path.ends_with(end))
}

/// The folder was once opened for its sync: Linux tells of what it could not write only those who had the file open by then, and once it has
/// told somebody else, nobody who comes later.
fn was_open_before(log: &[(Step, PathBuf)], base: &Path, what: &str) {
    let folder = super::folder(base);
    let first = log.iter().position(|(step, _)| *step == Step::Stage).unwrap();
    let synced = log.iter().position(|(step, _)| *step == Step::SyncFileSystem).unwrap();
    let opened = |part: &[(Step, PathBuf)]| part.contains(&(Step::OpenFolder, folder.clone()));
    assert!(first < synced && opened(&log[..first]), "{what}: it is open");
    assert!(!opened(&log[first..synced]), "{what}: and stays open");
}

#[tokio::test]
async fn the_folder_is_open_before_anything_is_written_that_is_synced() {
    let dir = temp_dir();
    let history = Story::default();
    let store = open(dir.path()).await;
    // The catalog is there, and with it all that opens the folder once.
    history.put(&store, record("first", 1)).await.unwrap();
    store.close().await.unwrap();
    let faults = Faults::of(dir.path());
    let store = open(dir.path()).await;
    history.put_many(&store, documents(20)).await.into_iter().for_each(Result::unwrap);
    store.flush().await.unwrap();
    was_open_before(&faults.log(), dir.path(), "by the publisher");
    faults.fail(EIO, |_, step, _| step == Step::Stage);
    history.put_many(&store, documents(20)).await.into_iter().for_each(Result::unwrap);
    live(&store).stop();
    faults.lift();
    let before = faults.log().len();
    let next = open(dir.path()).await;
    next.maintain(MaintainOptions::default(), &()).await.unwrap();
    was_open_before(&faults.log()[before..], dir.path(), "by the one who finishes");
    next.close().await.unwrap();
    check(dir.path(), &history.now(), "in the end").await;
}

/// What others have acknowledged may have been promised to survive a power cut: a handle with `durability = "os"` once dropped it from the
/// log without a sync.
#[tokio::test]
async fn who_promises_less_finishes_the_work_of_others_as_it_was_promised() {
    for count in [1, 20] {
        let dir = temp_dir();
        let (faults, history) = (Faults::of(dir.path()), Story::default());
        let store = open(dir.path()).await;
        history.put(&store, record("x0", 1)).await.unwrap();
        store.flush().await.unwrap();
        faults.fail(EIO, |_, step, _| step == Step::Stage);
        history.put_many(&store, documents(count)).await.into_iter().for_each(Result::unwrap);
        live(&store).stop();
        faults.lift();
        let before = faults.log().len();
        let next = open_copy(dir.path()).await;
        next.maintain(MaintainOptions::default(), &()).await.unwrap();
        let log = faults.log().split_off(before);
        let placed = position(&log, Step::Place, "x0.json").expect("it is put in its place");
        let synced = log.iter().rposition(|(step, _)| SYNCS.contains(step)).expect("and synced");
        assert!(placed < synced, "{count}");
        assert_eq!(live(&next).readers.read("look", crate::index::owners).unwrap(), [], "{count}");
        next.close().await.unwrap();
        check(dir.path(), &history.now(), "in the end").await;
    }
}

/// A sync that fails says so once: the next one knows nothing of it. A file that reads as it should was once taken for one that is on the
/// disk.
#[tokio::test]
async fn after_a_sync_that_failed_files_are_written_again_before_the_next_one() {
    for count in [1, 20] {
        let dir = temp_dir();
        let (faults, history) = (Faults::of(dir.path()), Story::default());
        let store = open(dir.path()).await;
        history.put(&store, record("x0", 2)).await.unwrap();
        store.flush().await.unwrap();
        faults.fail(EIO, |_, step, path| SYNCS.contains(&step) && !path.ends_with("_catalog"));
        history.put_many(&store, documents(count)).await.into_iter().for_each(Result::unwrap);
        store.flush().await.unwrap_err();
        live(&store).stop();
        for fails in [true, false] {
            if !fails {
                faults.lift();
            }
            let before = faults.log().len();
            let next = open(dir.path()).await;
            assert_eq!(next.maintain(MaintainOptions::default(), &()).await.is_err(), fails, "{count}");
            let log = faults.log().split_off(before);
            let placed = position(&log, Step::Place, "x0.json").expect("it is written again");
            let synced = log.iter().position(|(step, _)| SYNCS.contains(step)).expect("and synced");
            assert!(placed < synced, "{count}");
            let left = live(&next).readers.read("look", crate::index::owners).unwrap();
            assert_eq!(left.is_empty(), !fails, "{count}: {left:?}");
            live(&next).stop();
        }
        check(dir.path(), &history.now(), "in the end").await;
    }
}
