//! Waiting for the disk, once for many files.

use std::fs::File;
use std::path::Path;

use truthound_stores_core::Result;

use crate::files;
use crate::sidecar::Sidecar;

/// So few are synced one by one; for more, the whole file system is synced at once where that can be asked for.
pub(super) const FEW: usize = 8;
/// Waits until files and their folder are on the disk.
pub(crate) fn sync(folder: &Path, open: &[File], count: usize) -> Result<()> {
    if count <= FEW {
        for file in open {
            files::sync(file, folder)?;
        }
        Sidecar::sync_dir(folder)?;
        return files::sync_dir(folder);
    }
    everything(folder)
}

#[cfg(target_os = "linux")]
fn everything(folder: &Path) -> Result<()> {
    files::sync_file_system(folder)
}

/// Without a call for all files at once, each is synced.
#[cfg(not(target_os = "linux"))]
fn everything(folder: &Path) -> Result<()> {
    let entries = std::fs::read_dir(folder)
        .map_err(|cause| crate::error::io_error("list the folder", folder, cause))?;
    for entry in entries.flatten() {
        if let Ok(file) = File::open(entry.path()) {
            files::sync(&file, folder)?;
        }
    }
    files::sync_dir(folder)
}
