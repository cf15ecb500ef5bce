//! R-ANY-1 and R-FS-2: several processes save while one queries and one maintains: nothing is lost, nothing is there twice, and nobody
//! has an error for a neighbour's work.

use std::collections::BTreeSet;
use std::path::Path;

use truthound_stores_core::{Grouping, MaintainOptions, PutOptions, Query, Store, StoreExt};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};

use crate::child::{self, is_over, let_end, say};
use crate::model::{Copy, assert_sound, document, everything};
use crate::support::{files, long_tests, open};

const PROCESSES: u64 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_save_while_others_query_and_maintain() {
    let count: u64 = if long_tests() { 10_000 } else { 500 };
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("store");
    let path = base.to_str().unwrap();
    let store = open(&base).await;
    let mut copy = Copy::of(&store).await;

    let others = ["query all the time", "maintain all the time"].map(|job| {
        let mut child = child::start(job, &[path]);
        child.wait_for("open");
        child
    });
    let savers = (0..PROCESSES)
        .map(|number| child::start("save many", &[path, &number.to_string(), &count.to_string()]));
    for saver in savers.collect::<Vec<_>>() {
        saver.finish();
    }
    let_end(&base);
    for other in others {
        other.finish();
    }

    let expected: BTreeSet<String> =
        (0..PROCESSES).flat_map(|process| (0..count).map(move |number| id(process, number))).collect();
    for store in [&store, &open(&base).await] {
        let all = everything(store).await;
        assert!(all.keys().eq(&expected), "{} of {} are there", all.len(), expected.len());
        assert_sound(store).await;
    }
    copy.assert_follows(&store).await;
    store.close().await.unwrap();
    let names = files(&base.join("default/validations"));
    assert!(names.iter().map(|name| name.trim_end_matches(".json")).eq(&expected), "{} files", names.len());
}

fn id(process: u64, number: u64) -> String {
    format!("p{process}-{number:06}")
}

/// A child that saves, one at a time, several at once, and in batches.
pub(crate) async fn save(base: &Path, process: &str, count: &str) {
    // Nobody is killed here, and nothing needs to be synced.
    let config = FileSystemConfig::new(base).with_durability(Durability::Os);
    let store = FileSystemStore::open(config).await.unwrap();
    let (process, count) = (process.parse().unwrap(), count.parse::<u64>().unwrap());
    let numbers: Vec<u64> = (0..count).collect();
    for (turn, numbers) in numbers.chunks(10).enumerate() {
        let records = numbers.iter().map(|number| document(&id(process, *number), *number));
        match turn % 3 {
            0 => {
                for record in records {
                    assert!(store.put(record).await.unwrap().is_new());
                }
            }
            1 => {
                let puts = records.map(|record| store.put_opts(record, PutOptions::create()));
                for outcome in futures_util::future::join_all(puts).await {
                    assert!(outcome.unwrap().is_new());
                }
            }
            _ => {
                for outcome in store.put_many(records.collect(), PutOptions::default()).await {
                    assert!(outcome.unwrap().is_new());
                }
            }
        }
    }
    store.close().await.unwrap();
}

/// A child that queries; what it has seen once, it must see again.
pub(crate) async fn query(base: &Path) {
    let store = open(base).await;
    say("open");
    let mut seen = 0;
    while !is_over(base) {
        let count = store.count(&Query::new()).await.unwrap();
        let listed = store.list_ids(&Query::new()).await.unwrap();
        assert!(listed.damaged.is_empty(), "{:?}", listed.damaged);
        let ids: BTreeSet<&String> = listed.items.iter().collect();
        assert_eq!(ids.len(), listed.items.len(), "a document is listed twice");
        let runs: u64 = store
            .summarize(&Query::new(), Grouping::new().with_day(true))
            .await
            .unwrap()
            .iter()
            .map(|sum| sum.runs)
            .sum();
        assert!(
            seen <= count && count <= ids.len() as u64 && ids.len() as u64 <= runs,
            "{seen} {count} {runs}"
        );
        seen = runs;
        for id in listed.items.iter().take(3) {
            store.get::<truthound_stores_core::json::Json>(id).await.unwrap();
        }
    }
    store.close().await.unwrap();
}

/// A child that maintains, where the store has something to maintain.
pub(crate) async fn maintain(base: &Path) {
    let store = open(base).await;
    say("open");
    while !is_over(base) {
        match store.upkeep() {
            Some(upkeep) => {
                let report = upkeep.maintain(MaintainOptions::default(), &()).await.unwrap();
                assert!(!report.is_damaged(), "{:?}", report.findings);
            }
            None => store.flush().await.unwrap(),
        }
    }
    store.close().await.unwrap();
}
