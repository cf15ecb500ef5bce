//! Processes with different settings save, create, delete and get the same few ids in a store that loses, repeats and delays, and open it
//! again and again: what was acknowledged is what is there.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use object_store::path::Path;
use object_store::{ObjectStoreExt, UpdateVersion};
use truthound_stores_core::{ErrorKind, Timer, random_u64};
use truthound_stores_testkit::object::{Crashes, Rates, SimulatedStore, Simulation, StoreOptions};

use super::*;
use crate::beside::Head;
use crate::conditions::CompareAndDelete;
use crate::document::closing::closed_by;
use crate::horizon::Moment;
use crate::root::Root;
use crate::shelf::Shelf;
use crate::suffix::adopt::adopt_suffix;
use crate::wire::Wire;

const SUFFIXES: [&str; 3] = [".json", ".json.gz", ".yaml"];
const IDS: u64 = 4;

/// Something that a process did, between two moments of the whole simulation.
#[derive(Clone, Debug)]
struct Deed {
    id: String,
    /// `None` for a deletion; empty while it is not known.
    revision: Option<String>,
    begun: u64,
    /// Not ended, as long as nobody knows whether it took effect.
    ended: u64,
}

/// Everything that was done, in one order.
#[derive(Clone, Debug, Default)]
struct Book {
    deeds: Arc<Mutex<Vec<Deed>>>,
    time: Arc<AtomicU64>,
}

impl Book {
    fn now(&self) -> u64 {
        self.time.fetch_add(1, Ordering::Relaxed)
    }

    /// Somebody begins to save or delete: whatever becomes of it may be seen from now on.
    fn begin(&self, id: &str, deletes: bool) -> usize {
        let revision = (!deletes).then(String::new);
        let mut deeds = self.deeds.lock().unwrap();
        deeds.push(Deed { id: id.to_owned(), revision, begun: self.now(), ended: u64::MAX });
        deeds.len() - 1
    }

    /// It is acknowledged.
    fn end(&self, deed: usize, revision: Option<String>) {
        let ended = self.now();
        let deed = &mut self.deeds.lock().unwrap()[deed];
        (deed.revision, deed.ended) = (revision, ended);
    }

    /// It was refused, and has changed nothing.
    fn refuse(&self, deed: usize) {
        self.deeds.lock().unwrap()[deed].id.clear();
    }

    /// Checks what a get between two moments was answered.
    fn check(&self, id: &str, got: Option<&str>, begun: u64) {
        let deeds = self.deeds.lock().unwrap();
        let about = || deeds.iter().filter(|deed| deed.id == id);
        // What was over before this one began, and is not followed by what is shown, must not be hidden.
        let before = |deed: &&Deed| deed.ended < begun;
        match got {
            Some(got) => {
                let shown = about().find(|deed| deed.revision.as_deref() == Some(got));
                let since = shown.map_or(u64::MAX, |deed| deed.ended);
                if let Some(newer) = about().filter(before).find(|deed| deed.begun > since) {
                    panic!("{id}: {shown:?} was got after {newer:?}");
                }
            }
            None => {
                for saved in about().filter(before).filter(|deed| deed.revision.is_some()) {
                    let gone = about().any(|deed| deed.revision.is_none() && deed.ended > saved.begun);
                    assert!(gone, "{id}: {saved:?} was not found");
                }
            }
        }
    }
}

#[derive(Debug)]
struct Deletes(SimulatedStore);

#[async_trait::async_trait]
impl CompareAndDelete for Deletes {
    async fn delete_if(&self, path: &Path, seen: UpdateVersion) -> object_store::Result<()> {
        self.0.delete_if(path, seen).await
    }
}

/// What a process has: a clock of its own, and what it knows.
#[derive(Clone)]
struct Process {
    documents: Documents,
    shelf: Shelf,
    wire: Wire,
}

impl Process {
    async fn new(store: &SimulatedStore, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>, seed: u64) -> Self {
        let form = form(Codec::default());
        let place = Layout::new(&StoreConfig::default()).unwrap().collection(&form.collection);
        let wire = Wire::new(Arc::clone(&clock), Arc::clone(&timer));
        let folder = Path::from(format!("{}_catalog", place.folder()));
        let shelf = Shelf::new(Arc::new(store.clone()), folder, wire.clone());
        let asked = Moment::now(&*clock);
        let seen = loop {
            if let Ok(Some(seen)) = shelf.root(None).await {
                break seen;
            }
        };
        let names = Names::of(shelf.clone(), seen, asked, &*clock);
        let bucket = Bucket::new(Arc::new(store.clone()), wire.clone())
            .with_compare_and_delete(Arc::new(Deletes(store.clone())));
        let patience = Duration::from_mins(2);
        let documents = Documents { bucket, place, form, names, writer: seed, rows_in_names: true, patience };
        Self { documents, shelf, wire }
    }

    /// Opens the store with another setting.
    async fn opens(&self, wanted: &str) {
        let asked = Moment::now(&*self.wire.clock);
        if let Ok(Some(seen)) = adopt_suffix(&self.shelf, &self.wire, wanted).await {
            self.documents.knows(&seen, asked);
        }
    }

    async fn get(&self, id: &str) -> Result<Option<String>> {
        match self.documents.get(&key(id), true).await {
            Ok(stored) => Ok(Some(stored.meta.revision.to_string())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Does this and that.
    async fn work(self, book: Book, timer: Arc<dyn Timer>, deeds: u64) {
        let clock = Arc::clone(&self.wire.clock);
        let chance = |of: u64| random_u64(&*clock) % of;
        for _ in 0..deeds {
            timer.sleep(Duration::from_millis(chance(1_000))).await;
            let id = format!("id{}", chance(IDS));
            let begun = book.now();
            match chance(10) {
                0 => self.opens(SUFFIXES[chance(3) as usize]).await,
                1..=4 => {
                    let mode = if chance(3) == 0 { PutMode::Create } else { PutMode::Upsert };
                    let deed = book.begin(&id, false);
                    match self.documents.save(record(&id), mode, chance(3) == 0).await {
                        Ok(written) => book.end(deed, Some(written.meta.revision.to_string())),
                        Err(error) if error.kind() == ErrorKind::Conflict => book.refuse(deed),
                        // It may have taken effect, and may do so yet.
                        Err(_) => {}
                    }
                }
                5..=6 => {
                    let deed = book.begin(&id, true);
                    match self.documents.delete(&key(&id), DeleteOptions::default()).await {
                        Ok(true) => book.end(deed, None),
                        Ok(false) => {
                            book.refuse(deed);
                            book.check(&id, None, begun);
                        }
                        Err(_) => {}
                    }
                }
                7 => self.tidies(&id).await,
                _ => {
                    if let Ok(got) = self.get(&id).await {
                        book.check(&id, got.as_deref(), begun);
                    }
                }
            }
        }
    }

    /// Removes closings whose time has come.
    async fn tidies(&self, id: &str) {
        drop(self.documents.remove_closings(&key(id)).await);
    }
}

/// Removes the marks of a quiet store, as clean-up does when their rows are folded and old.
async fn sweep(process: &Process) {
    for number in 0..IDS {
        let key = key(&format!("id{number}"));
        if let Head::Mark(_, seen) = process.documents.head_of(&key).await.unwrap() {
            assert!(process.documents.remove_mark_of(&key, &seen).await.unwrap());
        }
        process.documents.remove_closings(&key).await.unwrap();
    }
}

/// Gives under how many names each id has a document or a mark, and how many closings there are.
async fn names(store: &SimulatedStore) -> (usize, usize) {
    let (mut most, mut closings) = (0, 0);
    for number in 0..IDS {
        let mut there = 0;
        for suffix in SUFFIXES {
            let path = Path::from(format!("truthound/default/results/id{number}{suffix}"));
            if let Ok(found) = store.get(&path).await {
                let closed = closed_by(&found.attributes).is_some();
                closings += usize::from(closed);
                there += usize::from(!closed);
            }
        }
        most = most.max(there);
    }
    (most, closings)
}

/// One seed: rounds of work by processes that live on, with minutes or hours in between. Gives how many closings were met with.
fn storm(simulation: &mut Simulation) -> usize {
    simulation.set_latest(Duration::from_mins(35));
    simulation.set_jumps(0);
    let store = simulation.store(match simulation.seed() % 3 {
        0 => StoreOptions::s3(),
        1 => StoreOptions::gcs(),
        _ => StoreOptions::azure(),
    });
    let chance = simulation.clock_with_skew(0);
    let book = Book::default();
    let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
    let back = store.backdoor();
    let first = simulation.block_on("create", async move {
        let wire = Wire::new(clock.clone(), timer.clone());
        let folder = Path::from("truthound/default/results/_catalog");
        let shelf = Shelf::new(Arc::new(back.clone()), folder, wire);
        shelf.create_root(&Root::first(&*clock, ".json")).await.unwrap();
        Process::new(&back, clock, timer, 99).await
    });
    let mut processes = Vec::new();
    for number in 0..3 {
        let (store, clock, timer) = (store.clone(), simulation.clock(), simulation.timer());
        let made = async move { Process::new(&store, clock, timer, number).await };
        processes.push(simulation.block_on("open", made));
    }
    let mut closings = 0;
    for round in 0..4 {
        store.faults().set_rates(Rates::stormy());
        for (number, process) in processes.iter().enumerate() {
            let work = process.clone().work(book.clone(), simulation.timer(), 6);
            simulation.spawn(&format!("process {round}.{number}"), work);
        }
        // One that is opened now, and cut off again and again.
        let (cut, clock, timer) = (store.clone(), simulation.clock(), simulation.timer());
        let wanted = SUFFIXES[random_u64(&*chance) as usize % 3];
        let book2 = book.clone();
        simulation.spawn_crashing(&format!("crashing {round}"), Crashes::often(10, 2), move |_| {
            let (store, clock, timer) = (cut.clone(), clock.clone(), timer.clone());
            let book = book2.clone();
            async move {
                let process = Process::new(&store, clock, timer.clone(), 50 + round).await;
                process.opens(wanted).await;
                let id = format!("id{}", random_u64(&*process.wire.clock) % IDS);
                // Whether it ends or not, it may have taken effect.
                book.begin(&id, false);
                drop(process.documents.save(record(&id), PutMode::Upsert, false).await);
            }
        });
        simulation.run();
        let minutes = [0, 20, 80, 200][random_u64(&*chance) as usize % 4];
        simulation.advance(Duration::from_mins(minutes));
        let back = store.backdoor();
        let (most, closed) = simulation.block_on("names", async move { names(&back).await });
        assert!(most <= 1, "an id has {most} documents");
        closings += closed;
        if minutes == 200 {
            store.faults().heal();
            simulation.settle();
            let process = first.clone();
            simulation.block_on("sweep", async move { sweep(&process).await });
        }
    }
    store.faults().heal();
    simulation.settle();
    for process in processes.into_iter().chain([first]) {
        let book = book.clone();
        simulation.block_on("check", async move {
            for number in 0..IDS {
                let (id, begun) = (format!("id{number}"), book.now());
                let got = process.get(&id).await.unwrap();
                book.check(&id, got.as_deref(), begun);
            }
        });
    }
    closings
}

fn storms(seeds: std::ops::Range<u64>) {
    let many = seeds.end - seeds.start;
    let closings: usize = seeds.map(|seed| storm(&mut Simulation::new(seed))).sum();
    // Whatever is not met with proves nothing.
    assert!(closings as u64 > many / 2, "closings were met {closings} times only");
}

#[test]
fn what_was_acknowledged_is_there_whatever_its_suffix() {
    storms(0..150);
}

#[test]
fn what_was_acknowledged_is_there_in_another_storm_of_suffixes() {
    storms(150..300);
}
