//! Several who meet one damaged index, and those who may read it and not build it anew.

use std::fs::{self, File};
use std::sync::Arc;

use truthound_stores_core::{Clock, ErrorKind, MaintainOptions, Store, StoreExt, SystemClock};

use super::index::copy_dir;
use super::unsettled::{Killed, catalog, log};
use super::{live, open, record, stored, temp_dir, value};
use crate::catch_up::BRIEF;
use crate::files::Step;
use crate::files::faults::Faults;

const EACCES: i32 = 13;

/// Damages an early page of the log, of which later ones take the place: all that was acknowledged can be read.
fn flip(catalog: &std::path::Path) {
    let mut bytes = fs::read(log(catalog)).unwrap();
    bytes[32 + 24 + 100] ^= 4;
    fs::write(log(catalog), bytes).unwrap();
}

/// Waits until somebody waits for the turn.
async fn wait_for_a_queue(catalog: &std::path::Path) {
    let queue = File::options().write(true).open(catalog.join("queue")).unwrap();
    while queue.try_lock().is_ok() {
        queue.unlock().unwrap();
        tokio::task::yield_now().await;
    }
}

/// Four read at once what only an index that is built anew can tell, and the first of them is stopped in the middle of building it. Answers
/// how often it was built.
async fn built_for_four(store: &std::path::Path) -> usize {
    let faults = Faults::of(store);
    faults.hold(|_, step, path| step == Step::Place && path.ends_with("index.new"));
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(Arc::new(open(store).await));
    }
    let read = |number: usize| {
        let store = Arc::clone(&stores[number]);
        tokio::spawn(async move { stored(&store, "over").await })
    };
    let mut reading = vec![read(0)];
    tokio::task::block_in_place(|| faults.wait_until_held());
    reading.extend([read(1), read(2), read(3)]);
    wait_for_a_queue(&catalog(store)).await;
    // Longer than a reader waits for a writer who was stopped in the middle.
    let clock = SystemClock::new();
    let since = clock.monotonic();
    while clock.monotonic() < since + BRIEF * 2 {
        assert!(reading.iter().all(|one| !one.is_finished()), "nobody answers from a damaged index");
        tokio::task::yield_now().await;
    }
    faults.go_on();
    for one in reading {
        assert_eq!(one.await.unwrap().unwrap(), Some(value(&record("over", 2))));
    }
    for store in stores {
        assert!(!live(&store).is_refusing_for_now(), "it reads a copy, and not what was built");
        store.close().await.unwrap();
    }
    faults.log().iter().filter(|(_, path)| path.ends_with("index.new")).count()
}

/// Each of four cron jobs that met a damaged index once built it anew, one after the other, minutes each; and a reader who did not want to
/// wait for them was told states from before the damage.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_meets_a_damaged_log_waits_for_the_one_who_builds_it_anew() {
    let killed = Killed::new().await;
    let copy = killed.with(flip);
    assert_eq!(built_for_four(copy.path()).await, 1, "one has built it for all");
    assert_eq!(killed.wrong(copy.path()).await, 0);
}

/// The same of an index without the end that it had: nothing of it is damaged, so that whoever has waited for the turn sees only by the index's
/// identity that another one has built it meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_index_that_several_find_to_be_incomplete_is_built_anew_once() {
    let (whole, copy) = (temp_dir(), temp_dir());
    let store = open(whole.path()).await;
    store.put(record("first", 1)).await.unwrap();
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    store.put(record("over", 2)).await.unwrap();
    store.flush().await.unwrap();
    copy_dir(whole.path(), copy.path());
    store.close().await.unwrap();
    fs::remove_file(log(&catalog(copy.path()))).unwrap();
    assert_eq!(built_for_four(copy.path()).await, 1, "one has built it for all");
}

/// Where one file of the catalog could not be written, a damaged log let every reader fail, though all that was acknowledged could be read.
/// And whoever has read a copy once could not write any more when the permission was there again.
#[tokio::test]
async fn who_may_not_build_a_damaged_index_anew_reads_what_is_there_and_writes_later() {
    let killed = Killed::new().await;
    let copy = killed.with(flip);
    let faults = Faults::of(copy.path());
    faults.fail(EACCES, |_, step, path| step == Step::Place && path.ends_with("index.new"));
    let store = open(copy.path()).await;
    assert_eq!(stored(&store, "over").await.unwrap(), Some(value(&record("over", 2))));
    assert_eq!(stored(&store, "gone").await.unwrap(), None);
    let refused = store.put(record("more", 1)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied, "{}", refused.report());
    assert!(refused.report().contains("index.new"), "{}", refused.report());
    assert_eq!(stored(&store, "new07").await.unwrap(), Some(value(&record("new07", 1))));
    assert!(faults.lift() > 1);
    store.put(record("more", 1)).await.unwrap();
    assert_eq!(stored(&store, "more").await.unwrap(), Some(value(&record("more", 1))));
    store.close().await.unwrap();
    assert_eq!(killed.wrong(copy.path()).await, 0);
}
