//! What a folder holds: its names, and documents read many at a time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use truthound_stores_core::{Error, ErrorKind, Result};

use crate::describe::{Folder, Loaded};
use crate::error::io_error;

/// A file of the folder: a document's, by its name, or one whose name is no text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Document {
        stem: String,
        suffix: String,
    },
    /// It ends like a document's, but is not UTF-8: no id can be read from it.
    NoText(PathBuf),
}

/// Goes over the names of a folder that are those of documents, in no order; a folder that is not there has none.
pub(crate) fn each_name(folder: &Folder, mut visit: impl FnMut(Name) -> Result<bool>) -> Result<()> {
    let failed = |cause| io_error("list the folder", &folder.path, cause);
    let entries = match fs::read_dir(&folder.path) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(failed(cause)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = match entry.file_name().into_string() {
            Ok(name) => match folder.split(&name) {
                Some((stem, suffix)) => Name::Document { stem, suffix },
                None => continue,
            },
            Err(name) if folder.split(&name.to_string_lossy()).is_some() => Name::NoText(entry.path()),
            Err(_) => continue,
        };
        if !visit(name)? {
            break;
        }
    }
    Ok(())
}

/// Tells whether there is any document.
pub(crate) fn has_documents(folder: &Folder) -> Result<bool> {
    let mut found = false;
    each_name(folder, |_| {
        found = true;
        Ok(false)
    })?;
    Ok(found)
}

/// The error of a file whose name is no text.
pub(crate) fn no_text(path: &Path) -> Error {
    let error = Error::corrupt("the file's name is not UTF-8: no id can be read from it");
    error.with("file", path.display().to_string())
}

/// Reading in several threads pays from here on.
const FEW: usize = 16;

fn threads() -> usize {
    thread::available_parallelism().map_or(2, usize::from).clamp(1, 8)
}

/// Reads documents, several at a time, and hands them over one by one in no order. Files that are gone by now are left out.
///
/// # Errors
/// What is no fault of single files: too many open files, and what `take` answers.
pub(crate) fn load_all(
    folder: &Folder,
    names: &[(String, String)],
    mut take: impl FnMut(Loaded) -> Result<()>,
) -> Result<()> {
    let load = |(stem, suffix): &(String, String)| match folder.load(stem, suffix) {
        Ok(Some(Loaded { document: Err(error), .. })) if error.kind() == ErrorKind::Overloaded => Err(error),
        other => other,
    };
    if names.len() <= FEW {
        for name in names {
            if let Some(loaded) = load(name)? {
                take(loaded)?;
            }
        }
        return Ok(());
    }
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<Error>> = Mutex::new(None);
    let fail = |error: Error| {
        next.store(names.len(), Ordering::Relaxed);
        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    };
    thread::scope(|scope| {
        // Bounded, so that documents do not pile up in memory before whoever takes them.
        let (sender, receiver) = sync_channel::<Loaded>(64);
        for _ in 0..threads() {
            let sender = sender.clone();
            scope.spawn(|| {
                let sender = sender;
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match load(name) {
                        Ok(Some(loaded)) => {
                            if sender.send(loaded).is_err() {
                                return;
                            }
                        }
                        Ok(None) => {}
                        Err(error) => return fail(error),
                    }
                }
            });
        }
        drop(sender);
        for loaded in receiver {
            if let Err(error) = take(loaded) {
                return fail(error);
            }
        }
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests;
