//! The contract, under each codec.

use std::sync::{Arc, Mutex};

use truthound_stores_core::codec::{Compression, Format};
use truthound_stores_core::{Key, Store, StoreConfig};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
use truthound_stores_testkit::{Place, conformance_tests};

struct Folder {
    dir: tempfile::TempDir,
    config: fn() -> FileSystemConfig,
    handles: Mutex<Vec<Arc<FileSystemStore>>>,
}

#[async_trait::async_trait]
impl Place for Folder {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let mut config = (self.config)();
        config.base_path = self.dir.path().join("store");
        config.store.namespace = namespace.to_owned();
        let store = Arc::new(FileSystemStore::open(config).await.unwrap());
        self.handles.lock().unwrap().push(Arc::clone(&store));
        store
    }

    fn persists(&self) -> bool {
        true
    }

    /// Cuts the document's file short.
    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        // Until then the index holds the document as well, and answers with that.
        let handles = self.handles.lock().unwrap().clone();
        for handle in handles {
            handle.flush().await.unwrap();
        }
        let folder = self.dir.path().join("store").join(namespace).join("validations");
        let start = format!("{}.", key.id());
        let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap());
        let mut files = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&start));
        let Some(file) = files.next() else { return false };
        let bytes = std::fs::read(file.path()).unwrap();
        std::fs::write(file.path(), &bytes[..bytes.len() / 2]).unwrap();
        true
    }
}

fn folder(config: fn() -> FileSystemConfig) -> Folder {
    Folder { dir: tempfile::tempdir().unwrap(), config, handles: Mutex::default() }
}

/// Nothing here is killed, so nothing needs to be synced.
fn quick() -> FileSystemConfig {
    FileSystemConfig::default().with_durability(Durability::Os)
}

fn coded(format: Format, compression: Compression) -> FileSystemConfig {
    let store = StoreConfig::default().with_serialization_format(format).with_compression(compression);
    quick().with_store(store)
}

conformance_tests!(json, || folder(FileSystemConfig::default));
conformance_tests!(gzip, || folder(|| quick().with_use_compression(true).with_pretty_print(false)));
conformance_tests!(json_lz4, || folder(
    || coded(Format::Json, Compression::Lz4).with_file_extension(".result")
));
conformance_tests!(pickle_zstd, || folder(|| coded(Format::Pickle, Compression::Zstd)));
