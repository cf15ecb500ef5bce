//! What a document's file does not say by itself: its id if the name is shortened, attributes that differ from the text's, and what
//! wrappers keep.
//!
//! The index knows all of that. A sidecar, a small file in `_sidecars`, says it once more for the day on which the index is rebuilt
//! from the documents. It is written only where it is needed, before its document, and names the text that it belongs to.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use truthound_stores_core::{Attributes, Checksum, Error, Result};

use crate::files::{self, Found, Staged};

/// The folder of sidecars, beside the documents and not in the catalog: that may be deleted.
const SIDECARS: &str = "_sidecars";

/// Sidecars are small: an id, attributes and 1 KB of a wrapper's facts. Tags may be many.
const LIMIT: usize = 16 << 20;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sidecar {
    /// The document's file, for people.
    file: String,
    /// The text that `attributes` belong to.
    checksum: String,
    pub(crate) id: String,
    attributes: Attributes,
}

impl Sidecar {
    pub(crate) fn new(file: &str, checksum: Checksum, id: &str, attributes: &Attributes) -> Self {
        let (file, id) = (file.to_owned(), id.to_owned());
        Self { file, checksum: checksum.to_string(), id, attributes: attributes.clone() }
    }

    /// Returns the attributes of a document with this checksum; of another text nothing is known.
    pub(crate) fn attributes_of(self, checksum: Checksum) -> Option<Attributes> {
        (self.checksum == checksum.to_string()).then_some(self.attributes)
    }

    /// Two documents may share a stem, but never a file.
    fn path(folder: &Path, file: &str) -> PathBuf {
        let hash = blake3::hash(file.as_bytes()).to_hex();
        folder.join(SIDECARS).join(format!("{}.json", hash.get(..32).unwrap_or_default()))
    }

    /// Tells whether any document of a folder has a sidecar.
    pub(crate) fn any(folder: &Path) -> bool {
        folder.join(SIDECARS).is_dir()
    }

    /// Reads the sidecar of a file; `None` if it has none.
    pub(crate) fn read(folder: &Path, file: &str) -> Result<Option<Self>> {
        let path = Self::path(folder, file);
        match files::read(&path, LIMIT)? {
            Found::Nothing => Ok(None),
            Found::File { bytes, .. } => serde_json::from_slice(&bytes).map(Some).map_err(|cause| {
                Error::corrupt("the document's sidecar is damaged: without it, the document's id or attributes are uncertain")
                    .with("sidecar", path.display().to_string())
                    .caused_by(cause)
            }),
        }
    }

    /// Writes the sidecar of a document that is about to be put in its place; `staged` is a name for a temporary file. Answers the open
    /// file, to be synced together with [`sync_dir`](Self::sync_dir).
    pub(crate) fn write(&self, folder: &Path, staged: PathBuf, modified: i64, sync: bool) -> Result<File> {
        let bytes = self.to_bytes()?;
        files::make_dirs(&folder.join(SIDECARS), sync)?;
        Staged::write(staged, &bytes, modified)?.place(&Self::path(folder, &self.file))
    }

    /// Returns what the file holds.
    ///
    /// # Errors
    /// `Invalid` for attributes that take more than can be read back.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let bytes = serde_json::to_vec(self)
            .map_err(|cause| Error::invalid("the attributes cannot be written").caused_by(cause))?;
        if bytes.len() > LIMIT {
            return Err(Error::invalid(format!(
                "the attributes take {} bytes: at most {LIMIT} are kept",
                bytes.len()
            )));
        }
        Ok(bytes)
    }

    /// Waits until the names of sidecars are on the disk.
    pub(crate) fn sync_dir(folder: &Path) -> Result<()> {
        let path = folder.join(SIDECARS);
        if path.is_dir() { files::sync_dir(&path) } else { Ok(()) }
    }

    /// Removes the sidecar of a file, if it has one. One that stayed would be taken for that of a later state with the same text.
    pub(crate) fn remove(folder: &Path, file: &str) -> Result<()> {
        if Self::any(folder) {
            files::remove(&Self::path(folder, file))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
