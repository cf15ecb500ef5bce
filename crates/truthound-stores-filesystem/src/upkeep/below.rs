//! Documents in folders below the store's own: they are no part of the store, and whoever put them there may think that they are.

use std::fs;
use std::path::{Path, PathBuf};

use truthound_stores_core::{Collection, Finding, Level, Result};

use super::found::counted;
use crate::describe::Folder;
use crate::layout::CATALOG;
use crate::store::Inner;

/// How many names below the store's folder are looked at: a folder may have anything below it.
const LOOKED_AT: usize = 100_000;

/// Says how many files below the folder of results look like documents, and how they are opened.
pub(super) fn look(inner: &Inner) -> Result<Option<Finding>> {
    let folder = inner.folder(&Collection::RESULTS)?;
    let suites = inner.layout.folder(&Collection::EXPECTATIONS);
    let mut waiting = folders(&folder.path);
    waiting.retain(|path| *path != suites);
    let (mut files, mut looked_at, mut first) = (0_u64, 0, None::<PathBuf>);
    while let Some(path) = waiting.pop() {
        let (found, names) = documents(&folder, &path);
        looked_at += names;
        files += found;
        if found > 0 && first.as_ref().is_none_or(|first| path < *first) {
            first = Some(path.clone());
        }
        if looked_at > LOOKED_AT {
            break;
        }
        waiting.extend(folders(&path));
    }
    let Some(first) = first else { return Ok(None) };
    let least = if looked_at > LOOKED_AT { "at least " } else { "" };
    let be = if files == 1 { "looks like a document and lies" } else { "look like documents and lie" };
    let text = format!(
        "{least}{} {be} in folders below this store's, such as {}: no part of the store, whose documents are in its folder alone",
        counted(files, "file"),
        first.display()
    );
    let cure = format!(
        "open such a folder as a store of its own, with the option prefix={}, or move its files into the folder above",
        inner.layout.prefix_of(&first)
    );
    Ok(Some(Finding::new(Level::Note, "store", text).with_remedy(cure)))
}

/// Lists the folders in a folder that are neither ours, nor hidden, nor opened as a store by themselves; none if it cannot be read. Links are not followed.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let others = entries.filter(|entry| {
        let is_ours = entry.file_name().to_string_lossy().starts_with(['_', '.']);
        !is_ours && entry.file_type().is_ok_and(|kind| kind.is_dir())
    });
    others.map(|entry| entry.path()).filter(|path| !path.join(CATALOG).is_dir()).collect()
}

/// Counts the names in a folder that would be those of documents, and all of them.
fn documents(folder: &Folder, path: &Path) -> (u64, usize) {
    let (mut found, mut names) = (0, 0);
    for entry in fs::read_dir(path).into_iter().flatten().flatten().take(LOOKED_AT) {
        names += 1;
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && folder.split(&entry.file_name().to_string_lossy()).is_some() {
            found += 1;
        }
    }
    (found, names)
}
