//! What each call asks of its bucket, exactly, over catalogs of a thousand, a hundred thousand and a million records (R-OBJ-1): the same, but
//! for the few parts of larger segments. `docs/catalog-requests.md` says what each asks, and is held against it here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use truthound_stores_core::{
    BoxFuture, Clock, Collection, DeleteOptions, Grouping, Key, OrderBy, Pattern, PutOptions, Query, Reading,
    Record, Status, Store, StoreExt, Timer,
};
use truthound_stores_testkit::ManualClock;
use truthound_stores_testkit::object::{SimulatedStore, StoreOptions};

use crate::kill_file;
use crate::layout::Layout;
use crate::root::{Root, Segment};
use crate::segment::tests::data::rows_of_days;
use crate::segment::{Entry, Kills, Writer};
use crate::shelf::Shelf;
use crate::wire::Wire;
use crate::{CatalogConfig, CatalogStore, Objects, Runtime};

/// So many rows are made at a time, of three days.
const PART: usize = 50_000;
/// The page that says what each call asks.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/catalog-requests.md");
/// So many rows of the coldest segment are ended.
const ENDED: usize = 1_000;

/// Waits by moving the clock; has no background.
#[derive(Debug)]
struct Leap(Arc<ManualClock>);

impl Timer for Leap {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.advance(duration);
        Box::pin(std::future::ready(()))
    }
}

impl Runtime for Leap {
    fn spawn(&self, _: BoxFuture<'static, ()>) {}
}

/// A bucket with a catalog of generated rows.
pub(super) struct World {
    pub(super) bucket: SimulatedStore,
    pub(super) clock: Arc<ManualClock>,
}

impl World {
    pub(super) fn open(&self) -> CatalogStore {
        let objects = Objects::new(Arc::new(self.bucket.clone()), "simulated", "simulated");
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        let runtime = Arc::new(Leap(Arc::clone(&self.clock)));
        CatalogStore::open_with(objects, CatalogConfig::new(), clock, runtime).unwrap()
    }

    /// What was asked since this was asked.
    fn asked(&self) -> String {
        self.bucket.reset_requests().to_string()
    }
}

/// Writes a segment of rows that come in order, folded in one generation.
struct Filling {
    writer: Writer<Vec<u8>>,
    generation: u64,
}

impl Filling {
    fn new(generation: u64) -> Self {
        Self { writer: Writer::new(Vec::new()), generation }
    }

    fn push(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for mut entry in entries {
            entry.generation = self.generation;
            self.writer.push(entry).unwrap();
        }
    }

    async fn put(self, shelf: &Shelf) -> Segment {
        let (bytes, stats) = self.writer.finish().unwrap();
        let name = format!("{:016x}-{:032x}.parquet", self.generation - 1, self.generation);
        shelf.put_segment(&name, Bytes::from(bytes)).await.unwrap();
        Segment { name, kill: None, stats }
    }
}

/// Makes a bucket with so many rows: all in one segment if they are few, else in a cold, a warm and a hot one, and a thousand of the cold one
/// ended. A state before the last is kept.
pub(super) async fn filled(rows: usize) -> World {
    let clock = Arc::new(ManualClock::new(1));
    let bucket = SimulatedStore::new(StoreOptions::s3(), Arc::<ManualClock>::clone(&clock), 1);
    let place = Layout::new(&CatalogConfig::new().store).unwrap().collection(&Collection::RESULTS);
    let wire = Wire::new(Arc::<ManualClock>::clone(&clock), Arc::new(Leap(Arc::clone(&clock))));
    let shelf = Shelf::new(Arc::new(bucket.backdoor()), place.catalog_folder().unwrap(), wire);
    let mut segments = Vec::new();
    if rows <= PART {
        let mut hot = Filling::new(3);
        hot.push(rows_of_days(rows, 1, 0, 3));
        segments.push(hot.put(&shelf).await);
    } else {
        let mut cold = Filling::new(1);
        let parts = (rows / PART) as u64;
        for part in 0..parts {
            let mut entries = rows_of_days(PART, part, part * 3, 3);
            if part + 1 < parts {
                cold.push(entries);
                continue;
            }
            let (mut warm, mut hot) = (Filling::new(2), Filling::new(3));
            hot.push(entries.split_off(PART - 4_000));
            warm.push(entries.split_off(PART / 2));
            cold.push(entries);
            segments.extend([hot.put(&shelf).await, warm.put(&shelf).await]);
        }
        let mut cold = cold.put(&shelf).await;
        let mut kills = Kills::default();
        kills.extend((0..ENDED as u32).map(|at| at * 9));
        let bytes = kill_file::to_bytes(&BTreeMap::from([(cold.name.clone(), kills.clone())]));
        let name = format!("{:016x}-{:032x}.kill", 2, 3);
        cold.kill = Some(kill_file::describe(&name, &bytes, &kills));
        shelf.put_segment(&name, bytes.into()).await.unwrap();
        segments.push(cold);
    }
    let mut root = Root::first(&*clock, ".json.gz");
    (root.generation, root.segments) = (3, segments);
    shelf.keep(&root).await.unwrap();
    let mut next = root.next(&*clock, "the last commit");
    next.kept.push(root.generation);
    shelf.create_root(&next).await.unwrap();
    World { bucket, clock }
}

pub(super) fn record(id: &str, asset: &str) -> Record {
    let text = format!(
        r#"{{"run_id": "{id}", "run_time": "2026-01-01", "data_asset": "{asset}", "status": "success"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

fn queries() -> Vec<(&'static str, Query)> {
    let latest = || Query::new().with_page_size(100);
    vec![
        ("the latest", latest()),
        ("the earliest", latest().with_ascending(true)),
        ("of an asset", latest().with_data_asset(Pattern::exact("warehouse.hr.people"))),
        ("of a pattern", latest().with_data_asset("warehouse.*")),
        ("failures", latest().with_status(Status::FAILURE)),
        ("by asset", latest().with_order_by(OrderBy::DataAsset)),
        ("by status", latest().with_order_by(OrderBy::Status)),
    ]
}

/// A call, and what it asks.
type Line = (String, String);

/// What a handle that has done nothing asks for, and one that has answered the same before.
async fn twice(world: &World, what: &str, call: impl AsyncFn(&CatalogStore)) -> Line {
    let store = world.open();
    world.asked();
    call(&store).await;
    let cold = world.asked();
    call(&store).await;
    (what.to_owned(), format!("{cold}; then {}", world.asked()))
}

/// Reads: each cold, by a new handle, and then warm.
async fn reads(world: &World, rows: u64) -> Vec<Line> {
    let mut table = Vec::new();
    for (what, query) in queries() {
        table.push(
            twice(world, what, async |store: &CatalogStore| {
                let page = store.list_page(&query, None).await.unwrap();
                assert!(page.metas.len() > 50, "{} were found", page.metas.len());
            })
            .await,
        );
        let store = world.open();
        let page = store.list_page(&query, None).await.unwrap();
        if let Some(next) = page.next.filter(|_| page.metas.len() == 100) {
            world.asked();
            assert!(!store.list_page(&query, Some(next)).await.unwrap().metas.is_empty());
            table.push((format!("{what}, the second page"), world.asked()));
        }
    }
    table.push(
        twice(world, "count all", async |store: &CatalogStore| {
            assert_eq!(store.count(&Query::new()).await.unwrap(), rows);
        })
        .await,
    );
    let asset = Query::new().with_data_asset(Pattern::exact("warehouse.hr.people"));
    table.push(
        twice(world, "count an asset", async |store: &CatalogStore| {
            assert!(store.count(&asset).await.unwrap() > 0);
        })
        .await,
    );
    table.push(
        twice(world, "sum an asset up by day", async |store: &CatalogStore| {
            assert!(!store.summarize(&asset, Grouping::new().with_day(true)).await.unwrap().is_empty());
        })
        .await,
    );
    table.push(
        twice(world, "sum all up by day", async |store: &CatalogStore| {
            let days = store.summarize(&Query::new(), Grouping::new().with_day(true)).await.unwrap();
            assert_eq!(days.iter().map(|day| day.runs).sum::<u64>(), rows);
        })
        .await,
    );
    table.push(
        twice(world, "the states", async |store: &CatalogStore| {
            assert_eq!(store.states(&Collection::RESULTS).await.unwrap().len(), 2);
        })
        .await,
    );
    table.push(
        twice(world, "the latest as of a state", async |store: &CatalogStore| {
            let page = store.list_page_as_of(3, &Query::new().with_page_size(100), None).await.unwrap();
            assert_eq!(page.metas.len(), 100);
        })
        .await,
    );
    table.push(
        twice(world, "the feed from now on", async |store: &CatalogStore| {
            assert!(store.changes(None, 100).await.unwrap().reset);
        })
        .await,
    );
    table
}

/// Writes, by one handle, and what they cost; and single documents.
async fn writes(world: &World) -> Vec<Line> {
    let (store, key) = (world.open(), Key::result("new").unwrap());
    world.asked();
    let mut table = Vec::new();
    let mut note = |what: &str| table.push((what.to_owned(), world.asked()));
    store.put(record("first", "orders")).await.unwrap();
    note("the first save of a handle");
    store.put(record("new", "orders")).await.unwrap();
    note("a save");
    store.put(record("new", "visits")).await.unwrap();
    note("an overwrite");
    store.read(&key).await.unwrap();
    note("a get");
    assert!(!store.exists(&Key::result("absent").unwrap()).await.unwrap());
    note("a get of what is not there");
    store.delete(&key).await.unwrap();
    note("a delete");
    let batch = (0..10).map(|id| record(&format!("batch{id}"), "orders")).collect();
    for written in store.put_many(batch, PutOptions::default()).await {
        written.unwrap();
    }
    note("a batch of ten");
    let keys = (0..10).map(|id| Key::result(&format!("batch{id}")).unwrap()).collect();
    for deleted in store.delete_many(keys, DeleteOptions::default()).await {
        assert!(deleted.unwrap());
    }
    note("ten deletes in one");
    let token = store.changes(None, 100).await.unwrap().next;
    world.asked();
    store.put(record("later", "orders")).await.unwrap();
    world.asked();
    let page = store.changes(Some(token), 100).await.unwrap();
    assert_eq!(page.changes.len(), 1);
    note("the feed after a save");
    store.close().await.unwrap();
    note("closing");
    table
}

/// Holds a column of the page against what is asked.
async fn check(column: usize, rows: usize) {
    let world = Box::pin(filled(rows)).await;
    let ended = if rows > PART { ENDED } else { 0 };
    let mut found = reads(&world, (rows - ended) as u64).await;
    found.extend(writes(&world).await);
    let page = std::fs::read_to_string(PAGE).unwrap();
    let lines = page.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let said: Vec<Line> = cells
        .map(|cells| (cells[1].to_owned(), cells[column + 1].to_owned()))
        .filter(|(_, cost)| cost != "-")
        .collect();
    let printed = |table: &[Line]| -> String {
        table.iter().flat_map(|(what, cost)| ["| ", what, " | ", cost, " |\n"]).collect()
    };
    assert_eq!(printed(&found), printed(&said), "of {rows} records");
}

#[tokio::test]
async fn a_thousand_records() {
    Box::pin(check(1, 1_000)).await;
}

#[tokio::test]
async fn a_hundred_thousand_records() {
    Box::pin(check(2, 100_000)).await;
}

#[tokio::test]
async fn a_million_records() {
    Box::pin(check(3, 1_000_000)).await;
}
