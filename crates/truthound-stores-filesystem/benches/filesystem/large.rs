//! Stores of small documents: the large one, and the small one that it stands beside.

use std::path::{Path, PathBuf};

use truthound_stores_core::{PutOptions, Record, Store as _};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};

use truthound_stores_testkit::bench::{Row, Watch, per_second, print_row, thousands};

use crate::plan::Plan;
use crate::workload::small;
use crate::{Failure, Outcome};

/// How many documents are handed over at once.
const BATCH: u64 = 5_000;

/// A store that holds a known number of small documents.
pub(crate) struct Large {
    pub(crate) base: PathBuf,
    pub(crate) documents: u64,
}

impl Large {
    /// Makes the store in batches, settles it and closes it; with a row of how fast that went if asked for.
    ///
    /// It is filled without syncing each document: what is measured later opens it anew, with the default settings.
    pub(crate) async fn fill(
        plan: &Plan,
        room: &Path,
        name: &str,
        documents: u64,
        told: bool,
    ) -> Outcome<Self> {
        let base = room.join(name);
        let config = FileSystemConfig::new(&base).with_durability(Durability::Os);
        let store = FileSystemStore::open(config).await?;
        let watch = Watch::start();
        let mut from = 0;
        let mut batch = make(from, documents)?;
        while !batch.is_empty() {
            if told && from % 50_000 == 0 {
                eprintln!("bench: {from} of {documents} documents stored");
            }
            from += BATCH;
            // The next batch is made while this one is saved.
            let next = tokio::task::spawn_blocking(move || make(from, documents));
            for outcome in store.put_many(batch, PutOptions::default()).await {
                outcome?;
            }
            batch = next.await??;
        }
        store.close().await?;
        let took = watch.passed();
        // What the system has still to write must not meet what is measured next.
        sync_all();
        if told {
            print_row(
                &Row::new(
                    "fill",
                    format!("filling a store with {} small documents in batches", thousands(documents)),
                )
                .ours(per_second(documents, took), "/s")
                .note(format!(
                    "put_many of {BATCH}, durability os, settling included; {} run",
                    if plan.quick { "quick" } else { "full" }
                )),
            );
        }
        Ok(Self { base, documents })
    }

    /// Opens the store with the default settings.
    pub(crate) async fn open(&self) -> Outcome<FileSystemStore> {
        Ok(FileSystemStore::open(FileSystemConfig::new(&self.base)).await?)
    }
}

fn make(from: u64, documents: u64) -> Result<Vec<Record>, Failure> {
    (from..documents.min(from + BATCH)).map(small).collect()
}

/// Writes out what the system holds back.
pub(crate) fn sync_all() {
    #[cfg(unix)]
    rustix::fs::sync();
}
