//! The stores that versions are measured over.

use std::path::Path;
use std::sync::Arc;

use truthound_stores_core::{Store, SystemClock};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::bench::Outcome;
use truthound_stores_versioning::{VersionedStore, VersioningConfig};

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    FileSystem,
    Sqlite,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Memory, Self::FileSystem, Self::Sqlite];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::FileSystem => "filesystem",
            Self::Sqlite => "sqlite",
        }
    }

    /// Opens a store of its own, by default settings: on disk, what is acknowledged is durable.
    pub(crate) async fn open(self, room: &Path, name: &str) -> Outcome<Arc<dyn Store>> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::FileSystem => {
                let mut config = FileSystemConfig::default();
                config.base_path = room.join(name);
                Arc::new(FileSystemStore::open(config).await?)
            }
            Self::Sqlite => {
                let url = format!("sqlite:{}", room.join(format!("{name}.db")).display());
                Arc::new(DatabaseStore::open(DatabaseConfig::new(url)).await?)
            }
        })
    }

    /// Opens a store of its own that keeps versions.
    pub(crate) async fn open_versioned(
        self,
        room: &Path,
        name: &str,
        config: VersioningConfig,
    ) -> Outcome<VersionedStore<Arc<dyn Store>>> {
        Ok(VersionedStore::new(self.open(room, name).await?, config, Arc::new(SystemClock::new()))?)
    }
}
