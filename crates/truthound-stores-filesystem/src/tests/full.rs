//! The database's own disk is full, or what is not settled takes all the room there is: savers get an error instead of waiting for ever,
//! and nothing acknowledged is lost.

use std::sync::Arc;

use truthound_stores_core::{Body, ErrorKind, PutOptions, Record, Store};

use super::story::Story;
use super::{LONG, check, folder, ids, live, open, record, temp_dir};
use crate::files::Step;
use crate::files::faults::Faults;
use crate::live::{Live, ROOM};

const ENOSPC: i32 = 28;

/// Lets the index grow no further than it has, or as far as it likes.
fn limit(live: &Live, is_full: bool) {
    let limited = live.exclusively(move |index| {
        let pages: i64 = index.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let most = if is_full { pages } else { i64::from(u32::MAX) - 1 };
        index.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(())).unwrap();
        Ok(())
    });
    limited.unwrap();
}

/// A document of so many bytes.
fn large(id: &str, bytes: usize) -> Record {
    let small = record(id, 1);
    let text = small.body.as_str().trim_end_matches('}').to_owned();
    let text = format!("{text},\"pad\":\"{}\"}}", "a".repeat(bytes));
    Record { body: Body::parse(text.as_bytes()).unwrap(), ..small }
}

/// R-ANY-4: a transaction that does not fit is rolled back as a whole, and the store goes on when there is room.
#[tokio::test]
async fn a_full_disk_of_the_index_costs_errors_only() {
    let dir = temp_dir();
    let (store, history) = (open(dir.path()).await, Story::default());
    history.put(&store, record("a", 1)).await.unwrap();
    history.put(&store, record("b", 1)).await.unwrap();
    store.flush().await.unwrap();
    let live = live(&store);
    limit(&live, true);
    let error = history.put(&store, large("a", 100_000)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.report());
    assert!(error.report().contains("index.db") && error.report().contains("full"), "{}", error.report());
    let batch = vec![record("c", 1), large("d", 100_000), record("b", 2)];
    for outcome in history.put_many(&store, batch).await {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    for id in ["a", "b", "c", "d"] {
        history.holds(&store, id, "while full").await;
    }
    assert_eq!(ids(&store, "while full").await.len(), 2);
    store.flush().await.unwrap();
    limit(&live, false);
    history.put(&store, large("a", 100_000)).await.unwrap();
    history.put(&store, record("c", 2)).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(live.room.available_permits(), ROOM);
    store.close().await.unwrap();
    check(dir.path(), &history.now(), "in the end").await;
}

/// Settling writes to the index, too. When that failed, the room of what was settled was lost with it, until none was left and savers
/// waited for ever.
#[tokio::test]
async fn room_is_given_back_when_settling_could_not_be_written_down_at_first() {
    let dir = temp_dir();
    let (store, history) = (open(dir.path()).await, Story::default());
    history.put(&store, record("a", 1)).await.unwrap();
    let live = live(&store);
    live.flush(false).unwrap();
    // No page at all can be written: the index has fewer than it is.
    let read_only = |on: bool| {
        let set = live.exclusively(move |index| {
            index.pragma_update(None, "query_only", on).unwrap();
            Ok(())
        });
        set.unwrap();
    };
    read_only(true);
    let error = store.flush().await.unwrap_err();
    assert!(error.report().contains("index.db"), "{}", error.report());
    assert!(live.room.available_permits() < ROOM);
    read_only(false);
    store.flush().await.unwrap();
    assert_eq!(live.room.available_permits(), ROOM);
    let left = live.readers.read("look", crate::index::owners).unwrap();
    assert_eq!(left, []);
    store.close().await.unwrap();
    check(dir.path(), &history.now(), "in the end").await;
}

/// Leaves room for only so many bytes that are not settled.
fn narrow(live: &Arc<Live>, bytes: usize) {
    let taken = u32::try_from(ROOM - bytes).unwrap();
    live.room.try_acquire_many(taken).unwrap().forget();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn savers_get_an_error_when_files_cannot_be_written_and_there_is_no_room() {
    const LITTLE: usize = 64 << 10;
    let dir = temp_dir();
    let faults = Faults::of(dir.path());
    let (store, history) = (Arc::new(open(dir.path()).await), Story::default());
    history.put(&store, record("a", 1)).await.unwrap();
    store.flush().await.unwrap();
    let live = live(&store);
    narrow(&live, LITTLE);
    faults.fail(ENOSPC, |_, step, _| step == Step::Stage);
    let mut refused = None;
    for number in 0..30 {
        let put = history.put(&store, large(&format!("x{number}"), 4096));
        if let Err(error) = tokio::time::timeout(LONG, put).await.unwrap() {
            refused = Some(error);
            break;
        }
    }
    let refused = refused.expect("more was taken than there is room for");
    assert_eq!(refused.kind(), ErrorKind::Unavailable, "{}", refused.report());
    assert!(refused.report().contains("earlier saves are safe"), "{}", refused.report());
    // Many at once, each of which alone would do: all end.
    let savers: Vec<_> = (0..8)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store.put_many(vec![large(&format!("y{number}"), LITTLE / 2)], PutOptions::default()).await
            })
        })
        .collect();
    for saver in savers {
        let outcome = tokio::time::timeout(LONG, saver).await.unwrap().unwrap().pop().unwrap();
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    assert!(history.now().len() > 10);
    for id in history.now().keys() {
        history.holds(&store, id, "without room").await;
    }
    assert!(faults.lift() > 0);
    // With the disk back, savers wait for those before them, and get on.
    for number in 0..30 {
        let put = history.put(&store, large(&format!("z{number}"), 4096));
        tokio::time::timeout(LONG, put).await.unwrap().unwrap();
    }
    store.flush().await.unwrap();
    assert_eq!(live.room.available_permits(), LITTLE);
    store.close().await.unwrap();
    check(dir.path(), &history.now(), "in the end").await;
}

/// One batch may take more than there is room for: it waits until all is settled, and then takes all of it, and no more is given back.
#[tokio::test]
async fn a_batch_larger_than_all_room_takes_it_and_gives_it_back() {
    let dir = temp_dir();
    let (store, history) = (open(dir.path()).await, Story::default());
    history.put(&store, record("a", 1)).await.unwrap();
    store.flush().await.unwrap();
    let live = live(&store);
    let batch = (0..3).map(|number| large(&format!("x{number}"), ROOM / 3 + 1000)).collect();
    for outcome in history.put_many(&store, batch).await {
        outcome.unwrap();
    }
    store.flush().await.unwrap();
    assert_eq!(live.room.available_permits(), ROOM);
    assert!(folder(dir.path()).join("x2.json").exists());
}
