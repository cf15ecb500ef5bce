//! What a handle holds: its settings, and the collections that it has open.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use truthound_stores_core::codec::{Codec, Limits};
use truthound_stores_core::{Clock, Collection, Error, Progress, Result};

use crate::config::{Durability, FileSystemConfig};
use crate::describe::Folder;
use crate::files::{self, Stamp};
use crate::layout::Layout;
use crate::live::Live;
use crate::partition::{Aside, Opening, Partition};
use crate::settings::{Hint, Settings};
use crate::suffix::Extensions;

/// What handles of one store share.
pub(crate) struct Inner {
    pub(crate) config: FileSystemConfig,
    pub(crate) layout: Layout,
    pub(super) codec: Codec,
    pub(crate) extension: String,
    /// What the settings file said when it was last read, and which state of the file that was.
    pub(super) settings: Mutex<(Option<Stamp>, Settings)>,
    /// An extension that Truthound's index names.
    pub(super) hinted: Mutex<Hint>,
    pub(super) limits: Limits,
    pub(crate) clock: Arc<dyn Clock>,
    pub(super) partitions: Mutex<HashMap<Collection, Arc<Partition>>>,
    /// Whether the settings that this handle adds are on the disk.
    pub(super) remembered: AtomicBool,
    pub(super) closed: AtomicBool,
}

impl Inner {
    pub(crate) fn syncs(&self) -> bool {
        self.config.durability == Durability::Fsync
    }

    pub(crate) fn check_folder(&self) -> Result<()> {
        check_folder(&self.config, &self.layout)
    }

    /// Describes a collection's folder as it is now.
    pub(crate) fn folder(&self, collection: &Collection) -> Result<Folder> {
        let path = self.layout.folder(collection);
        // What is checked for the deepest folder holds for all above it.
        self.layout.check_inside(&path.join(crate::layout::CATALOG))?;
        let mut extensions = self.settings()?.extensions;
        let mut hinted = self.hinted.lock().unwrap_or_else(PoisonError::into_inner);
        extensions.extend(hinted.extension(self.layout.results())?);
        drop(hinted);
        Ok(Folder {
            collection: collection.clone(),
            path,
            extensions: Extensions::new(&self.extension, &extensions),
            codec: self.codec,
            limits: self.limits,
            reading: self.config.store.reading(),
            folds_case: false,
        })
    }

    /// Returns what the store remembers of itself, read again if another handle has written it.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let mut known = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Settings::stamp(self.layout.results())?;
        if stamp != known.0 {
            *known = (stamp, Settings::read(self.layout.results())?);
        }
        Ok(known.1.clone())
    }

    pub(crate) fn partition(&self, collection: &Collection) -> Arc<Partition> {
        let mut partitions = self.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(partitions.entry(collection.clone()).or_default())
    }

    pub(super) fn partitions(&self) -> Vec<Arc<Partition>> {
        self.partitions.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Opens a collection in some way; `open` chooses which.
    fn opening<T>(
        &self,
        collection: &Collection,
        progress: &dyn Progress,
        open: impl FnOnce(&Partition, &Opening<'_>) -> Result<T>,
    ) -> Result<T> {
        let path = self.layout.folder(collection);
        let opening = Opening {
            durability: self.config.durability,
            clock: &self.clock,
            progress,
            folder: &|| {
                self.check_folder()?;
                self.folder(collection)
            },
            path: &path,
            closed: &self.closed,
        };
        open(&self.partition(collection), &opening)
    }

    /// Returns a collection to read from; `None` if nothing is there.
    pub(crate) fn to_read(&self, collection: &Collection) -> Result<Option<Arc<Live>>> {
        self.opening(collection, &(), Partition::read)
    }

    /// As [`to_read`](Self::to_read), watched by `progress` if an index has to be made.
    pub(crate) fn to_tend(
        &self,
        collection: &Collection,
        progress: &dyn Progress,
    ) -> Result<Option<Arc<Live>>> {
        self.opening(collection, progress, Partition::read)
    }

    /// Opens a collection beside an index that cannot be read.
    pub(crate) fn aside(&self, collection: &Collection, progress: &dyn Progress) -> Result<Aside> {
        self.opening(collection, progress, |_, opening| Aside::open(opening))
    }

    /// Returns a collection to write to, made if need be.
    pub(crate) fn to_write(&self, collection: &Collection) -> Result<Arc<Live>> {
        self.opening(collection, &(), Partition::write)
    }

    /// Lists the collections that have a folder: results and expectations first.
    pub(crate) fn collections(&self) -> Result<Vec<Collection>> {
        let mut found = vec![Collection::RESULTS, Collection::EXPECTATIONS];
        found.extend(self.layout.other_collections()?);
        Ok(found)
    }

    /// Does something for each collection that is open; all of them, whatever one answers.
    pub(super) fn each_open(&self, work: impl Fn(&Live) -> Result<()>) -> Result<()> {
        let one = |partition: Arc<Partition>| {
            let Some(live) = partition.opened() else { return Ok(()) };
            match work(&live) {
                // Somebody has opened it anew meanwhile.
                Err(_) if live.is_over() => partition.opened().map_or(Ok(()), |live| work(&live)),
                done => done,
            }
        };
        let outcomes: Vec<Result<()>> = self.partitions().into_iter().map(one).collect();
        outcomes.into_iter().collect()
    }
}

/// Checks that the base path is no file; with `create_dirs` off, a missing folder is an error, too.
pub(super) fn check_folder(config: &FileSystemConfig, layout: &Layout) -> Result<()> {
    let wrong = |why: &str, path: &Path| Err(Error::invalid(why).with("path", path.display().to_string()));
    if config.base_path.is_file() {
        return wrong("the store's base path is a file: name a folder", &config.base_path);
    }
    if config.create_dirs || files::is_folder(layout.results())? {
        return Ok(());
    }
    wrong("the store's folder does not exist, and create_dirs is false", layout.results())
}
