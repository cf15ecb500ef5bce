//! What a document's file does not say by itself: its id if the name is shortened, attributes that differ from the text's, and what
//! wrappers keep.
//!
//! A row is a small file in the catalog, written only when it is needed: `rows/{hash of the stem}/{checksum}-{time}.json`. It is written
//! before its document and belongs to the document with that checksum and that modification time, so that the rows of the old
//! state and of the new one stand side by side while a document is replaced: whichever is in place finds its own row.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use truthound_stores_core::{Attributes, Checksum, Error, Result};

use crate::error::io_error;
use crate::files::{self, Found, Placing, Staged};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) attributes: Attributes,
}

/// Rows are small: an id, attributes and 1 KB of a wrapper's facts. Tags may be many.
const LIMIT: usize = 16 << 20;

/// The rows of one file name.
#[derive(Debug)]
pub(crate) struct Rows {
    folder: PathBuf,
}

impl Rows {
    pub(crate) fn of(catalog: &Path, stem: &str) -> Self {
        let hash = blake3::hash(stem.as_bytes()).to_hex();
        Self { folder: catalog.join("rows").join(hash.get(..32).unwrap_or_default()) }
    }

    fn name(checksum: Checksum, modified: i128) -> String {
        let mut name = checksum.to_string();
        name.truncate(32);
        format!("{name}-{modified:x}.json")
    }

    /// Lists the rows of documents with this checksum: file name and recorded time.
    fn list(&self) -> Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(io_error("list the document's rows", &self.folder, cause)),
        };
        let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
        names
            .collect::<io::Result<_>>()
            .map_err(|cause| io_error("list the document's rows", &self.folder, cause))
    }

    pub(crate) fn exist(&self) -> bool {
        self.folder.is_dir()
    }

    /// Reads the row of the document with this checksum and time; `None` if it has none.
    ///
    /// A copied folder may have lost its files' times: then the newest row of the same text that is not newer than the file
    /// counts. A newer one belongs to a save that never finished.
    pub(crate) fn read(&self, checksum: Checksum, modified: i128) -> Result<Option<Row>> {
        let exact = Self::name(checksum, modified);
        let start = exact.split_at_checked(33).map_or("", |(start, _)| start).to_owned();
        let time = |name: &str| {
            let hex = name.strip_prefix(&start)?.strip_suffix(".json")?;
            i128::from_str_radix(hex, 16).ok()
        };
        let names = self.list()?;
        let chosen = names
            .iter()
            .filter_map(|name| Some((time(name)?, name)))
            .filter(|(time, _)| *time <= modified)
            .max();
        let Some((_, name)) = chosen else { return Ok(None) };
        let path = self.folder.join(name);
        match files::read(&path, LIMIT)? {
            Found::Nothing => Ok(None),
            Found::File { bytes, .. } => serde_json::from_slice(&bytes).map(Some).map_err(|cause| {
                Error::corrupt("the document's row is damaged")
                    .with("path", path.display().to_string())
                    .caused_by(cause)
            }),
        }
    }

    /// Writes the row of a document that is about to be put in its place.
    pub(crate) fn write(
        &self,
        row: &Row,
        checksum: Checksum,
        modified: i128,
        staged: PathBuf,
        sync: bool,
    ) -> Result<()> {
        let bytes = serde_json::to_vec(row)
            .map_err(|cause| Error::invalid("the attributes cannot be written").caused_by(cause))?;
        files::make_dirs(&self.folder, sync)?;
        let target = self.folder.join(Self::name(checksum, modified));
        Staged::write(staged, &bytes, modified, sync)?.place(&target, Placing::Replace)?;
        if sync { files::sync_dir(&self.folder) } else { Ok(()) }
    }

    /// Removes all rows but the one of the document that is in place. What cannot be removed does no harm.
    pub(crate) fn keep_only(&self, checksum: Checksum, modified: i128) {
        let current = Self::name(checksum, modified);
        for name in self.list().unwrap_or_default() {
            if name != current {
                drop(files::remove(&self.folder.join(name)));
            }
        }
    }

    /// Removes all rows, after the document is gone.
    pub(crate) fn remove_all(&self) {
        if self.exist() {
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}
