//! Histories, which go before the documents that have none.

use std::path::Path;
use std::sync::Arc;

use truthound_stores::{
    Collection, ImportOptions, ImportReport, Reading, Store, VersionNote, VersionedStore,
};

use super::Copy;
use super::watch::Watch;
use crate::exit::Failure;

/// Imports the histories of a collection.
pub(super) async fn import(
    options: &Copy,
    collection: &Collection,
    source: &VersionedStore<Arc<dyn Store>>,
    target: &VersionedStore<Arc<dyn Store>>,
    watch: &Watch<'_>,
) -> Result<ImportReport, Failure> {
    let mut choices = ImportOptions::new()
        .with_on_conflict(options.on_conflict)
        .with_dry_run(options.dry_run)
        .with_concurrency(options.concurrency.into());
    choices.mode = options.version_mode;
    if let Some(file) = &options.version_info {
        choices.notes = read(file, &source.info().reading())?;
    }
    Ok(target.import(source, collection, &choices, watch).await?)
}

fn read(file: &Path, reading: &Reading) -> Result<Vec<VersionNote>, Failure> {
    let unreadable = |cause: String| Failure::Usage(format!("--version-info {}: {cause}", file.display()));
    let text = std::fs::read(file).map_err(|cause| unreadable(cause.to_string()))?;
    VersionNote::read_all(&text, reading).map_err(|error| unreadable(error.report()))
}
