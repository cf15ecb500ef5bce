//! Faults strike exactly where the script says: a test of a retry that meets no fault tests nothing.

use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, GetOptions, Key, Layer as _, PutOptions, Query, Record, Store, StoreExt,
};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Fault, FaultLayer, Faults, FaultyStore, Gate, Generator, Operation};

fn faulty() -> (FaultyStore<MemoryStore>, Faults, Vec<Record>) {
    let faults = Faults::new();
    let store = FaultLayer::new(&faults).layer(MemoryStore::new());
    (store, faults, Generator::new(1).records(3))
}

fn keys(records: &[Record]) -> Vec<Key> {
    records.iter().map(|record| record.key.clone()).collect()
}

#[tokio::test]
async fn the_nth_call_of_an_operation_fails_and_no_other() {
    let (store, faults, records) = faulty();
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Put).nth(2));
    store.put(records[0].clone()).await.unwrap();
    store.count(&Query::new()).await.unwrap();
    let error = store.put(records[1].clone()).await.unwrap_err();
    assert_eq!((error.kind(), error.key()), (ErrorKind::Unavailable, Some(&records[1].key)));
    assert!(error.is_retryable());
    assert!(!store.exists(&records[1].key).await.unwrap(), "it failed before it took effect");
    store.put(records[1].clone()).await.unwrap();
    assert_eq!(faults.calls(Operation::Put), 3);
    assert_eq!(faults.calls(Operation::Count), 1);
}

#[tokio::test]
async fn a_lost_acknowledgement_is_a_write_that_was_done() {
    let (store, faults, records) = faulty();
    faults.add(Fault::fail(ErrorKind::Timeout).on(Operation::Put).after());
    let error = store.put_opts(records[0].clone(), PutOptions::create()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let again = store.put_opts(records[0].clone(), PutOptions::create()).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict, "the first write was done");
}

#[tokio::test]
async fn one_item_of_a_batch_fails_before_or_after_its_effect() {
    let (store, faults, records) = faulty();
    faults.add(Fault::fail(ErrorKind::Unavailable).item(0));
    faults.add(Fault::fail(ErrorKind::Timeout).item(2).after());
    let outcomes = store.put_many(records.clone(), PutOptions::default()).await;
    let failed: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().err().map(Error::kind)).collect();
    assert_eq!(failed, [Some(ErrorKind::Unavailable), None, Some(ErrorKind::Timeout)]);
    assert_eq!(outcomes[1].as_ref().unwrap().meta.key, records[1].key, "answers stay in order");
    let mut stored = Vec::new();
    for record in &records {
        stored.push(store.exists(&record.key).await.unwrap());
    }
    assert_eq!(stored, [false, true, true]);
    faults.add(Fault::fail(ErrorKind::Denied).on(Operation::DeleteMany));
    for outcome in store.delete_many(keys(&records), DeleteOptions::default()).await {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Denied);
    }
    assert_eq!(store.count(&Query::new()).await.unwrap(), 2);
}

#[tokio::test]
async fn an_outage_lasts_until_it_is_healed_and_reaches_every_operation() {
    let (store, faults, records) = faulty();
    store.put(records[0].clone()).await.unwrap();
    faults.outage(ErrorKind::Unavailable);
    for _ in 0..3 {
        assert_eq!(store.read(&records[0].key).await.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    for error in [
        store.count(&Query::new()).await.unwrap_err(),
        store.list_page(&Query::new(), None).await.unwrap_err(),
        store.changes(None, 1).await.unwrap_err(),
        store.delete(&records[0].key).await.unwrap_err(),
        store.check().await.unwrap_err(),
        store.flush().await.unwrap_err(),
        store.close().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    faults.heal();
    store.read(&records[0].key).await.unwrap();
    assert_eq!(faults.calls(Operation::Get), 4);
    assert_eq!(faults.total_calls(), 12);
    assert_eq!(store.to_string(), "Faulty(Memory)");
}

#[tokio::test]
async fn a_gate_holds_a_call_before_or_after_its_effect() {
    let (store, faults, records) = faulty();
    let (before, after) = (Gate::new("before"), Gate::new("after"));
    faults.add(Fault::hold(&before).on(Operation::Put));
    faults.add(Fault::hold(&after).on(Operation::Put).after());
    let (writer, record) = (store.clone(), records[0].clone());
    let write = tokio::spawn(async move { writer.put(record).await });
    before.reached().await;
    let key = &records[0].key;
    assert_eq!(store.get_opts(key, GetOptions::default()).await.unwrap_err().kind(), ErrorKind::NotFound);
    before.open();
    after.reached().await;
    store.get_opts(key, GetOptions::default()).await.unwrap();
    assert!(!write.is_finished(), "the acknowledgement is held");
    after.open();
    assert!(write.await.unwrap().unwrap().is_new());
}
