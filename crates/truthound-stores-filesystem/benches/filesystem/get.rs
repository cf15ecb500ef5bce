//! Reads of single documents, beside reading and parsing the same files.

use std::path::Path;

use truthound_stores_core::json::Json;
use truthound_stores_core::{Key, PutOptions, Store as _, StoreExt as _};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};

use truthound_stores_testkit::bench::{Limit, Row, Turns, Watch, median, micros, print_row, scattered};

use crate::Outcome;
use crate::large::sync_all;
use crate::plan::Plan;
use crate::workload::{Pool, path_of};

/// Measures reads of real-sized documents that were all settled before.
pub(crate) async fn rows(plan: &Plan, room: &Path) -> Outcome {
    let pool = Pool::new()?;
    let base = room.join("get");
    let config = FileSystemConfig::new(&base);
    let store = FileSystemStore::open(config.clone().with_durability(Durability::Os)).await?;
    let numbers: Vec<u64> = (0..plan.readable).collect();
    for batch in numbers.chunks(1_000) {
        let records = batch.iter().map(|&number| pool.record(number)).collect::<Outcome<Vec<_>>>()?;
        for outcome in store.put_many(records, PutOptions::default()).await {
            outcome?;
        }
    }
    store.close().await?;
    sync_all();
    let store = FileSystemStore::open(config).await?;
    let (mut typed, mut text, mut serde) = (Turns::default(), Turns::default(), Turns::default());
    let mut apart = Turns::default();
    let mut turn = 0;
    for round in 0..=plan.turns {
        // Both sides read the same files, each first half of the time: whoever comes second finds them in the processor's cache.
        let ids = (0..plan.calls)
            .map(|_| {
                turn += 1;
                pool.id(scattered(turn, plan.readable))
            })
            .collect::<Outcome<Vec<_>>>()?;
        let (ours, own, other, body, hopped);
        if round % 2 == 0 {
            ours = by_get(&store, &ids).await?;
            body = by_text(&store, &ids).await?;
            hopped = by_read_apart(&base, &ids).await?;
            own = by_read(&base, &ids, own_parser)?;
            other = by_read(&base, &ids, serde_parser)?;
        } else {
            own = by_read(&base, &ids, own_parser)?;
            other = by_read(&base, &ids, serde_parser)?;
            hopped = by_read_apart(&base, &ids).await?;
            ours = by_get(&store, &ids).await?;
            body = by_text(&store, &ids).await?;
        }
        if round > 0 {
            typed.add(ours, own);
            text.add(body, own);
            serde.add(ours, other);
            apart.add(ours, hopped);
        }
    }
    store.close().await?;
    let beside = "read + Json::parse of the same file";
    print_row(
        &Row::new("get", "get of a document, parsed")
            .turns(&typed, "µs", beside)?
            .limit(Limit::RatioAtMost(1.5)),
    );
    print_row(&Row::new("get-serde", "get of a document, parsed").turns(
        &serde,
        "µs",
        "read + serde_json::Value of the same file",
    )?);
    print_row(&Row::new("get-apart", "get of a document, parsed").turns(
        &apart,
        "µs",
        "the same, read on a blocking thread as `tokio::fs::read` does",
    )?);
    print_row(&Row::new("get-text", "get of a document's checked text").turns(&text, "µs", beside)?);
    Ok(())
}

async fn by_get(store: &FileSystemStore, ids: &[String]) -> Outcome<f64> {
    let mut took = Vec::with_capacity(ids.len());
    for id in ids {
        let watch = Watch::start();
        let document: Json = store.get(id).await?;
        took.push(micros(watch.passed()));
        std::hint::black_box(document);
    }
    median(&took)
}

async fn by_text(store: &FileSystemStore, ids: &[String]) -> Outcome<f64> {
    let mut took = Vec::with_capacity(ids.len());
    for id in ids {
        let key = Key::result(id)?;
        let watch = Watch::start();
        let stored = store.read(&key).await?;
        took.push(micros(watch.passed()));
        std::hint::black_box(stored);
    }
    median(&took)
}

fn by_read<T>(base: &Path, ids: &[String], parse: fn(&[u8]) -> Outcome<T>) -> Outcome<f64> {
    let mut took = Vec::with_capacity(ids.len());
    for id in ids {
        let path = path_of(base, id);
        let watch = Watch::start();
        let document = parse(&std::fs::read(&path)?)?;
        took.push(micros(watch.passed()));
        std::hint::black_box(document);
    }
    median(&took)
}

/// Reads as a program that must not block its runtime does: on another thread, and parses what comes back.
async fn by_read_apart(base: &Path, ids: &[String]) -> Outcome<f64> {
    let mut took = Vec::with_capacity(ids.len());
    for id in ids {
        let path = path_of(base, id);
        let watch = Watch::start();
        let text = tokio::task::spawn_blocking(move || std::fs::read(path)).await??;
        let document = own_parser(&text)?;
        took.push(micros(watch.passed()));
        std::hint::black_box(document);
    }
    median(&took)
}

fn own_parser(text: &[u8]) -> Outcome<Json> {
    Ok(Json::parse(text)?)
}

fn serde_parser(text: &[u8]) -> Outcome<serde_json::Value> {
    Ok(serde_json::from_slice(text)?)
}
