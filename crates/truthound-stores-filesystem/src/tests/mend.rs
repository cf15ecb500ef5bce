//! What mends the index, and goes on without it, takes nothing away that was acknowledged.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

use truthound_stores_core::{
    Clock, ErrorKind, Query, ReindexOptions, Store, StoreExt, SystemClock, Timestamp, Upkeep, VerifyOptions,
};

use super::story::Story;
use super::{check, folder, key, live, open, record, stored, temp_dir, value};
use crate::config::FileSystemConfig;
use crate::files::Step;
use crate::files::faults::Faults;
use crate::store::FileSystemStore;

const EIO: i32 = 5;

/// A rebuild that ended when the old index had lost its log, and the new one was not in its place, once lost what was in that log alone.
#[tokio::test]
async fn a_rebuild_that_ends_before_the_new_index_is_in_its_place_loses_nothing() {
    let dir = temp_dir();
    let (faults, history) = (Faults::of(dir.path()), Story::default());
    let store = open(dir.path()).await;
    history.put(&store, record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    faults.fail(EIO, |_, step, _| step == Step::Stage);
    history.put(&store, record("x", 2)).await.unwrap();
    history.put(&store, record("y", 1)).await.unwrap();
    live(&store).stop();
    let next = open(dir.path()).await;
    faults.fail(EIO, |_, step, path| step == Step::Remove && path.ends_with("index.db-shm"));
    next.reindex(ReindexOptions::default(), &()).await.unwrap_err();
    let log = folder(dir.path()).join("_catalog/index.db-wal");
    assert!(!log.exists() || fs::metadata(&log).unwrap().len() == 0, "it ended when the log was gone");
    assert!(faults.lift() > 0);
    let last = open(dir.path()).await;
    for id in ["x", "y"] {
        history.holds(&last, id, "after the rebuild that ended").await;
    }
    last.reindex(ReindexOptions::default(), &()).await.unwrap();
    last.close().await.unwrap();
    check(dir.path(), &history.now(), "in the end").await;
}

/// Does something once, in the middle of what asks it for the time.
#[derive(Default)]
struct Meddling {
    clock: SystemClock,
    deed: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl std::fmt::Debug for Meddling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meddling")
    }
}

impl Clock for Meddling {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        let deed = self.deed.lock().unwrap().take();
        if let Some(deed) = deed {
            deed();
        }
        self.clock.monotonic()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.clock.fill_random(bytes);
    }
}

/// A file that was gone, and a save of its document while a repair was about to forget it: that deletion once took the new document.
#[tokio::test]
async fn a_repair_forgets_a_document_whose_file_is_gone_unless_it_is_saved_meanwhile() {
    for saves in [true, false] {
        let dir = temp_dir();
        let clock = Arc::new(Meddling::default());
        let config = FileSystemConfig::new(dir.path());
        let store =
            FileSystemStore::open_with_clock(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
        store.put(record("x", 1)).await.unwrap();
        store.flush().await.unwrap();
        fs::remove_file(folder(dir.path()).join("x.json")).unwrap();
        let base = dir.path().to_owned();
        let deed = move || {
            let saving = thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async { open(&base).await.put(record("x", 2)).await.map(drop) })
            });
            saving.join().unwrap().unwrap();
        };
        if saves {
            *clock.deed.lock().unwrap() = Some(Box::new(deed));
        }
        let report = store.verify(VerifyOptions::default().with_repair(true), &()).await.unwrap();
        assert!(!report.is_damaged(), "{:#?}", report.findings);
        assert!(clock.deed.lock().unwrap().is_none(), "it was saved meanwhile");
        let left = saves.then(|| value(&record("x", 2)));
        assert_eq!(stored(&store, "x").await.unwrap(), left);
        store.close().await.unwrap();
    }
}

/// The documents do not need the index: one that could not even be opened once kept them from being read.
#[tokio::test]
async fn documents_are_read_from_their_files_while_the_index_cannot_be_opened() {
    let dir = temp_dir();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    store.close().await.unwrap();
    fs::write(folder(dir.path()).join("_catalog/index.db"), [7; 8192]).unwrap();
    let store = open(dir.path()).await;
    assert_eq!(stored(&store, "x").await.unwrap(), Some(value(&record("x", 1))));
    let missing = store.read(&key("y")).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Corrupt, "it may be in the log: {}", missing.report());
    let listed = store.list_ids(&Query::new()).await.unwrap_err();
    assert_eq!(listed.kind(), ErrorKind::Corrupt, "{}", listed.report());
    assert!(listed.report().contains("verify --repair"), "{}", listed.report());
    store.verify(VerifyOptions::default().with_repair(true), &()).await.unwrap();
    assert_eq!(store.list_ids(&Query::new()).await.unwrap().items, ["x"]);
}

/// A folder where a file of the catalog belongs was told of as the system did, without a word of what to do.
#[tokio::test]
async fn a_folder_in_the_place_of_a_catalogs_file_is_named_with_what_to_do() {
    for name in ["index.db", "lock", "publish"] {
        let dir = temp_dir();
        let store = open(dir.path()).await;
        store.put(record("x", 1)).await.unwrap();
        store.close().await.unwrap();
        let path = folder(dir.path()).join("_catalog").join(name);
        drop(fs::remove_file(&path));
        fs::create_dir(&path).unwrap();
        let store = open(dir.path()).await;
        let saved = match store.put(record("y", 1)).await {
            Ok(_) => store.flush().await,
            Err(error) => Err(error),
        };
        let told = saved.unwrap_err().report();
        assert!(told.contains("move it away") && told.contains(path.to_str().unwrap()), "{name}: {told}");
        drop(store);
        fs::remove_dir(&path).unwrap();
        let store = open(dir.path()).await;
        assert_eq!(stored(&store, "x").await.unwrap(), Some(value(&record("x", 1))));
        store.put(record("z", 1)).await.unwrap();
        store.close().await.unwrap();
    }
}
