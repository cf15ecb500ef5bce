//! A retried `Create` met its own first attempt and answered "somebody else wrote first" to whom wrote first; a retried save undid what others had
//! written meanwhile. One call is one effect, and its answer is true (R-OBJ-4 as far as a wrapper can).

use truthound_stores_core::{
    ChangeToken, DeleteOptions, Error, ErrorKind, GetOptions, Key, PutOptions, Query, Record, Result,
    Revision, Store, StoreExt,
};
use truthound_stores_memory::MemoryStore;
use truthound_stores_resilience::RepeatWrites;
use truthound_stores_testkit::{Fault, Gate, Operation};

use crate::support::{flaky, retries};

/// Counts what really happened to the documents of a memory, by its change feed.
struct Effects(MemoryStore, ChangeToken);

impl Effects {
    async fn of(memory: &MemoryStore) -> Self {
        Self(memory.clone(), memory.changes(None, 1).await.unwrap().next)
    }

    async fn count(&self) -> usize {
        self.0.changes(Some(self.1.clone()), 100).await.unwrap().changes.len()
    }
}

fn lost(kind: ErrorKind, operation: Operation) -> Fault {
    Fault::fail(kind).on(operation).after()
}

fn kinds<T>(answers: &[Result<T>]) -> Vec<Option<ErrorKind>> {
    answers.iter().map(|answer| answer.as_ref().err().map(Error::kind)).collect()
}

/// The same id with other content.
fn other(record: &Record) -> Record {
    let mut other = record.clone();
    "somebody.else".clone_into(&mut other.attributes.data_asset);
    other
}

async fn revision(store: &MemoryStore, key: &Key) -> Revision {
    store.head(key).await.unwrap().revision
}

#[tokio::test]
async fn failures_without_an_effect_are_retried_whatever_is_written() {
    for kind in [ErrorKind::Unavailable, ErrorKind::Overloaded] {
        let (flaky, memory, faults, records) = flaky();
        let effects = Effects::of(&memory).await;
        let store = flaky.layer(retries(RepeatWrites::OneEffect));
        faults.add(Fault::fail(kind).on(Operation::Put).times(3));
        let written = store.put_opts(records[0].clone(), PutOptions::create()).await.unwrap();
        assert!(written.is_new());
        faults.add(Fault::fail(kind).on(Operation::Put).times(3));
        let again = store.put(other(&records[0])).await.unwrap();
        assert_eq!(again.replaced, Some(written.meta.revision));
        faults.add(Fault::fail(kind).on(Operation::Delete).times(3));
        assert!(store.delete(&records[0].key).await.unwrap());
        assert_eq!(effects.count().await, 3);
        assert_eq!(store.stats().recovered, 3);
    }
}

#[tokio::test]
async fn a_save_whose_acknowledgement_is_lost_is_not_made_again() {
    for opts in [PutOptions::default(), PutOptions::create()] {
        let (flaky, memory, faults, records) = flaky();
        let effects = Effects::of(&memory).await;
        let store = flaky.layer(retries(RepeatWrites::OneEffect));
        faults.add(lost(ErrorKind::Timeout, Operation::Put));
        let error = store.put_opts(records[0].clone(), opts).await.unwrap_err();
        assert_eq!((error.kind(), error.key()), (ErrorKind::Timeout, Some(&records[0].key)));
        assert_eq!((faults.calls(Operation::Put), effects.count().await), (1, 1));
    }
}

/// The store claims that it could not begin, and yet it has: "conflict" would be a lie, and equal content proves nothing.
#[tokio::test]
async fn a_create_that_meets_its_own_first_attempt_is_no_conflict() {
    let (flaky, memory, faults, records) = flaky();
    let effects = Effects::of(&memory).await;
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    faults.add(lost(ErrorKind::Unavailable, Operation::Put));
    let error = store.put_opts(records[0].clone(), PutOptions::create()).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, false));
    assert_eq!((faults.calls(Operation::Put), effects.count().await), (2, 1));
    assert_eq!(error.key(), Some(&records[0].key));
}

#[tokio::test]
async fn a_create_after_a_failure_that_meets_another_document_is_a_conflict() {
    let (flaky, memory, faults, records) = flaky();
    memory.put(other(&records[0])).await.unwrap();
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Put));
    let error = store.put_opts(records[0].clone(), PutOptions::create()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    // If it cannot be looked at, nobody knows.
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Put));
    faults.add(Fault::fail(ErrorKind::Denied).on(Operation::Get));
    let error = store.put_opts(records[0].clone(), PutOptions::create()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_first_conflict_is_believed_and_nothing_is_read_for_it() {
    let (flaky, memory, faults, records) = flaky();
    memory.put(records[0].clone()).await.unwrap();
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    let error = store.put_opts(records[0].clone(), PutOptions::create()).await.unwrap_err();
    assert_eq!((error.kind(), faults.calls(Operation::Get)), (ErrorKind::Conflict, 0));
}

#[tokio::test]
async fn a_write_over_a_revision_that_did_not_arrive_is_made_again() {
    let (flaky, memory, faults, records) = flaky();
    let first = memory.put(records[0].clone()).await.unwrap().meta.revision;
    let effects = Effects::of(&memory).await;
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    faults.add(Fault::fail(ErrorKind::Timeout).on(Operation::Put).times(2));
    let written = store.put_opts(other(&records[0]), PutOptions::replace(first.clone())).await.unwrap();
    assert_eq!((written.replaced, effects.count().await), (Some(first), 1));
}

#[tokio::test]
async fn a_write_over_a_revision_that_may_have_arrived_has_one_effect_and_no_certain_answer() {
    let (flaky, memory, faults, records) = flaky();
    let first = memory.put(records[0].clone()).await.unwrap().meta.revision;
    let effects = Effects::of(&memory).await;
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    faults.add(lost(ErrorKind::Timeout, Operation::Put));
    let over = PutOptions::replace(first);
    let error = store.put_opts(other(&records[0]), over).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, false));
    assert_eq!(effects.count().await, 1);
}

/// R-DB-2: our write was done, and somebody went on from there. Putting ours again would lose theirs.
#[tokio::test]
async fn what_somebody_wrote_between_the_attempts_stays() {
    let (flaky, memory, faults, records) = flaky();
    let first = memory.put(records[0].clone()).await.unwrap().meta.revision;
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    let gate = Gate::new("the acknowledgement is on its way");
    faults.add(Fault::hold(&gate).on(Operation::Put).after());
    faults.add(lost(ErrorKind::Timeout, Operation::Put));
    let (writer, mine) = (store.clone(), records[0].clone());
    let over = PutOptions::replace(first);
    let write = tokio::spawn(async move { writer.put_opts(mine, over).await });
    gate.reached().await;
    let ours = revision(&memory, &records[0].key).await;
    let theirs = memory.put_opts(other(&records[0]), PutOptions::replace(ours)).await.unwrap();
    gate.open();
    assert_eq!(write.await.unwrap().unwrap_err().kind(), ErrorKind::Timeout, "nobody can know");
    assert_eq!(revision(&memory, &records[0].key).await, theirs.meta.revision);
}

#[tokio::test]
async fn a_delete_is_made_again_only_of_one_revision() {
    let (flaky, memory, faults, records) = flaky();
    let key = records[0].key.clone();
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    memory.put(records[0].clone()).await.unwrap();
    faults.add(Fault::fail(ErrorKind::Timeout).on(Operation::Delete));
    assert_eq!(store.delete(&key).await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(faults.calls(Operation::Delete), 1);

    let only = DeleteOptions::if_revision(revision(&memory, &key).await);
    faults.add(Fault::fail(ErrorKind::Timeout).on(Operation::Delete));
    assert!(store.delete_opts(&key, only.clone()).await.unwrap(), "the second attempt deleted it");

    memory.put(records[0].clone()).await.unwrap();
    let only = DeleteOptions::if_revision(revision(&memory, &key).await);
    faults.add(lost(ErrorKind::Timeout, Operation::Delete));
    let error = store.delete_opts(&key, only).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, false), "it is gone, by whomever");
}

/// After an attempt of unknown outcome, a refusal says nothing of the whole call.
#[tokio::test]
async fn an_unknown_outcome_is_not_forgotten_over_later_errors() {
    for later in [ErrorKind::Denied, ErrorKind::Unavailable] {
        let (flaky, memory, faults, records) = flaky();
        let first = memory.put(records[0].clone()).await.unwrap().meta.revision;
        let store = flaky.layer(retries(RepeatWrites::OneEffect));
        faults.add(lost(ErrorKind::Timeout, Operation::Put));
        faults.add(Fault::fail(later).on(Operation::Put).nth(2).forever());
        let error = store.put_opts(other(&records[0]), PutOptions::replace(first)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{later}");
    }
}

#[tokio::test]
async fn always_makes_any_write_again_and_still_takes_no_conflict_for_anothers() {
    let (flaky, memory, faults, records) = flaky();
    let store = flaky.layer(retries(RepeatWrites::Always));
    faults.add(lost(ErrorKind::Timeout, Operation::Put));
    store.put(records[0].clone()).await.unwrap();
    assert_eq!(faults.calls(Operation::Put), 2);
    faults.add(lost(ErrorKind::Timeout, Operation::Put));
    let error = store.put_opts(records[1].clone(), PutOptions::create()).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, false));
    assert_eq!(memory.count(&Query::new()).await.unwrap(), 2);
}

#[tokio::test]
async fn of_a_batch_only_what_failed_without_an_effect_is_made_again() {
    let (flaky, memory, faults, records) = flaky();
    let effects = Effects::of(&memory).await;
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::PutMany).item(0));
    faults.add(lost(ErrorKind::Timeout, Operation::PutMany).item(2));
    let answers = store.put_many(records.clone(), PutOptions::default()).await;
    assert_eq!(kinds(&answers), [None, None, Some(ErrorKind::Timeout), None]);
    for (answer, record) in answers.iter().zip(&records) {
        assert!(answer.as_ref().is_ok_and(|written| written.meta.key == record.key) || answer.is_err());
    }
    assert_eq!((faults.calls(Operation::PutMany), effects.count().await), (2, 4));
}

#[tokio::test]
async fn an_item_of_a_batch_never_overtakes_a_later_one_of_its_document() {
    let (flaky, memory, faults, records) = flaky();
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::PutMany).item(0));
    let both = vec![records[0].clone(), other(&records[0])];
    let answers = store.put_many(both, PutOptions::default()).await;
    assert_eq!(kinds(&answers), [Some(ErrorKind::Unavailable), None]);
    assert_eq!(memory.head(&records[0].key).await.unwrap().attributes.data_asset, "somebody.else");
}

#[tokio::test]
async fn a_batch_of_creates_that_meets_its_own_first_attempt_is_no_conflict() {
    let (flaky, _, faults, records) = flaky();
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    faults.add(lost(ErrorKind::Unavailable, Operation::PutMany));
    let answers = store.put_many(records, PutOptions::create()).await;
    assert_eq!(kinds(&answers), [Some(ErrorKind::Timeout); 4]);
}

#[tokio::test]
async fn deletes_of_a_batch_are_made_again_alike() {
    let (flaky, memory, faults, records) = flaky();
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    memory.put_many(records.clone(), PutOptions::default()).await;
    let keys: Vec<Key> = records.iter().map(|record| record.key.clone()).collect();
    faults.add(Fault::fail(ErrorKind::Overloaded).on(Operation::DeleteMany).item(1));
    faults.add(lost(ErrorKind::Timeout, Operation::DeleteMany).item(3));
    let answers = store.delete_many(keys, DeleteOptions::default()).await;
    assert_eq!(kinds(&answers), [None, None, None, Some(ErrorKind::Timeout)]);
    assert!(answers[..3].iter().all(|answer| *answer.as_ref().unwrap()));
    assert_eq!((faults.calls(Operation::DeleteMany), memory.count(&Query::new()).await.unwrap()), (2, 0));
}

#[tokio::test]
async fn reads_are_made_again_after_any_error_that_may_pass() {
    let (flaky, memory, faults, records) = flaky();
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    let written = memory.put(records[0].clone()).await.unwrap();
    faults.add(Fault::fail(ErrorKind::Timeout).on(Operation::Get).times(3));
    assert_eq!(store.get_opts(&records[0].key, GetOptions::default()).await.unwrap().meta, written.meta);
    for operation in [Operation::List, Operation::Count, Operation::Summarize, Operation::Changes] {
        faults.add(Fault::fail(ErrorKind::Timeout).on(operation).times(3));
    }
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Check));
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Flush));
    let all = Query::new();
    assert_eq!(store.list_page(&all, None).await.unwrap().metas, [written.meta]);
    assert_eq!(store.count(&all).await.unwrap(), 1);
    assert_eq!(store.summarize(&all, truthound_stores_core::Grouping::new()).await.unwrap().len(), 1);
    assert!(store.changes(None, 1).await.unwrap().reset);
    store.check().await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(store.stats().retries, 17);
}

/// "A second call does nothing": made again, `close` succeeds over what the first could not flush.
#[tokio::test]
async fn closing_is_tried_once() {
    let (flaky, _, faults, _) = flaky();
    let store = flaky.layer(retries(RepeatWrites::OneEffect));
    faults.add(lost(ErrorKind::Unavailable, Operation::Close));
    assert_eq!(store.close().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(faults.calls(Operation::Close), 1);
}
