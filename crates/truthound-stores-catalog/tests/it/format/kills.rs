//! The reader that was written from the page, and kill files.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogStore, Objects, TailRow};
use truthound_stores_core::codec::Compression;
use truthound_stores_core::{DeleteOptions, Key, PutOptions, Store, StoreExt as _};

use super::{RESULTS, Reader, agree, config, document, generation, hexadecimal, id, listed, maintain};

/// Rows of segments that are not merged any more are ended by kill files: that takes more documents than the hot segment has room for.
#[tokio::test]
async fn the_reader_reads_kill_files() {
    if std::env::var_os("TRUTHOUND_LONG_TESTS").is_none_or(|value| value.is_empty()) {
        return;
    }
    let Some(reader) = Reader::new() else { return };
    let bucket: Arc<InMemory> = Arc::default();
    let objects = Objects::new(Arc::<InMemory>::clone(&bucket), "memory", "in memory");
    let store = CatalogStore::open(objects, config(Compression::None, TailRow::Body)).unwrap();
    // One batch: chance lets a save in a thousand fold, which would take up most of the time.
    let records = (1_000..66_540).map(|number| document(number, 1)).collect();
    for written in store.put_many(records, PutOptions::default()).await {
        written.unwrap();
    }
    maintain(&store).await;
    let before = generation(&store).await;
    for number in (1_000..61_000).step_by(1_500) {
        store.put(document(number, 2)).await.unwrap();
        store.delete_opts(&Key::result(&id(number + 1)).unwrap(), DeleteOptions::default()).await.unwrap();
    }
    listed(&store).await;
    while generation(&store).await == before {
        tokio::task::yield_now().await;
    }
    store.put(document(1_001, 3)).await.unwrap();
    let copied = agree(&reader, &*bucket, &store).await;
    let segments = copied.0.path().join("objects").join(RESULTS).join("_catalog/segments");
    let names: Vec<PathBuf> = fs::read_dir(segments).unwrap().map(|entry| entry.unwrap().path()).collect();
    let kill = names.iter().find(|name| name.extension().is_some_and(|end| end == "kill")).unwrap();
    println!("a kill file\n{}", hexadecimal(&fs::read(kill).unwrap()));
    println!(
        "{}",
        fs::read_to_string(copied.0.path().join("objects").join(RESULTS).join("_catalog/root")).unwrap()
    );
}
