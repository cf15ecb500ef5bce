//! A process: a handle of its own, a clock of its own, and anything that users do.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{
    Collection, DeleteOptions, Error, ErrorKind, Key, PutMode, PutOptions, Reading, Record, Result, Store,
    Timer, Written, random_u64,
};
use truthound_stores_testkit::object::{SimulatedClock, SimulatedTimer};

use super::book::state_of;
use super::deed::{Asked, Of, TAG, What};
use super::world::{Settings, World};
use crate::CatalogStore;
use crate::state::State;

pub(super) const IDS: u64 = 4;
const ASSETS: [&str; 3] = ["orders", "warehouse.people", "warehouse.stock"];
pub(super) const STATUSES: [&str; 3] = ["success", "failure", "error"];

/// A process from its start, or from a crash, to its end.
pub(super) struct Process {
    pub(super) world: World,
    pub(super) number: usize,
    pub(super) settings: Settings,
    pub(super) clock: Arc<SimulatedClock>,
    pub(super) timer: Arc<SimulatedTimer>,
    pub(super) store: CatalogStore,
}

/// What passes, or leaves open what became of it: anything else is an error of the store.
pub(super) fn passes(error: &Error) {
    assert!(error.is_retryable() || error.kind() == ErrorKind::Timeout, "{error:?}");
}

impl Process {
    pub(super) fn open(
        world: &World,
        number: usize,
        settings: &Settings,
        clock: &Arc<SimulatedClock>,
    ) -> Self {
        Self {
            world: world.clone(),
            number,
            settings: settings.clone(),
            clock: Arc::clone(clock),
            timer: world.timer(),
            store: world.open(settings, clock),
        }
    }

    pub(super) fn chance(&self, of: u64) -> u64 {
        random_u64(&*self.clock) % of
    }

    pub(super) fn id(&self) -> String {
        format!("id{}", self.chance(IDS))
    }

    pub(super) fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.chance(from.len() as u64) as usize]
    }

    /// Does so many things, with pauses between.
    pub(super) async fn work(self, things: u64) {
        for _ in 0..things {
            self.timer.sleep(Duration::from_millis(self.chance(3_000))).await;
            match self.chance(100) {
                0..23 => self.put(PutMode::Upsert).await,
                23..32 => self.put(PutMode::Create).await,
                32..40 => self.replace().await,
                40..47 => self.batch().await,
                47..57 => self.delete().await,
                57..60 => self.delete_many().await,
                60..71 => drop(self.get(&self.id()).await),
                71..80 => self.list().await,
                80..83 => self.pages().await,
                83..86 => self.count().await,
                86..88 => self.summarize().await,
                88..90 => self.past().await,
                _ => self.tend().await,
            }
        }
        if self.chance(2) == 0 {
            self.store.close().await.unwrap();
        }
    }

    /// Makes a document that names its deed, which begins now.
    fn begin(&self, id: &str) -> (usize, Record) {
        let (asset, status) = (self.pick(&ASSETS), self.pick(&STATUSES));
        let (day, deed) = (1 + self.chance(28), self.world.book.next());
        let text = format!(
            r#"{{"run_id":"{id}","run_time":"2026-01-{day:02}T12:00:00","data_asset":"{asset}","status":"{status}","tags":{{"{TAG}":"{deed}"}}}}"#
        );
        let record = Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap();
        let what = What::Save(Box::new(record.attributes.clone()));
        assert_eq!(self.world.book.begin(self.number, id, what), deed);
        (deed, record)
    }

    pub(super) fn ask(&self, of: Of) -> Asked {
        self.world.book.ask(self.number, of)
    }

    /// Asks the catalog, by a handle that may be told what was so a while ago.
    pub(super) fn ask_catalog(&self) -> Asked {
        let since = match self.settings.bounded {
            Some(staleness) => self.world.book.time().saturating_sub(Duration::from_millis(staleness)),
            None => Duration::MAX,
        };
        self.ask(Of::Catalog(since))
    }

    async fn put(&self, mode: PutMode) {
        let id = self.id();
        self.put_to(&id, mode).await;
    }

    async fn put_to(&self, id: &str, mode: PutMode) {
        let (asked, (deed, record)) = (self.ask(Of::Documents), self.begin(id));
        let written = self.store.put_opts(record, PutOptions::default().with_mode(mode.clone())).await;
        self.wrote(id, deed, &mode, written, asked);
    }

    /// Holds the outcome of a save against all that was done.
    fn wrote(&self, id: &str, deed: usize, mode: &PutMode, written: Result<Written>, asked: Asked) {
        let book = &self.world.book;
        match written {
            Ok(written) => {
                let replaced = written.replaced.as_ref().map(state_of);
                book.end(deed, Some(state_of(&written.meta.revision)), replaced);
                match mode {
                    PutMode::Create => assert_eq!(replaced, None),
                    PutMode::Replace(wanted) => assert_eq!(replaced, Some(state_of(wanted))),
                    _ => {}
                }
                if replaced.is_none() {
                    book.absent(id, Asked { begun: asked.begun, ..book.answered(asked) });
                }
            }
            Err(error) if error.kind() == ErrorKind::Conflict && *mode != PutMode::Upsert => {
                book.refuse(deed);
                let wanted = match mode {
                    PutMode::Replace(wanted) => Some(state_of(wanted)),
                    _ => None,
                };
                book.conflict(deed, wanted, book.answered(asked));
            }
            // It may have taken effect, and may do so yet.
            Err(error) => passes(&error),
        }
    }

    async fn replace(&self) {
        let id = self.id();
        if let Some(found) = self.get(&id).await {
            self.timer.sleep(Duration::from_millis(self.chance(200))).await;
            self.put_to(&id, PutMode::Replace(found)).await;
        }
    }

    async fn batch(&self) {
        let asked = self.ask(Of::Documents);
        let first = self.chance(IDS);
        let ids: Vec<String> =
            (0..2 + self.chance(2)).map(|at| format!("id{}", (first + at) % IDS)).collect();
        let mode = if self.chance(4) == 0 { PutMode::Create } else { PutMode::Upsert };
        let (deeds, records): (Vec<usize>, Vec<Record>) = ids.iter().map(|id| self.begin(id)).unzip();
        let written = self.store.put_many(records, PutOptions::default().with_mode(mode.clone())).await;
        for ((id, deed), written) in ids.iter().zip(deeds).zip(written) {
            self.wrote(id, deed, &mode, written, asked);
        }
    }

    async fn delete(&self) {
        let (id, book) = (self.id(), &self.world.book);
        let wanted = if self.chance(4) == 0 { self.get(&id).await } else { None };
        let options = wanted.clone().map(DeleteOptions::if_revision).unwrap_or_default();
        let asked = self.ask(Of::Documents);
        let deed = book.begin(self.number, &id, What::Delete);
        let deleted = self.store.delete_opts(&Key::result(&id).unwrap(), options).await;
        self.deleted(&id, deed, wanted.as_ref().map(state_of), deleted, asked);
    }

    async fn delete_many(&self) {
        let (asked, first) = (self.ask(Of::Documents), self.chance(IDS));
        let ids: Vec<String> = (0..2).map(|at| format!("id{}", (first + at) % IDS)).collect();
        let deeds: Vec<usize> =
            ids.iter().map(|id| self.world.book.begin(self.number, id, What::Delete)).collect();
        let keys = ids.iter().map(|id| Key::result(id).unwrap()).collect();
        let deleted = self.store.delete_many(keys, DeleteOptions::default()).await;
        for ((id, deed), deleted) in ids.iter().zip(deeds).zip(deleted) {
            self.deleted(id, deed, None, deleted, asked);
        }
    }

    /// Holds the outcome of a delete against all that was done.
    fn deleted(&self, id: &str, deed: usize, wanted: Option<State>, deleted: Result<bool>, asked: Asked) {
        let book = &self.world.book;
        match deleted {
            Ok(true) => book.end(deed, None, wanted),
            Ok(false) => {
                book.refuse(deed);
                book.absent(id, book.answered(asked));
            }
            Err(error) if error.kind() == ErrorKind::Conflict && wanted.is_some() => {
                book.refuse(deed);
                book.conflict(deed, wanted, book.answered(asked));
            }
            Err(error) => passes(&error),
        }
    }
}
