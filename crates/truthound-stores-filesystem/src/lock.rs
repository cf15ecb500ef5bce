//! One writer at a time per folder, over all threads and processes.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use truthound_stores_core::Result;

use crate::error::io_error;
use crate::layout::CATALOG;

/// Holds a folder's write lock; released when dropped, and by the system when the process ends.
#[derive(Debug)]
pub(crate) struct WriteLock {
    #[allow(dead_code, reason = "the lock lives as long as the open file")]
    file: File,
    catalog: PathBuf,
}

impl WriteLock {
    /// Waits for the lock of `folder`, whose catalog folder exists. Blocks the thread.
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        let catalog = folder.join(CATALOG);
        let path = catalog.join("lock");
        loop {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(|cause| io_error("open the lock", &path, cause))?;
            file.lock().map_err(|cause| io_error("take the lock", &path, cause))?;
            // The catalog may have been deleted meanwhile: a lock that others cannot find is none.
            if is_still_there(&file, &path) {
                return Ok(Self { file, catalog });
            }
        }
    }

    /// Returns the catalog folder that the lock is in.
    pub(crate) fn catalog(&self) -> &Path {
        &self.catalog
    }
}

#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let same = |held: std::fs::Metadata, there: std::fs::Metadata| {
        (held.dev(), held.ino()) == (there.dev(), there.ino())
    };
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(there)) => same(held, there),
        _ => false,
    }
}

/// Elsewhere an open file cannot be deleted.
#[cfg(not(unix))]
fn is_still_there(_: &File, _: &Path) -> bool {
    true
}
