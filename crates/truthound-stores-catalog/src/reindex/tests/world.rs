//! Processes of one bucket, each with all that it has of its own, and what the bucket really holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{Attributes, ObjectStore, ObjectStoreExt, PutOptions, PutPayload, UpdateVersion};
use truthound_stores_core::codec::Codec;
use truthound_stores_core::{
    BoxFuture, Clock, DeleteOptions, Finding, Key, Level, PutMode, Query, Report, Result, StoreConfig, Timer,
};
use truthound_stores_testkit::ManualClock;
use truthound_stores_testkit::object::{SimulatedStore, Simulation, StoreOptions};

use crate::abilities::Abilities;
use crate::beside::{Beside, Head};
use crate::bucket::Bucket;
use crate::document::read::Found;
use crate::document::tests::{form, record};
use crate::fold::Folder;
use crate::layout::{Layout, Place};
use crate::library::Library;
use crate::query::{At, Consistency, Index};
use crate::reindex::Rebuilder;
use crate::reindex::listing::{Named, named};
use crate::reindex::read::open;
use crate::shelf::Shelf;
use crate::state::State;
use crate::suffix::names::Names;
use crate::wire::Wire;
use crate::write::Documents;

/// Where the documents of these tests are.
pub(crate) const FOLDER: &str = "truthound/default/results";

/// What one process has open.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) simulated: SimulatedStore,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) documents: Documents,
    pub(crate) library: Arc<Library>,
    pub(crate) wire: Wire,
}

pub(crate) fn place() -> Place {
    let form = form(Codec::default());
    Layout::new(&StoreConfig::default()).unwrap().collection(&form.collection)
}

impl Process {
    pub(crate) fn on(
        simulated: &SimulatedStore,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
        writer: u64,
    ) -> Self {
        let store: Arc<dyn ObjectStore> = Arc::new(simulated.clone());
        let wire = Wire::new(clock, timer);
        let place = place();
        let folder = place.catalog("root").unwrap();
        let folder = Path::parse(folder.as_ref().trim_end_matches("/root")).unwrap();
        let library = Arc::new(Library::new(Shelf::new(Arc::clone(&store), folder, wire.clone())));
        let form = form(Codec::default());
        let names = Names::only(form.codec.extension(), &*wire.clock);
        let documents = Documents {
            names,
            bucket: Bucket::new(Arc::clone(&store), wire.clone()),
            place,
            form,
            writer,
            rows_in_names: true,
            patience: Duration::from_mins(2),
        };
        Self { simulated: simulated.clone(), store, documents, library, wire }
    }

    /// One that nothing schedules: its requests are carried out as they are sent, and its clock goes on where it waits.
    pub(crate) fn alone(options: StoreOptions) -> Self {
        let clock = Arc::new(ManualClock::new(1));
        // States of ours are not told in whole seconds.
        clock.advance(Duration::from_micros(123_457));
        let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let store = SimulatedStore::new(options, Arc::clone(&shared), 1);
        Self::on(&store, shared, Arc::new(Hasty(clock)), 1)
    }

    pub(crate) fn of(simulation: &Simulation, simulated: &SimulatedStore, writer: u64) -> Self {
        Self::on(simulated, simulation.clock(), simulation.timer(), writer)
    }

    /// One whose clock is right, and that meets no trouble.
    pub(crate) fn quiet(simulation: &Simulation, simulated: &SimulatedStore) -> Self {
        Self::on(&simulated.backdoor(), simulation.clock_with_skew(0), simulation.timer(), 99)
    }

    /// The process after a restart: it has nothing open.
    pub(crate) fn anew(&self) -> Self {
        Self { library: Arc::new(Library::new(self.library.shelf().clone())), ..self.clone() }
    }

    pub(crate) fn rebuilder(&self) -> Rebuilder<'_> {
        Rebuilder {
            documents: &self.documents,
            store: &self.store,
            library: &self.library,
            wire: &self.wire,
            abilities: Abilities::default(),
            progress: &(),
        }
    }

    pub(crate) fn folder(&self) -> Folder<Around> {
        Folder::new(Arc::clone(&self.library), self.wire.clone(), Around(self.clone()))
    }

    pub(crate) async fn save(&self, id: &str) -> Result<String> {
        let written = self.documents.save(record(id), PutMode::Upsert, false).await?;
        Ok(written.meta.revision.as_str().to_owned())
    }

    pub(crate) async fn delete(&self, id: &str) -> Result<bool> {
        self.documents.delete(&Key::result(id).unwrap(), DeleteOptions::default()).await
    }

    /// What queries list: ids and revisions.
    pub(crate) async fn listed(&self) -> Result<BTreeMap<String, String>> {
        let (library, clock) = (Arc::clone(&self.library), Arc::clone(&self.wire.clock));
        let index = Index::new(library, clock, self.documents.form.collection.clone(), Consistency::Strong);
        let (mut listed, mut after) = (BTreeMap::new(), None);
        loop {
            let page = index.list_page(At::Now, &Query::new(), after.as_ref(), None).await?;
            assert!(page.damaged.is_empty(), "{:?}", page.damaged);
            for meta in page.metas {
                let revision = meta.revision.as_str().to_owned();
                let twice = listed.insert(meta.key.id().to_owned(), revision);
                assert_eq!(twice, None, "{} is listed twice", meta.key.id());
            }
            after = page.next;
            if after.is_none() {
                return Ok(listed);
            }
        }
    }

    /// What lies in the folder: for each id the state of its document, and whether that is there or deleted.
    pub(crate) async fn objects(&self) -> BTreeMap<String, (State, bool)> {
        let form = &self.documents.form;
        let mut objects = BTreeMap::new();
        for name in self.simulated.names() {
            let Some(name) = name.strip_prefix(&format!("{FOLDER}/")) else { continue };
            let Named::Document(stem, suffix) = named(name, form.folds_case) else { continue };
            let path = self.documents.place.document(stem, suffix).unwrap();
            let (fetched, _) = self.documents.bucket.get(&path).await.unwrap().unwrap();
            let (key, found) = open(form, stem, &fetched).unwrap();
            let live = matches!(found, Found::Live(_));
            objects.insert(key.id().to_owned(), (found.seen().state, live));
        }
        objects
    }

    /// The revisions of the documents that another program wrote.
    pub(crate) async fn foreign(&self) -> BTreeMap<String, String> {
        let mut foreign = BTreeMap::new();
        for id in self.live().await.into_keys() {
            let path = self.documents.path(&Key::result(&id).unwrap()).unwrap();
            let Some((fetched, _)) = self.documents.bucket.get(&path).await.unwrap() else { continue };
            let state = self.documents.form.look(&Key::result(&id).unwrap(), &fetched).unwrap().state;
            if state == fetched.foreign_state() {
                foreign.insert(id, state.revision().as_str().to_owned());
            }
        }
        foreign
    }

    /// What queries must list: the documents that are there.
    pub(crate) async fn live(&self) -> BTreeMap<String, String> {
        let live = self.objects().await.into_iter().filter(|(_, (_, live))| *live);
        live.map(|(id, (state, _))| (id, state.revision().as_str().to_owned())).collect()
    }

    /// Puts an object as another program does.
    pub(crate) async fn put_foreign(&self, name: &str, bytes: &[u8]) {
        let path = Path::parse(format!("{FOLDER}/{name}")).unwrap();
        self.simulated.backdoor().put(&path, PutPayload::from(bytes.to_vec())).await.unwrap();
    }

    /// Removes objects whose names contain a text, as another program does; gives how many.
    pub(crate) async fn remove(&self, part: &str) -> usize {
        let names: Vec<String> =
            self.simulated.names().into_iter().filter(|name| name.contains(part)).collect();
        for name in &names {
            self.simulated.backdoor().delete(&Path::parse(name).unwrap()).await.unwrap();
        }
        names.len()
    }

    /// Copies an object of the folder, with its metadata.
    pub(crate) async fn copy(&self, name: &str) -> (Attributes, Vec<u8>) {
        let path = Path::parse(format!("{FOLDER}/{name}")).unwrap();
        let found = self.simulated.backdoor().get(&path).await.unwrap();
        (found.attributes.clone(), found.bytes().await.unwrap().to_vec())
    }

    /// Puts a copy back, as who restores a backup does.
    pub(crate) async fn put_back(&self, name: &str, (attributes, bytes): (Attributes, Vec<u8>)) {
        let path = Path::parse(format!("{FOLDER}/{name}")).unwrap();
        let options = PutOptions { attributes, ..PutOptions::default() };
        self.simulated.backdoor().put_opts(&path, bytes.into(), options).await.unwrap();
    }

    /// Flips a bit of an object, whose metadata stay.
    pub(crate) async fn flip(&self, name: &str, at: usize) {
        let (path, store) = (Path::parse(name).unwrap(), self.simulated.backdoor());
        let found = store.get(&path).await.unwrap();
        let attributes = found.attributes.clone();
        let mut bytes = found.bytes().await.unwrap().to_vec();
        let at = at % bytes.len();
        bytes[at] ^= 1;
        let options = PutOptions { attributes, ..PutOptions::default() };
        store.put_opts(&path, bytes.into(), options).await.unwrap();
    }
}

/// The documents as folds and clean-ups ask for them.
#[derive(Clone, Debug)]
pub(crate) struct Around(Process);

#[async_trait::async_trait]
impl Beside for Around {
    async fn head(&self, id: &str) -> Result<Head> {
        let key = Key::result(id).unwrap();
        let path = self.0.documents.path(&key)?;
        let Some((fetched, handle)) = self.0.documents.bucket.head(&path).await? else {
            return Ok(Head::Absent);
        };
        let seen = self.0.documents.form.look(&key, &fetched)?;
        let is_foreign = seen.state == fetched.foreign_state();
        Ok(match seen.deleted {
            _ if is_foreign => Head::Foreign(seen.state),
            true => Head::Mark(seen.state, handle),
            false => Head::Live(seen.state),
        })
    }

    fn can_remove_marks(&self) -> bool {
        true
    }

    async fn remove_mark(&self, id: &str, seen: UpdateVersion) -> Result<bool> {
        let path = self.0.documents.path(&Key::result(id).unwrap())?;
        Ok(self.0.simulated.delete_if(&path, seen).await.is_ok())
    }
}

/// Whoever waits lets the time pass by itself.
#[derive(Debug)]
struct Hasty(Arc<ManualClock>);

impl Timer for Hasty {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.advance(duration);
        Box::pin(std::future::ready(()))
    }
}

pub(crate) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

/// What a report says, but for what is good: levels, subjects and ids.
pub(crate) fn said(report: &Report) -> Vec<(Level, &'static str, String)> {
    let bad = report.findings.iter().filter(|finding| finding.level != Level::Good);
    let id = |finding: &Finding| finding.key.as_ref().map_or("", Key::id).to_owned();
    bad.map(|finding| (finding.level, finding.subject, id(finding))).collect()
}
