//! A process: a handle of its own, a clock of its own, and anything that users do.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{
    Collection, DeleteOptions, Error, ErrorKind, GetOptions, Key, MaintainOptions, OrderBy, PutMode,
    PutOptions, Query, Reading, Record, ReindexOptions, Result, Store, Timer, Upkeep, VerifyOptions, Written,
    random_u64,
};
use truthound_stores_testkit::object::{SimulatedClock, SimulatedTimer};

use super::book::state_of;
use super::deed::{Asked, Of, TAG, What};
use super::world::{Settings, World};
use crate::CatalogStore;

pub(super) const IDS: u64 = 4;
const ASSETS: [&str; 3] = ["orders", "warehouse.people", "warehouse.stock"];
const STATUSES: [&str; 3] = ["success", "failure", "error"];

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
fn passes(error: &Error) {
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

    fn chance(&self, of: u64) -> u64 {
        random_u64(&*self.clock) % of
    }

    fn id(&self) -> String {
        format!("id{}", self.chance(IDS))
    }

    fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.chance(from.len() as u64) as usize]
    }

    /// Does so many things, with pauses between.
    pub(super) async fn work(self, things: u64) {
        for _ in 0..things {
            self.timer.sleep(Duration::from_millis(self.chance(3_000))).await;
            match self.chance(100) {
                0..25 => self.put(PutMode::Upsert).await,
                25..35 => self.put(PutMode::Create).await,
                35..43 => self.replace().await,
                43..50 => self.batch().await,
                50..62 => self.delete().await,
                62..74 => drop(self.get(&self.id()).await),
                74..84 => self.list().await,
                84..87 => self.pages().await,
                87..90 => self.count().await,
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

    fn ask(&self, of: Of) -> Asked {
        self.world.book.ask(self.number, of)
    }

    /// Asks the catalog, by a handle that may be told what was so a while ago.
    fn ask_catalog(&self) -> Asked {
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
        match self.store.delete_opts(&Key::result(&id).unwrap(), options).await {
            Ok(true) => book.end(deed, None, wanted.as_ref().map(state_of)),
            Ok(false) => {
                book.refuse(deed);
                book.absent(&id, book.answered(asked));
            }
            Err(error) if error.kind() == ErrorKind::Conflict && wanted.is_some() => {
                book.refuse(deed);
                book.conflict(deed, wanted.as_ref().map(state_of), book.answered(asked));
            }
            Err(error) => passes(&error),
        }
    }

    /// Reads a document; gives the revision that was found.
    async fn get(&self, id: &str) -> Option<truthound_stores_core::Revision> {
        let (asked, book) = (self.ask(Of::Documents), &self.world.book);
        let options = if self.chance(2) == 0 { GetOptions::meta_only() } else { GetOptions::default() };
        match self.store.get_opts(&Key::result(id).unwrap(), options).await {
            Ok(found) => {
                book.shown(&found.meta, book.answered(asked));
                Some(found.meta.revision)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                book.absent(id, book.answered(asked));
                None
            }
            Err(error) => {
                passes(&error);
                None
            }
        }
    }

    fn query(&self) -> Query {
        let mut query = Query::new()
            .with_order_by(self.pick(&[
                OrderBy::RunTime,
                OrderBy::RunTime,
                OrderBy::Status,
                OrderBy::DataAsset,
            ]))
            .with_ascending(self.chance(2) == 0);
        if self.chance(3) == 0 {
            query = query.with_data_asset("warehouse.*");
        }
        if self.chance(4) == 0 {
            query = query.with_status(self.pick(&STATUSES));
        }
        query
    }

    async fn list(&self) {
        let query = self.query();
        let limit = (self.chance(3) == 0).then(|| 1 + self.chance(2));
        let asking = match limit {
            Some(limit) => query.clone().with_limit(limit),
            None => query.clone(),
        };
        let (asked, book) = (self.ask_catalog(), &self.world.book);
        match self.store.list_page(&asking, None).await {
            Ok(page) => {
                assert!(page.damaged.is_empty() && page.next.is_none(), "{page:?}");
                assert!(page.metas.is_sorted_by(|one, other| query.cmp(one, other).is_lt()), "{page:?}");
                let asked = book.answered(asked);
                match limit {
                    // It is not cut.
                    Some(limit) if page.metas.len() as u64 == limit => {
                        for meta in &page.metas {
                            book.shown(meta, asked);
                        }
                    }
                    _ => book.listed(&query, &page.metas, asked),
                }
            }
            Err(error) => passes(&error),
        }
    }

    /// Each page is right by itself: others write between them.
    async fn pages(&self) {
        let query = self.query().with_page_size(1);
        let mut after = None;
        for _ in 0..IDS {
            let (asked, book) = (self.ask_catalog(), &self.world.book);
            match self.store.list_page(&query, after).await {
                Ok(page) => {
                    let asked = book.answered(asked);
                    for meta in &page.metas {
                        book.shown(meta, asked);
                    }
                    after = page.next;
                }
                Err(error) => return passes(&error),
            }
            if after.is_none() {
                return;
            }
        }
    }

    async fn count(&self) {
        let query = self.query();
        let (asked, book) = (self.ask_catalog(), &self.world.book);
        match self.store.count(&query).await {
            Ok(count) => book.counted(&query, count, book.answered(asked)),
            Err(error) => passes(&error),
        }
    }

    /// Folds, cleans up, adopts or rebuilds.
    async fn tend(&self) {
        let done = match self.chance(12) {
            0..5 => {
                self.fold_soon();
                return;
            }
            5..9 => self.store.maintain(MaintainOptions::default(), &()).await,
            9 => self.store.reindex(ReindexOptions::default().with_quick(true), &()).await,
            10 => self.store.reindex(ReindexOptions::default(), &()).await,
            _ => self.store.verify(VerifyOptions::default().with_repair(self.chance(2) == 0), &()).await,
        };
        if let Err(error) = done {
            passes(&error);
        }
    }

    /// Begins a fold in the background, as one save in a thousand does.
    fn fold_soon(&self) {
        let inner = &self.store.inner;
        if let Some(live) = inner.slot(&Collection::RESULTS).live() {
            live.fold_soon(&*inner.runtime);
        }
    }
}
