//! What the store remembers of itself in `_store.json`: its metadata, and extensions that are not known by themselves.
//!
//! The file lies beside the documents and not in the catalog: that may be deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use truthound_stores_core::{Error, Result};

use crate::files::{self, Found, Staged, Stamp};
use crate::suffix::{self, Extensions};

const NAME: &str = "_store.json";
const LIMIT: usize = 16 << 20;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) metadata: BTreeMap<String, String>,
    /// Extensions that documents were written with and that no other setting names.
    pub(crate) extensions: BTreeSet<String>,
}

impl Settings {
    /// Reads the settings beside the results; nothing there means none.
    pub(crate) fn read(results: &Path) -> Result<Self> {
        let path = results.join(NAME);
        match files::read(&path, LIMIT)? {
            Found::Nothing => Ok(Self::default()),
            Found::File { bytes, .. } => serde_json::from_slice(&bytes).map_err(|cause| {
                Error::corrupt(
                    "the store's settings are damaged: delete the file; documents are not affected",
                )
                .with("path", path.display().to_string())
                .caused_by(cause)
            }),
        }
    }

    /// Returns the state of the file that the settings are read from; `None` if there is none.
    pub(crate) fn stamp(results: &Path) -> Result<Option<Stamp>> {
        files::stamp(&results.join(NAME))
    }

    /// Writes the settings; the caller has the turn of writers.
    pub(crate) fn write(&self, results: &Path, staged: PathBuf, sync: bool) -> Result<()> {
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|cause| Error::invalid("the store's metadata cannot be written").caused_by(cause))?;
        // No time of its own: the moment of the writing does.
        let file = Staged::write(staged, &bytes, -1)?.place(&results.join(NAME))?;
        if !sync {
            return Ok(());
        }
        files::sync(&file, results)?;
        files::sync_dir(results)
    }
}

/// An extension of the user's that the index of Truthound names: a hint only, from the index's beginning, read again when the index has
/// changed.
#[derive(Debug, Default)]
pub(crate) struct Hint {
    index: Option<Stamp>,
    extension: Option<String>,
}

impl Hint {
    pub(crate) fn extension(&mut self, results: &Path) -> Result<Option<String>> {
        let index = results.join("_index.json");
        let stamp = files::stamp(&index)?;
        if stamp != self.index {
            *self = Self { index: stamp, extension: read_hint(&index) };
        }
        Ok(self.extension.clone())
    }
}

fn read_hint(index: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    files::open_plain(index).ok()?.take(64 << 10).read_to_end(&mut bytes).ok()?;
    // Cut in the middle of a character, the rest is left out.
    let start = String::from_utf8_lossy(&bytes);
    let (_, after) = start.split_once("\"file\": \"")?;
    let (name, _) = after.split_once('"')?;
    let (_, extension) = name.strip_suffix(".gz").unwrap_or(name).rsplit_once('.')?;
    let extension = format!(".{extension}");
    let new = suffix::is_extension(&extension) && suffix::compression_named(&extension).is_none();
    (new && !Extensions::is_known(&extension)).then_some(extension)
}
