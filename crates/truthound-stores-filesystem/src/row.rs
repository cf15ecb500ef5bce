//! What a document's file does not say by itself: its id if the name is shortened, attributes that differ from the text's, and what
//! wrappers keep.
//!
//! A row is a small file in the catalog, written only when it is needed: `rows/{hash of the file's name}/{checksum}-{time}.json`. It is written
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

/// The folder of all rows, within the catalog.
pub(crate) const ROWS: &str = "rows";

/// Nanoseconds.
const SECOND: i128 = 1_000_000_000;

/// Rows are small: an id, attributes and 1 KB of a wrapper's facts. Tags may be many.
const LIMIT: usize = 16 << 20;

/// The rows of one file.
#[derive(Debug)]
pub(crate) struct Rows {
    folder: PathBuf,
}

impl Rows {
    /// Finds the rows of the document at `file`: two documents may share a stem, but never a file.
    pub(crate) fn of(catalog: &Path, file: &Path) -> Self {
        let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let hash = blake3::hash(name.as_bytes()).to_hex();
        Self { folder: catalog.join(ROWS).join(hash.get(..32).unwrap_or_default()) }
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

    pub(crate) fn exist(&self) -> Result<bool> {
        files::is_folder(&self.folder)
    }

    /// Reads the row of the document with this checksum and time; `None` if it has none.
    ///
    /// A copied folder may have lost its files' times, or their fractions. Then the newest row of the same text that is not newer
    /// than the file counts, or one of the same second if the file's time has no fraction. Any other row that is newer than the file
    /// belongs to a save that never finished.
    pub(crate) fn read(&self, checksum: Checksum, modified: i128) -> Result<Option<Row>> {
        let exact = Self::name(checksum, modified);
        let start = exact.split_at_checked(33).map_or("", |(start, _)| start).to_owned();
        let time = |name: &str| {
            let hex = name.strip_prefix(&start)?.strip_suffix(".json")?;
            i128::from_str_radix(hex, 16).ok()
        };
        let rounded = |time: i128| modified % SECOND == 0 && time.div_euclid(SECOND) == modified / SECOND;
        let names = self.list()?;
        let all = || names.iter().filter_map(|name| Some((time(name)?, name)));
        let chosen = all()
            .filter(|(time, _)| *time <= modified)
            .max()
            .or_else(|| all().filter(|(time, _)| rounded(*time)).min());
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
        if bytes.len() > LIMIT {
            return Err(Error::invalid(format!(
                "the attributes take {} bytes: at most {LIMIT} are kept",
                bytes.len()
            )));
        }
        files::make_dirs(&self.folder, sync)?;
        let target = self.folder.join(Self::name(checksum, modified));
        Staged::write(staged, &bytes, modified, None, sync)?.place(&target, Placing::Replace)?;
        if sync { files::sync_dir(&self.folder) } else { Ok(()) }
    }

    /// Removes the rows of states before that of `modified`. What cannot be removed does no harm.
    pub(crate) fn remove_before(&self, modified: i128) {
        for name in self.list().unwrap_or_default() {
            let time = name.strip_suffix(".json").and_then(|name| name.rsplit_once('-'));
            let time = time.and_then(|(_, hex)| i128::from_str_radix(hex, 16).ok());
            if time.is_none_or(|time| time < modified) {
                drop(files::remove(&self.folder.join(name)));
            }
        }
    }

    /// Removes all rows, after the document is gone.
    pub(crate) fn remove_all(&self) {
        // Rows without a document do no harm.
        drop(fs::remove_dir_all(&self.folder));
    }
}
