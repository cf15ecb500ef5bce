//! Waiting for the disk, once for many files.

use std::fs::File;
use std::path::Path;

use truthound_stores_core::Result;

use crate::files;
use crate::sidecar::Sidecar;

/// So few are synced one by one; for more, the whole file system is synced at once where that can be asked for.
pub(super) const FEW: usize = 8;

/// The folder that is written to, open from before anything is written.
///
/// What the system could not write it tells once to each open file that was open by then, and to nobody who comes after it was told
/// (`errseq_t`; of whole file systems since Linux 5.8, <https://man7.org/linux/man-pages/man2/syncfs.2.html>): a folder that is opened for
/// its sync may never hear of it.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    #[cfg(unix)]
    folder: Option<File>,
}

impl Disk {
    /// Opens the folder, unless it is open; called before anything is written that will be synced.
    #[cfg(unix)]
    pub(crate) fn watch(&mut self, folder: &Path) -> Result<()> {
        let is_open = self.folder.as_ref().is_some_and(|open| crate::lock::is_still_there(open, folder));
        if !is_open {
            self.folder = Some(files::open_folder(folder)?);
        }
        Ok(())
    }

    /// Elsewhere folders are not opened.
    #[cfg(not(unix))]
    pub(crate) fn watch(&mut self, _: &Path) -> Result<()> {
        Ok(())
    }

    /// Waits until files and their folder are on the disk.
    pub(crate) fn sync(&mut self, folder: &Path, open: &[File], count: usize) -> Result<()> {
        self.watch(folder)?;
        if count > FEW {
            return self.everything(folder);
        }
        for file in open {
            files::sync(file, folder)?;
        }
        Sidecar::sync_dir(folder)?;
        self.entries(folder)
    }

    #[cfg(unix)]
    fn entries(&self, path: &Path) -> Result<()> {
        self.folder.as_ref().map_or(Ok(()), |folder| files::sync_open_dir(folder, path))
    }

    #[cfg(not(unix))]
    fn entries(&self, path: &Path) -> Result<()> {
        files::sync_dir(path)
    }

    #[cfg(target_os = "linux")]
    fn everything(&self, path: &Path) -> Result<()> {
        self.folder.as_ref().map_or(Ok(()), |folder| files::sync_file_system(folder, path))
    }

    /// Without a call for all files at once, each is synced.
    #[cfg(not(target_os = "linux"))]
    fn everything(&self, path: &Path) -> Result<()> {
        let entries = std::fs::read_dir(path)
            .map_err(|cause| crate::error::io_error("list the folder", path, cause))?;
        for entry in entries.flatten() {
            if let Ok(file) = File::open(entry.path()) {
                files::sync(&file, path)?;
            }
        }
        self.entries(path)
    }
}
