//! What the processes of a simulation share, and what each has of its own.

use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{Result, UpdateVersion};
use truthound_stores_core::codec::{Compression, Format};
use truthound_stores_core::{BoxFuture, Clock, Collection, StoreConfig, Timer};
use truthound_stores_testkit::object::{
    SimulatedClock, SimulatedStore, SimulatedTimer, Simulation, SimulationHandle, StoreOptions,
};

use super::book::Book;
use crate::flaw::Flaw;
use crate::fold::Portions;
use crate::layout::Layout;
use crate::shelf::Shelf;
use crate::wire::Wire;
use crate::{CatalogConfig, CatalogStore, CompareAndDelete, Objects, Runtime, TailRow};

#[derive(Debug)]
struct Deletes(SimulatedStore);

#[async_trait::async_trait]
impl CompareAndDelete for Deletes {
    async fn delete_if(&self, path: &Path, seen: UpdateVersion) -> Result<()> {
        self.0.delete_if(path, seen).await
    }
}

/// The simulation's time and tasks, as a store uses them.
#[derive(Debug)]
struct Background(SimulationHandle, Arc<SimulatedTimer>);

impl Timer for Background {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.1.sleep(duration)
    }
}

impl Runtime for Background {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.0.spawn("background", task);
    }
}

/// A bucket, and what is known of it.
#[derive(Clone)]
pub(super) struct World {
    pub(super) bucket: SimulatedStore,
    pub(super) book: Book,
    handle: SimulationHandle,
    /// Buckets without it keep their marks.
    pub(super) deletes: bool,
    pub(super) flaw: Option<Flaw>,
    portions: Portions,
}

impl World {
    pub(super) fn new(simulation: &Simulation, flaw: Option<Flaw>) -> Self {
        let seed = simulation.seed();
        let bucket = simulation.store(match seed % 3 {
            0 => StoreOptions::s3().with_page_size(3),
            1 => StoreOptions::gcs().with_page_size(5),
            _ => StoreOptions::azure(),
        });
        let book = Book::new(simulation.clock_with_skew(0));
        // Documents are few, and a fold merges all of them; where it takes two rows at a time, segments stay, and kill files end rows of them.
        let portions = if seed % 5 == 3 { Portions { objects: 2, hot: 2 } } else { Portions::default() };
        let (handle, deletes) = (simulation.handle(), !seed.is_multiple_of(7));
        Self { bucket, book, handle, deletes, flaw, portions }
    }

    /// Opens the bucket as a process with this clock does.
    pub(super) fn open(&self, settings: &Settings, clock: &Arc<SimulatedClock>) -> CatalogStore {
        self.open_on(&self.bucket, settings, clock)
    }

    /// Opens the bucket in such a way that nothing is in the way.
    pub(super) fn open_quietly(&self) -> CatalogStore {
        self.open_on(&self.bucket.backdoor(), &Settings::default(), &self.right_clock())
    }

    fn open_on(
        &self,
        bucket: &SimulatedStore,
        settings: &Settings,
        clock: &Arc<SimulatedClock>,
    ) -> CatalogStore {
        let mut objects = Objects::new(Arc::new(bucket.clone()), "simulated", "simulated");
        if self.deletes {
            objects = objects.with_compare_and_delete(Arc::new(Deletes(bucket.clone())));
        }
        let runtime = Arc::new(Background(self.handle.clone(), self.handle.timer()));
        let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
        let timer: Arc<dyn Timer> = Arc::<Background>::clone(&runtime);
        let wire = Wire::new(clock, timer).with_flaw(self.flaw).with_portions(self.portions);
        CatalogStore::on(wire, objects, settings.config(), runtime).unwrap()
    }

    /// Tells whether the root names several segments, of one of which a kill file ends rows.
    pub(super) async fn has_kill_files(self) -> bool {
        let place = Layout::new(&CatalogConfig::new().store).unwrap().collection(&Collection::RESULTS);
        let wire = Wire::new(self.right_clock(), self.timer());
        let shelf = Shelf::new(Arc::new(self.bucket.backdoor()), place.catalog_folder().unwrap(), wire);
        let Some(seen) = shelf.root(None).await.unwrap() else { return false };
        let segments = &seen.root.segments;
        segments.len() > 1 && segments.iter().any(|segment| segment.kill.is_some())
    }

    pub(super) fn right_clock(&self) -> Arc<SimulatedClock> {
        self.handle.clock_with_skew(0)
    }

    pub(super) fn timer(&self) -> Arc<SimulatedTimer> {
        self.handle.timer()
    }
}

/// How a process opens the bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) suffix: usize,
    pub(super) in_bodies: bool,
    /// How old what it is told may be, in milliseconds.
    pub(super) bounded: Option<u64>,
    pub(super) history_days: u64,
}

impl Settings {
    fn config(&self) -> CatalogConfig {
        let base = StoreConfig::default();
        let base = match self.suffix {
            0 => base.with_compression(Compression::None),
            1 => base.with_compression(Compression::Gzip),
            _ => base.with_compression(Compression::None).with_serialization_format(Format::Yaml),
        };
        let mut config = CatalogConfig::new().with_store(base).with_history_days(self.history_days);
        if self.in_bodies {
            config = config.with_tail_row(TailRow::Body);
        }
        match self.bounded {
            Some(staleness) => config.with_bounded(staleness),
            None => config,
        }
    }
}
