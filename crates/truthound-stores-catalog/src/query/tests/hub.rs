//! A catalog in a simulated store, and what its documents really say.

use std::collections::BTreeMap;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use truthound_stores_core::{
    Attributes, Checksum, Clock, Collection, RecordMeta, Statistics, Status, Timestamp,
};
use truthound_stores_testkit::object::{SimulatedStore, StoreOptions};
use truthound_stores_testkit::{ManualClock, SeededRandom};

use super::folder::Folder;
use crate::library::Library;
use crate::query::{Consistency, Index, meta};
use crate::row::{Before, CHECKSUM, Change, Facts, Row};
use crate::shelf::Shelf;
use crate::state::State;
use crate::tail::{self, Name};
use crate::wire::Wire;
use crate::workers::Workers;

/// Where the catalogs of these tests are.
pub(crate) const FOLDER: &str = "runs/_catalog";

/// A catalog, and the rows that count.
pub(crate) struct Hub {
    pub(crate) store: SimulatedStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: SeededRandom,
    pub(crate) folder: Folder,
    /// The last row of each document; a deletion whose mark was removed is not there.
    pub(crate) truth: BTreeMap<String, Row>,
    /// Every row that was put into the tail.
    pub(crate) rows: Vec<Row>,
    hlc: u64,
}

pub(crate) fn shelf(store: &SimulatedStore, clock: &Arc<ManualClock>) -> Shelf {
    let (clock, timer) = (Arc::clone(clock), Arc::clone(clock));
    Shelf::new(Arc::new(store.clone()), Path::from(FOLDER), Wire::new(clock, timer))
}

impl Hub {
    pub(crate) fn new(seed: u64) -> Self {
        let clock = Arc::new(ManualClock::new(seed));
        let store = SimulatedStore::new(StoreOptions::s3(), Arc::<ManualClock>::clone(&clock), seed);
        let folder = Folder {
            shelf: shelf(&store.backdoor(), &clock),
            clock: Arc::<ManualClock>::clone(&clock),
            keeps: 3,
        };
        let hlc = clock.now().as_micros().cast_unsigned();
        Self {
            store,
            clock,
            random: SeededRandom::new(seed),
            folder,
            truth: BTreeMap::new(),
            rows: Vec::new(),
            hlc,
        }
    }

    pub(crate) fn index(&self) -> Index {
        self.index_with(Consistency::Strong)
    }

    /// Reads with pages decoded by workers.
    pub(crate) fn index_by(&self, workers: Workers) -> Index {
        let (clock, timer) = (Arc::clone(&self.clock), Arc::clone(&self.clock));
        let wire = Wire::new(clock, timer).with_workers(workers);
        let shelf = Shelf::new(Arc::new(self.store.clone()), Path::from(FOLDER), wire);
        let clock = Arc::<ManualClock>::clone(&self.clock);
        Index::new(Arc::new(Library::new(shelf)), clock, Collection::RESULTS, Consistency::Strong)
    }

    pub(crate) fn index_with(&self, consistency: Consistency) -> Index {
        let library = Arc::new(Library::new(shelf(&self.store, &self.clock)));
        let clock = Arc::<ManualClock>::clone(&self.clock);
        Index::new(library, clock, Collection::RESULTS, consistency)
    }

    /// Makes the next state of a document, by a clock that may stand behind those of others.
    fn state(&mut self, before: Option<State>) -> State {
        self.hlc += 10;
        let behind = if self.random.chance(30) { self.random.below(500) } else { 0 };
        let hlc = self.hlc - behind;
        match before {
            Some(before) => State { hlc: hlc.max(before.hlc + 1), ..before },
            None => State { incarnation: self.random.next_u64(), hlc },
        }
    }

    /// Makes the row of a document that is saved or deleted, and takes it for the truth.
    pub(crate) fn change(&mut self, id: &str, facts: Option<Facts>) -> Option<Row> {
        let before = self.truth.get(id).cloned();
        if facts.is_none() && before.as_ref().is_none_or(|row| row.change == Change::Delete) {
            return None;
        }
        let state = self.state(before.as_ref().map(|row| row.state));
        let before = before.map(|row| match row.change {
            Change::Put(facts) => {
                let facts = facts.attributes;
                Before { state: row.state, data_asset: facts.data_asset, run_time: facts.run_time }
            }
            Change::Delete => row.before.map_or_else(
                || Before { state: row.state, data_asset: String::new(), run_time: Timestamp::UNIX_EPOCH },
                |before| Before { state: row.state, ..before },
            ),
        });
        let change = facts.map_or(Change::Delete, |facts| Change::Put(Box::new(facts)));
        let row = Row { id: id.to_owned(), state, before, change };
        self.truth.insert(id.to_owned(), row.clone());
        self.rows.push(row.clone());
        Some(row)
    }

    /// Puts the row of a change into the tail.
    pub(crate) async fn put(&mut self, row: &Row) {
        let in_names = self.random.chance(80);
        let name = Name::of_row(row, 1, self.folder.shelf.tail_prefix(), in_names);
        self.put_tail(&name, std::slice::from_ref(row)).await;
    }

    pub(crate) async fn put_tail(&self, name: &Name, rows: &[Row]) {
        put_tail(&self.store.backdoor(), name, rows).await.unwrap();
    }

    /// Removes the marks of all documents that are deleted: only where their tombstones are folded.
    pub(crate) fn forget_marks(&mut self) {
        self.truth.retain(|_, row| row.change != Change::Delete);
    }

    /// Does anything: saves, deletes, folds, merges, cleans up, lets a row arrive a second time. Notes what is kept as history.
    pub(crate) async fn step(&mut self, kept: &mut Vec<(u64, Vec<RecordMeta>)>) {
        match self.random.below(100) {
            0..57 => {
                let id = format!("run-{}", self.random.below(25));
                let facts = self.random.chance(70).then(|| self.facts());
                if let Some(row) = self.change(&id, facts) {
                    self.put(&row).await;
                }
            }
            57..67 => {
                let mut batch = Vec::new();
                for _ in 0..self.random.between(1, 6) {
                    let id = format!("run-{}", self.random.below(25));
                    let facts = self.facts();
                    batch.extend(self.change(&id, Some(facts)));
                }
                let name = Name::of_batch(batch[0].state, self.random.next_u64(), 2);
                self.put_tail(&name, &batch).await;
            }
            67..75 if !self.rows.is_empty() => {
                let row = self.random.pick(&self.rows).clone();
                self.put(&row).await;
            }
            75..89 => {
                let share = self.random.below(101);
                let choice = self.random.next_u64();
                let takes = move |name: &Name| {
                    let hash =
                        blake3::hash(format!("{choice}{}", name.unique().unwrap().as_str()).as_bytes());
                    u64::from(hash.as_bytes()[0]) % 100 < share
                };
                let merges = self.random.chance(30);
                assert!(self.folder.fold(takes, merges).await.unwrap());
            }
            89..97 => {
                assert!(self.folder.fold(|_| true, false).await.unwrap());
                let root = self.folder.shelf.root(None).await.unwrap().unwrap().root;
                kept.push((root.generation, self.metas()));
                self.forget_marks();
            }
            _ => assert!(self.folder.clean_up().await.unwrap()),
        }
    }

    /// Says what a listing of everything is.
    pub(crate) fn metas(&self) -> Vec<RecordMeta> {
        self.truth.values().filter_map(meta_of).collect()
    }

    pub(crate) fn facts(&mut self) -> Facts {
        facts(&mut self.random)
    }
}

/// Describes the document of a row; `None` for one that tells of a deletion.
pub(crate) fn meta_of(row: &Row) -> Option<RecordMeta> {
    match &row.change {
        Change::Put(facts) => Some(meta(&Collection::RESULTS, row, facts).unwrap()),
        Change::Delete => None,
    }
}

pub(crate) async fn put_tail(
    store: &impl ObjectStore,
    name: &Name,
    rows: &[Row],
) -> object_store::Result<()> {
    let body = if name.kind() == tail::Kind::Body { tail::body(rows) } else { Vec::new() };
    let path = format!("{FOLDER}/{}/{}", tail::FOLDER, name.as_str());
    store.put(&Path::parse(path).unwrap(), body.into()).await.map(drop)
}

/// Facts of which few differ, so that there are ties.
pub(crate) fn facts(random: &mut SeededRandom) -> Facts {
    let asset = *random.pick(&["orders", "people", "warehouse.orders", "warehouse.people", "wären"]);
    let status = *random.pick(&["success", "failure", "error", "odd"]);
    let time = ManualClock::START.plus_micros(random.below(40).cast_signed() * 7_000_000_000);
    let mut attributes = Attributes::new(asset, time, Status::from(status));
    if random.chance(50) {
        attributes = attributes.with_tag("env", *random.pick(&["prod", "dev"]));
    }
    attributes.statistics = Statistics {
        total_validators: random.below(10),
        total_rows: random.below(1_000),
        execution_time_ms: random.below(100) as f64,
        ..Statistics::default()
    };
    let mut checksum = [0; CHECKSUM];
    random.fill(&mut checksum);
    let checksum = Checksum::abbreviated(&checksum).unwrap();
    Facts { attributes, suffix: ".json".to_owned(), size: random.below(9_000), checksum }
}
