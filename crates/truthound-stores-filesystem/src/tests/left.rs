//! A writer is gone before it has settled what it did, and the user restores or rewrites files before anybody opens the store. What it had
//! done was once done again: a file that was put back with its old time was removed, or written over by the state that the user had taken
//! back. A handle that was open all the time answered from the log meanwhile.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use truthound_stores_core::{
    ErrorKind, MaintainOptions, PutOptions, ReindexOptions, Store, StoreExt, Upkeep,
};

use super::{LONG, folder, ids, key, live, open, record, stored, temp_dir, value};
use crate::files::faults::Faults;
use crate::files::{self, Step};
use crate::store::FileSystemStore;

const EIO: i32 = 5;

/// A file as a backup has it.
struct Backup {
    path: PathBuf,
    bytes: Vec<u8>,
    time: SystemTime,
}

impl Backup {
    fn of(base: &Path) -> Self {
        let path = folder(base).join("x.json");
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        Self { bytes: fs::read(&path).unwrap(), time, path }
    }

    /// Puts the file back, with its time, as `cp -p` does: not in the same tick of the system's clock as what was done to the folder last.
    fn restore(&self) {
        let before = files::changed(self.path.parent().unwrap()).unwrap();
        let is_late = || files::changed(&self.path).is_some_and(|changed| changed > before);
        fs::write(&self.path, &self.bytes).unwrap();
        let file = File::options().write(true).open(&self.path).unwrap();
        file.set_modified(self.time).unwrap();
        while !is_late() {
            file.set_modified(self.time).unwrap();
        }
    }
}

fn unsettled(store: &FileSystemStore) -> usize {
    let rows = live(store).readers.read("look", crate::index::owners).unwrap();
    usize::try_from(rows.iter().map(|(_, count, _)| count).sum::<u64>()).unwrap()
}

/// Settles version 1 of `x`, and backs it up.
async fn backed_up(base: &Path) -> (FileSystemStore, Backup) {
    let store = open(base).await;
    store.put(record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    (store, Backup::of(base))
}

/// Ends a writer before it settles, as a kill does: its lock is gone, its work is not.
fn kill(store: &FileSystemStore) {
    live(store).stop();
}

async fn is(store: &FileSystemStore, version: u32, what: &str) {
    let found = stored(store, "x").await.unwrap();
    assert_eq!(found, Some(value(&record("x", version))), "{what}");
}

#[tokio::test]
async fn a_removal_that_was_done_takes_no_file_that_is_restored_later() {
    for way in ["opened", "asked", "created", "maintained", "rebuilt"] {
        let dir = temp_dir();
        let (store, backup) = backed_up(dir.path()).await;
        let neighbour = open(dir.path()).await;
        is(&neighbour, 1, way).await;
        assert!(store.delete(&key("x")).await.unwrap());
        kill(&store);
        assert!(!backup.path.exists());
        assert_eq!(unsettled(&neighbour), 1, "{way}");
        assert_eq!(stored(&neighbour, "x").await.unwrap(), None, "{way}");
        backup.restore();
        match way {
            "asked" => is(&neighbour, 1, way).await,
            "created" => {
                let taken = neighbour.put_opts(record("x", 2), PutOptions::create()).await.unwrap_err();
                assert_eq!(taken.kind(), ErrorKind::Conflict, "{}", taken.report());
            }
            "maintained" => drop(neighbour.maintain(MaintainOptions::default(), &()).await.unwrap()),
            "rebuilt" => drop(neighbour.reindex(ReindexOptions::default(), &()).await.unwrap()),
            _ => {}
        }
        let next = open(dir.path()).await;
        assert!(ids(&next, way).await.contains("x"), "{way}");
        next.maintain(MaintainOptions::default(), &()).await.unwrap();
        assert_eq!(unsettled(&next), 0, "{way}");
        is(&next, 1, way).await;
        is(&neighbour, 1, way).await;
        assert_eq!(fs::read(&backup.path).unwrap(), backup.bytes, "{way}");
    }
}

#[tokio::test]
async fn a_save_that_was_in_its_place_is_not_put_over_a_file_that_is_restored_later() {
    for way in ["opened", "asked", "maintained", "rebuilt"] {
        let dir = temp_dir();
        let (store, backup) = backed_up(dir.path()).await;
        let neighbour = open(dir.path()).await;
        store.put(record("x", 2)).await.unwrap();
        kill(&store);
        is(&neighbour, 2, way).await;
        backup.restore();
        match way {
            "asked" => is(&neighbour, 1, way).await,
            "maintained" => drop(neighbour.maintain(MaintainOptions::default(), &()).await.unwrap()),
            "rebuilt" => drop(neighbour.reindex(ReindexOptions::default(), &()).await.unwrap()),
            _ => {}
        }
        let next = open(dir.path()).await;
        is(&next, 1, way).await;
        next.maintain(MaintainOptions::default(), &()).await.unwrap();
        assert_eq!(unsettled(&next), 0, "{way}");
        is(&next, 1, way).await;
        is(&neighbour, 1, way).await;
        assert_eq!(fs::read(&backup.path).unwrap(), backup.bytes, "{way}");
    }
}

/// What never came to its place is nowhere but in the log: it is put there, whatever older file has been restored.
#[tokio::test]
async fn what_was_acknowledged_and_never_in_its_place_comes_to_it() {
    for deletes in [false, true] {
        let dir = temp_dir();
        let faults = Faults::of(dir.path());
        let (store, backup) = backed_up(dir.path()).await;
        faults.fail(EIO, |_, step, _| matches!(step, Step::Stage | Step::Remove));
        if deletes {
            assert!(store.delete(&key("x")).await.unwrap());
        } else {
            store.put(record("x", 2)).await.unwrap();
        }
        kill(&store);
        assert!(faults.lift() > 0);
        backup.restore();
        let next = open(dir.path()).await;
        next.maintain(MaintainOptions::default(), &()).await.unwrap();
        if deletes {
            assert_eq!(stored(&next, "x").await.unwrap(), None);
            assert!(!backup.path.exists());
        } else {
            is(&next, 2, "put in its place").await;
            assert_ne!(fs::read(&backup.path).unwrap(), backup.bytes);
        }
    }
}

/// Others do not wait until the work of one who is gone is finished: they see at once what the user has written.
#[tokio::test]
async fn a_file_that_was_rewritten_counts_before_the_log_of_a_writer_that_is_gone() {
    for was_in_place in [true, false] {
        let dir = temp_dir();
        let faults = Faults::of(dir.path());
        let (store, backup) = backed_up(dir.path()).await;
        let neighbour = open(dir.path()).await;
        if !was_in_place {
            faults.fail(EIO, |_, step, _| step == Step::Stage);
        }
        store.put(record("x", 2)).await.unwrap();
        is(&neighbour, 2, "acknowledged").await;
        // Its owner is there, and has still to put it over whatever is written meanwhile.
        let later = backup.time + LONG;
        if !was_in_place {
            store.flush().await.unwrap_err();
            fs::write(&backup.path, record("x", 3).body.as_bytes()).unwrap();
            File::options().write(true).open(&backup.path).unwrap().set_modified(later).unwrap();
            is(&neighbour, 2, "on its way").await;
        }
        kill(&store);
        faults.lift();
        fs::write(&backup.path, record("x", 3).body.as_bytes()).unwrap();
        File::options().write(true).open(&backup.path).unwrap().set_modified(later).unwrap();
        is(&neighbour, 3, "rewritten").await;
        assert_eq!(unsettled(&neighbour), 0, "what it takes the place of is not put over it");
        let next = open(dir.path()).await;
        next.maintain(MaintainOptions::default(), &()).await.unwrap();
        is(&next, 3, "for the next").await;
    }
}
