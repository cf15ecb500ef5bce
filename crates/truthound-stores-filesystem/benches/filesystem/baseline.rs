//! What a careful program does without a store: write a temporary file, sync it, rename it, sync the folder.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// One caller of the loop, with its folder held open, which is the cheapest way to sync it.
pub(crate) struct Saver {
    folder: PathBuf,
    opened: Option<File>,
    temporary: PathBuf,
}

impl Saver {
    /// Begins in a folder; callers at work at the same time have different numbers.
    pub(crate) fn new(folder: &Path, caller: usize) -> Outcome<Self> {
        // Elsewhere folders can be neither opened nor synced, by the store neither.
        let opened = if cfg!(unix) { Some(File::open(folder)?) } else { None };
        Ok(Self { folder: folder.to_owned(), opened, temporary: folder.join(format!(".tmp-{caller}")) })
    }

    /// Saves `bytes` so that they survive a power cut.
    pub(crate) fn save(&self, id: &str, bytes: &[u8]) -> Outcome {
        let mut file = File::create(&self.temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        std::fs::rename(&self.temporary, self.folder.join(format!("{id}.json")))?;
        if let Some(folder) = &self.opened {
            folder.sync_all()?;
        }
        Ok(())
    }
}
