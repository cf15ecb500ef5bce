//! A handle's threads end while callers still have something for them: because its index was replaced, or because it is closed. They were
//! once told that "the store's thread has ended", or had the threads begin anew on a handle that was closed.

use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;
use truthound_stores_core::{DeleteOptions, ErrorKind, Store, StoreExt};

use super::story::Story;
use super::{check, key, live, open, record, temp_dir};
use crate::commit::{Answer, Job, Request};
use crate::files::Step;
use crate::files::faults::Faults;
use crate::live::Live;
use crate::publish::Note;

#[tokio::test]
async fn who_flushes_while_the_threads_end_is_answered_when_the_files_are_there() {
    let dir = temp_dir();
    let faults = Faults::of(dir.path());
    let (store, history) = (open(dir.path()).await, Story::default());
    history.put(&store, record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    let live = live(&store);
    faults.hold(|_, step, path| step == Step::Place && path.ends_with("x.json"));
    history.put(&store, record("x", 2)).await.unwrap();
    faults.wait_until_held();
    let (reply, answer) = mpsc::channel();
    let reply = Box::new(move |outcome| drop(reply.send(outcome)));
    live.send(Job::Note(Note::Barrier { settle: true, reply })).unwrap();
    let stopping = thread::spawn({
        let live = std::sync::Arc::clone(&live);
        move || live.stop()
    });
    while !live.is_over() {
        thread::yield_now();
    }
    // The committer has been told to end before the publisher goes on.
    faults.go_on();
    stopping.join().unwrap();
    answer.recv().expect("nobody answers").unwrap();
    let left = live.readers.read("look", crate::index::owners).unwrap();
    assert_eq!(left, [], "what is settled is written down");
    check(dir.path(), &history.now(), "in the end").await;
}

/// Asks for a deletion, as a caller does who has the handle since before.
async fn delete(live: &Live, id: &str) -> Answer<Vec<truthound_stores_core::Key>, usize> {
    let (reply, answer) = oneshot::channel();
    let (opts, since) = (DeleteOptions::default(), live.clock.monotonic());
    live.send(Job::Delete(Request { items: vec![key(id)], opts, since, room: None, reply })).unwrap();
    match answer.await.expect("nobody answers") {
        Answer::Done(outcomes) => Answer::Done(outcomes.len()),
        Answer::Moved(items) => Answer::Moved(items),
        Answer::Failed(error) => Answer::Failed(error),
    }
}

#[tokio::test]
async fn a_call_that_comes_after_the_end_of_the_threads_is_made_of_the_handle_that_is_opened_anew() {
    let dir = temp_dir();
    let (store, history) = (open(dir.path()).await, Story::default());
    history.put(&store, record("x", 1)).await.unwrap();
    let before = live(&store);
    before.stop();
    assert!(matches!(delete(&before, "x").await, Answer::Moved(items) if items == [key("x")]));
    history.put(&store, record("y", 1)).await.unwrap();
    assert!(history.delete(&store, &["x"]).await[0].as_ref().unwrap());
    assert!(!std::sync::Arc::ptr_eq(&before, &live(&store)));
    store.close().await.unwrap();
    check(dir.path(), &history.now(), "in the end").await;
}

#[tokio::test]
async fn nothing_begins_anew_on_a_store_that_is_closed() {
    let dir = temp_dir();
    let (store, history) = (open(dir.path()).await, Story::default());
    history.put(&store, record("x", 1)).await.unwrap();
    let (before, inner) = (live(&store), store.shared());
    store.close().await.unwrap();
    assert!(matches!(delete(&before, "x").await, Answer::Moved(_)));
    before.exclusively(|_| Ok(())).unwrap_err();
    // A call that was let in before the store was closed, and is late.
    let collection = truthound_stores_core::Collection::RESULTS;
    assert_eq!(inner.to_read(&collection).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(inner.to_write(&collection).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(store.put(record("x", 2)).await.unwrap_err().kind(), ErrorKind::Closed);
    check(dir.path(), &history.now(), "in the end").await;
}
