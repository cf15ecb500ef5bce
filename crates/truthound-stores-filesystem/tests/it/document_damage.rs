//! R-ANY-17 for documents that lie on the disk for long: whatever byte flips, wherever a file is cut, it is `Corrupt` by name, never a panic
//! and never wrong data, and it hides no other document.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use truthound_stores_core::{ErrorKind, Query, Store, StoreExt, VerifyOptions};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use crate::model::{document, key, version_of};

const DAMAGED: &str = "run-1";
/// A version with a short text.
const VERSION: u64 = 400;

/// What one kind of file must answer.
struct Story {
    compressed: bool,
    name: &'static str,
}

impl Story {
    async fn open(&self, base: &Path) -> FileSystemStore {
        let config = FileSystemConfig::new(base).with_use_compression(self.compressed);
        FileSystemStore::open(config).await.unwrap()
    }

    /// Checks what a store answers whose one document is damaged.
    async fn corrupt_by_name(&self, store: &FileSystemStore, what: &str) {
        let error = match store.read(&key(DAMAGED)).await {
            // What a compressed file says beside its content, such as a time, is no part of the document.
            Ok(stored) if self.compressed => {
                assert_eq!(version_of(&stored.into_record().unwrap()), VERSION, "{what}");
                return;
            }
            Ok(stored) => panic!("{what}: was answered {stored:?}"),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {}", error.report());
        assert!(error.report().contains(self.name), "{what}: the file is not named: {}", error.report());
        assert!(store.exists(&key(DAMAGED)).await.unwrap(), "{what}: said not to exist");
        let listed = store.list_runs(&Query::new()).await.unwrap();
        let others = listed.iter().filter(|meta| meta.key != key(DAMAGED)).count();
        assert_eq!(others, 2, "{what}: others are hidden");
        assert_eq!(listed.len() + listed.damaged.len(), 3, "{what}: {:?}", listed.damaged);
        if let Some(upkeep) = store.upkeep() {
            let report = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
            let named = report.findings.iter().any(|finding| finding.key.as_ref() == Some(&key(DAMAGED)));
            assert!(report.is_damaged() && named, "{what}: verify does not name it: {:?}", report.findings);
        }
    }
}

fn write(path: &Path, bytes: &[u8], modified: SystemTime) {
    fs::write(path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

#[tokio::test]
async fn a_settled_document_that_is_cut_or_flipped_anywhere_is_corrupt_by_name() {
    let stories =
        [Story { compressed: false, name: "run-1.json" }, Story { compressed: true, name: "run-1.json.gz" }];
    for story in stories {
        let dir = tempfile::tempdir().unwrap();
        let store = story.open(dir.path()).await;
        for number in 0..3 {
            store.put(document(&format!("run-{number}"), VERSION)).await.unwrap();
        }
        // Until it is settled, a store may know it without its file.
        store.flush().await.unwrap();
        store.close().await.unwrap();
        let store = story.open(dir.path()).await;
        let path = dir.path().join("default/validations").join(story.name);
        let (bytes, modified) = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
        for at in (0..bytes.len()).step_by(3) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            write(&path, &flipped, modified);
            story.corrupt_by_name(&store, &format!("{}, byte {at} flipped", story.name)).await;
        }
        for length in (0..bytes.len()).step_by(5) {
            // One that was cut by a crash has another time, one that was cut by a repair of the file system may have the old.
            let later = modified + std::time::Duration::from_secs(u64::from(length % 2 == 0));
            write(&path, &bytes[..length], later);
            story.corrupt_by_name(&store, &format!("{}, cut to {length}", story.name)).await;
        }
        // A handle that was opened on a damaged document says the same.
        story.corrupt_by_name(&story.open(dir.path()).await, "opened on a damaged document").await;
        write(&path, &bytes, modified);
        for store in [&store, &story.open(dir.path()).await] {
            let record = store.read(&key(DAMAGED)).await.unwrap().into_record().unwrap();
            assert_eq!(version_of(&record), VERSION, "all is well with the old bytes");
            assert_eq!(store.count(&Query::new()).await.unwrap(), 3);
        }
    }
}
