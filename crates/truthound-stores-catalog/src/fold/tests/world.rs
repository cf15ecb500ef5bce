//! Documents, writers that put tail rows as decision 0009 says, and a reader that is slow and plainly right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload, UpdateVersion};
use truthound_stores_core::{Attributes, Checksum, Clock, Result, Status, Timer, Timestamp, random_u64};
use truthound_stores_testkit::object::{SimulatedStore, Simulation};

use crate::beside::{Beside, Head};
use crate::library::Library;
use crate::news::{News, is_above};
use crate::root::Root;
use crate::row::{Before, CHECKSUM, Change, Facts, Row};
use crate::segment::{Bounds, Scan};
use crate::shelf::Shelf;
use crate::state::State;
use crate::tail::{self, Kind, Name};
use crate::times::Watch;
use crate::wire::Wire;

const FOLDER: &str = "p/_catalog";

/// The documents of a test: for each id the row of its object, be it a document or a mark.
#[derive(Clone, Debug)]
pub(crate) struct Docs {
    pub(crate) rows: Arc<Mutex<BTreeMap<String, Row>>>,
    timer: Arc<dyn Timer>,
}

impl Docs {
    pub(crate) fn new(timer: Arc<dyn Timer>) -> Self {
        Self { rows: Arc::default(), timer }
    }

    pub(crate) fn current(&self, id: &str) -> Option<Row> {
        self.rows.lock().unwrap().get(id).cloned()
    }

    /// What queries must list: the state of each live document.
    pub(crate) fn live(&self) -> BTreeMap<String, State> {
        let rows = self.rows.lock().unwrap();
        let live = rows.values().filter(|row| matches!(row.change, Change::Put(_)));
        live.map(|row| (row.id.clone(), row.state)).collect()
    }

    /// Saves or deletes at once; gives the row to put, if anything happened.
    pub(crate) fn change(&self, id: &str, deletes: bool, clock: &dyn Clock) -> Option<Row> {
        let mut rows = self.rows.lock().unwrap();
        let current = rows.get(id);
        if deletes && !current.is_some_and(|row| matches!(row.change, Change::Put(_))) {
            return None;
        }
        let state = match current {
            Some(row) => row.state.next(clock),
            None => State::first(clock),
        };
        let before = current.map(|row| {
            let (data_asset, run_time) = place(row);
            Before { state: row.state, data_asset, run_time }
        });
        let change = if deletes { Change::Delete } else { put(clock) };
        let row = Row { id: id.to_owned(), state, before, change };
        rows.insert(id.to_owned(), row.clone());
        Some(row)
    }
}

fn place(row: &Row) -> (String, Timestamp) {
    match (&row.change, &row.before) {
        (Change::Put(facts), _) => (facts.attributes.data_asset.clone(), facts.attributes.run_time),
        (Change::Delete, Some(before)) => (before.data_asset.clone(), before.run_time),
        (Change::Delete, None) => (String::new(), row.state.saved_at()),
    }
}

pub(crate) fn put(clock: &dyn Clock) -> Change {
    let asset = ["a", "b", "c"][random_u64(clock) as usize % 3];
    let time = clock.now().plus_micros((random_u64(clock) % 1_000_000).cast_signed());
    Change::Put(Box::new(Facts {
        attributes: Attributes::new(asset, time, Status::SUCCESS),
        suffix: ".json".to_owned(),
        size: 7,
        checksum: Checksum::abbreviated(&[7; CHECKSUM]).unwrap(),
    }))
}

#[async_trait::async_trait]
impl Beside for Docs {
    async fn head(&self, id: &str) -> Result<Head> {
        self.timer.sleep(Duration::from_millis(10)).await;
        let handle = |row: &Row| UpdateVersion { e_tag: Some(row.state.to_string()), version: None };
        Ok(match self.current(id) {
            None => Head::Absent,
            Some(row) if matches!(row.change, Change::Delete) => Head::Mark(row.state, handle(&row)),
            Some(row) => Head::Live(row.state),
        })
    }

    fn can_remove_marks(&self) -> bool {
        true
    }

    async fn remove_mark(&self, id: &str, seen: UpdateVersion) -> Result<bool> {
        self.timer.sleep(Duration::from_millis(10)).await;
        let mut rows = self.rows.lock().unwrap();
        let same = rows.get(id).is_some_and(|row| Some(row.state.to_string()) == seen.e_tag);
        if same {
            rows.remove(id);
        }
        Ok(same)
    }
}

pub(crate) fn shelf(store: &SimulatedStore, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Shelf {
    Shelf::new(Arc::new(store.clone()), Path::from(FOLDER), Wire::new(clock, timer))
}

/// Puts rows as one object, until the store has taken it or a row is no longer to be put as it is.
pub(crate) async fn put_rows(store: &SimulatedStore, name: &Name, rows: &[Row]) -> bool {
    let path = Path::parse(format!("{FOLDER}/tail/{}", name.as_str())).unwrap();
    let body = if name.kind() == Kind::Body { tail::body(rows) } else { Vec::new() };
    store.put(&path, PutPayload::from(body)).await.is_ok()
}

/// One writer: changes documents, and puts each row as long as it may; now and then it is cut off in between.
pub(crate) async fn write(
    store: SimulatedStore,
    docs: Docs,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    writer: u64,
    changes: u64,
) {
    let chance = |of: u64| random_u64(&*clock) % of;
    for _ in 0..changes {
        timer.sleep(Duration::from_millis(chance(2_000))).await;
        let id = format!("id{}", chance(6));
        let Some(mut row) = docs.change(&id, chance(3) == 0, &*clock) else { continue };
        if chance(10) == 0 {
            continue;
        }
        let mut watch = Watch::start(&*clock);
        let in_names = chance(4) > 0;
        loop {
            if !watch.is_fresh(&*clock) {
                watch = Watch::start(&*clock);
                match docs.current(&id).filter(|now| now.state.incarnation == row.state.incarnation) {
                    Some(now) => row = now,
                    None => break,
                }
            }
            let name = Name::of_row(&row, writer, 20, in_names);
            if put_rows(&store, &name, std::slice::from_ref(&row)).await {
                break;
            }
            timer.sleep(Duration::from_millis(100)).await;
        }
    }
}

/// What a catalog says, read by the rules of decision 0009, §3, without any shortcut.
pub(crate) async fn content(library: &Library) -> Result<BTreeMap<String, State>> {
    let tail = library.shelf().tail().await?;
    let seen = library.shelf().root(None).await?.unwrap();
    let root = &*seen.root;
    let mut rows = Vec::new();
    for listed in tail
        .iter()
        .filter(|listed| !listed.name.unique().is_some_and(|unique| root.pending.contains(&unique)))
    {
        match listed.name.kind() {
            Kind::Named => rows.push(listed.name.row()?),
            Kind::Body => {
                let body = library.shelf().tail_body(&listed.name).await?;
                rows.extend(
                    body.map(|body| tail::rows(&listed.name, &body)).transpose()?.into_iter().flatten(),
                );
            }
        }
    }
    let mut news = Vec::new();
    for row in rows {
        if is_above(&row, root.watermark) || !library.knows(root, &row).await? {
            news.push(row);
        }
    }
    let news = News::of(news);
    let mut found = BTreeMap::new();
    let mut counts = |row: &Row| {
        if matches!(row.change, Change::Put(_)) {
            let twice = found.insert(row.id.clone(), row.state);
            assert_eq!(twice, None, "{} is listed twice", row.id);
        }
    };
    news.all().for_each(&mut counts);
    for row in unended(library, root).await? {
        if !news.replaces(&row.id, row.state) {
            counts(&row);
        }
    }
    Ok(found)
}

/// The rows of a root that count; opens every file that it names.
pub(crate) async fn unended(library: &Library, root: &Root) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for segment in &root.segments {
        let volume = library.volume(segment).await?;
        let all = Bounds { ascending: true, deletes: true, ..Bounds::default() };
        let mut scan = Scan::new(&volume.opened, &volume.reader, &volume.kills, all);
        while let Some((_, entry)) = scan.next().await? {
            rows.push(entry.row);
        }
    }
    Ok(rows)
}

/// Checks a catalog that nobody works on: what it says is what the documents say, nothing dangles, and nothing is there twice. Gives the
/// floor of its feed: above nought if a tombstone was dropped.
pub(crate) fn check(simulation: &mut Simulation, store: &SimulatedStore, docs: &Docs) -> u64 {
    let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
    let shelf = shelf(&store.backdoor(), clock, timer);
    let expected = docs.live();
    simulation.block_on("check", async move {
        let library = Library::new(shelf.clone());
        let seen = shelf.root(None).await.unwrap().unwrap();
        let mut roots = vec![(*seen.root).clone()];
        for generation in &seen.root.kept {
            let kept = shelf.kept(*generation).await.unwrap();
            roots.push(kept.unwrap_or_else(|| panic!("history {generation} is gone")));
        }
        for root in &roots {
            let rows = unended(&Library::new(shelf.clone()), root).await;
            let rows = rows.unwrap_or_else(|error| panic!("generation {} dangles: {error}", root.generation));
            let mut incarnations = BTreeSet::new();
            for row in &rows {
                let new = incarnations.insert((row.id.clone(), row.state.incarnation));
                assert!(new, "{} has two rows in generation {}", row.id, root.generation);
            }
        }
        assert_eq!(content(&library).await.unwrap(), expected);
        seen.root.feed_floor
    })
}
