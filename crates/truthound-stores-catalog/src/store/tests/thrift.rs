//! What a store asks for when there is nothing to do: nothing while nobody calls, and of clean-up no more than its own few files.
//!
//! Others listed in loops, and paid more for that than for their data; or looked at all there was whenever they cleaned up.

use std::time::Duration;

use truthound_stores_core::{
    Collection, MaintainOptions, PutOptions, Query, Reading, Record, Store, Timer, Upkeep,
};
use truthound_stores_testkit::object::{RequestKind, Requests};

use super::world::{Settings, World};

/// Checks it on a bucket that others have left in order, with so many documents. It saves three more, of which there is nothing to clean up.
pub(super) async fn check(world: &World, documents: usize) {
    let (timer, clock) = (world.timer(), world.right_clock());
    let store = world.open(&Settings::default(), &clock);
    let quiet: Vec<Record> = ["quiet0", "quiet1", "quiet2"].map(record).into();
    let count = (documents + quiet.len()) as u64;
    for written in store.put_many(quiet, PutOptions::default()).await {
        written.unwrap();
    }
    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    // What changed in the last minutes would be looked at once more; and beside documents that are made soon after the suffix has changed,
    // something is left to clean up for an hour and a quarter.
    timer.sleep(Duration::from_hours(2)).await;
    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), count);
    assert_eq!(store.list_page(&Query::new(), None).await.unwrap().metas.len() as u64, count);
    world.bucket.reset_requests();
    timer.sleep(Duration::from_hours(1)).await;
    assert_eq!(world.bucket.reset_requests().total(), 0, "an idle store asks for nothing");

    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    let looks = looks(&world.bucket.reset_requests());
    // A bucket that cannot compare and delete keeps what is left beside documents, which is looked at each time.
    let looks = if world.deletes { looks } else { Vec::new() };
    assert!(looks.is_empty(), "clean-up looked at documents: {looks:#?}");
    store.close().await.unwrap();
}

fn record(id: &str) -> Record {
    let text = format!(r#"{{"run_id":"{id}","run_time":"2026-01-01","data_asset":"a","status":"success"}}"#);
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// The requests that were about those three.
fn looks(asked: &Requests) -> Vec<String> {
    let quiet = |name: &String| name.contains("/quiet");
    let single = asked.log().filter(|asked| asked.kind != RequestKind::List && asked.names.iter().any(quiet));
    single.map(|asked| format!("{} {:?}", asked.kind, asked.names)).collect()
}
