//! Handles in several processes see each other and exclude each other. Here they are handles of their own in one process: they share
//! nothing but the folder and its lock, which is held by open file, not by process.

use truthound_stores_core::{ErrorKind, Key, PutOptions, Store, StoreExt};

use crate::support::{ids, open, record};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn separate_handles_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let path = dir.path().to_owned();
            tokio::spawn(async move {
                let store = open(&path).await;
                for number in 0..25 {
                    store.put(record(&format!("{writer}-{number}"), 1)).await.unwrap();
                    // A document that all of them write, too.
                    store.put(record("shared", writer + 1)).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(ids(&open(dir.path()).await).await.len(), 101);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_handles_that_create_one_id_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let id = format!("run{round}");
        let racers: Vec<_> = (0..8)
            .map(|racer| {
                let (path, id) = (dir.path().to_owned(), id.clone());
                tokio::spawn(async move {
                    let store = open(&path).await;
                    store
                        .save_with(&record(&id, racer + 1).body.to_json().unwrap(), PutOptions::create())
                        .await
                })
            })
            .collect();
        let mut won = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
            }
        }
        assert_eq!(won, 1);
    }
}

/// A stopped process that held the lock once let every thread of the runtime wait for it, so that nobody could read either; and
/// a save whose caller had given up happened later all the same.
#[tokio::test]
async fn waiting_writers_keep_nobody_from_reading_and_leave_when_their_callers_do() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let held = std::fs::File::options()
        .write(true)
        .open(dir.path().join("default/validations/_catalog/lock"))
        .unwrap();
    held.lock().unwrap();
    let mut waiting: Vec<_> =
        (0..600).map(|number| Box::pin(store.put(record(&format!("late{number}"), 1)))).collect();
    for put in &mut waiting {
        assert!(futures_util::poll!(put).is_pending());
    }
    assert_eq!(ids(&store).await, ["x"]);
    drop(waiting);
    held.unlock().unwrap();
    // It comes after whatever of this handle was on its way.
    store.put(record("y", 2)).await.unwrap();
    assert_eq!(ids(&store).await, ["y", "x"]);
}

/// The turns of a handle were once one for all collections: a lock held on one kept the others waiting.
#[tokio::test]
async fn a_lock_on_one_collection_holds_up_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let lock = dir.path().join("default/validations/_catalog/lock");
    let held = std::fs::File::options().write(true).open(lock).unwrap();
    held.lock().unwrap();
    let mut waiting = Box::pin(store.put(record("y", 1)));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    let mut elsewhere = record("z", 1);
    elsewhere.key = Key::new(truthound_stores_core::Collection::new("reports").unwrap(), "z").unwrap();
    store.put(elsewhere).await.unwrap();
    held.unlock().unwrap();
    waiting.await.unwrap();
}

/// Writes of equal text are still different states.
#[tokio::test]
async fn a_revision_is_never_given_twice() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..50 {
        let written = store.put(record("x", 1)).await.unwrap();
        assert_eq!(store.head(&Key::result("x").unwrap()).await.unwrap(), written.meta);
        assert!(seen.insert(written.meta.revision));
    }
}

/// A saver that was stopped in the middle of publishing once let every reader who opened the store wait for 30 s, and then fail.
#[tokio::test]
async fn one_who_publishes_keeps_nobody_from_reading() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    store.close().await.unwrap();
    let results = dir.path().join("default/validations");
    let held = std::fs::File::options().write(true).open(results.join("_catalog/publish")).unwrap();
    held.lock().unwrap();
    // The folder is not as the last publisher left it: names would be compared now.
    std::fs::write(results.join("y.json"), record("y", 2).body.as_bytes()).unwrap();
    assert!(ids(&open(dir.path()).await).await.contains(&"x".to_owned()));
    held.unlock().unwrap();
    assert_eq!(ids(&open(dir.path()).await).await, ["y", "x"]);
}

/// A removal that was carried out once stayed to be carried out: the next one who opened the store removed a file that had been restored
/// with its old time.
#[tokio::test]
async fn a_finished_delete_takes_no_file_that_is_restored_later() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    let path = dir.path().join("default/validations/x.json");
    let (bytes, time) =
        (std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().modified().unwrap());
    store.delete(&Key::result("x").unwrap()).await.unwrap();
    store.close().await.unwrap();
    std::fs::write(&path, bytes).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(ids(&open(dir.path()).await).await, ["x"]);
    assert!(path.exists());
}
