//! What a folder holds: listed anew for each query, while files that did not change are not read again.
//!
//! This is the place where an index will stand: everything that queries need comes from [`Directory::list`].

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use truthound_stores_core::{Error, Key, RecordMeta, Result};

use crate::describe::{Folder, Loaded};
use crate::error::io_error;
use crate::files::{self, Stamp};

/// Remembers what the files of a folder said when they were last read.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    stamp: Stamp,
    said: Said,
}

#[derive(Clone, Debug)]
enum Said {
    Document(Box<RecordMeta>),
    Damage { key: Option<Key>, message: String, path: String },
}

/// The documents of a folder, and those that could not be read.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) metas: Vec<RecordMeta>,
    pub(crate) damaged: Vec<Error>,
}

/// Reading files in parallel pays from here on.
const FEW: usize = 32;
const THREADS: usize = 4;

impl Directory {
    /// Lists a folder; one that does not exist is empty.
    ///
    /// # Errors
    /// What keeps the folder itself from being listed. A file that cannot be read is named in the listing.
    pub(crate) fn list(&self, folder: &Folder) -> Result<Listing> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = HashMap::with_capacity(known.len());
        let mut unread = Vec::new();
        for (name, stamp) in entries(folder)? {
            match known.remove(&name) {
                Some(before) if before.stamp == stamp => {
                    fresh.insert(name, before);
                }
                _ => unread.push(name),
            }
        }
        for (name, read) in read_all(folder, &unread) {
            // A file that is gone by now was deleted meanwhile.
            if let Some(read) = read {
                fresh.insert(name, read);
            }
        }
        *known = fresh;
        Ok(listing(known.values()))
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Lists the files whose names are those of documents.
fn entries(folder: &Folder) -> Result<Vec<(String, Stamp)>> {
    let failed = |cause| io_error("list the folder", &folder.path, cause);
    let entries = match fs::read_dir(&folder.path) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(failed(cause)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // Names that begin so are Truthound's index and lock files, and our own catalog.
        if name.starts_with(['_', '.']) || folder.extensions.split(&name).is_none() {
            continue;
        }
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => {}
            Ok(meta) => found.push((name, Stamp::of(&meta))),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(io_error("look at the document", &entry.path(), cause)),
        }
    }
    Ok(found)
}

fn read_all(folder: &Folder, names: &[String]) -> Vec<(String, Option<Known>)> {
    let read = |part: &[String]| -> Vec<(String, Option<Known>)> {
        part.iter().map(|name| (name.clone(), read_one(folder, name))).collect()
    };
    if names.len() <= FEW {
        return read(names);
    }
    let parts = names.chunks(names.len().div_ceil(THREADS));
    thread::scope(|scope| {
        let readers: Vec<_> = parts.map(|part| (part, scope.spawn(move || read(part)))).collect();
        // A reader that panicked is read again here, so that a bug shows itself instead of hiding documents.
        readers.into_iter().flat_map(|(part, reader)| reader.join().unwrap_or_else(|_| read(part))).collect()
    })
}

fn read_one(folder: &Folder, name: &str) -> Option<Known> {
    let path = folder.path.join(name);
    let (stem, _) = folder.extensions.split(name)?;
    let (stamp, read) = match folder.load(stem, &path) {
        Ok(loaded) => {
            let Loaded { stamp, document } = loaded?;
            (stamp, document)
        }
        Err(error) => (files::stamp(&path).ok().flatten()?, Err(error)),
    };
    let said = match read {
        Ok(document) => Said::Document(Box::new(document.meta)),
        Err(error) => {
            let id = folder.id_of(stem, None).ok();
            let key = id.and_then(|id| Key::new(folder.collection.clone(), &id).ok());
            Said::damage(&error, key, &path)
        }
    };
    Some(Known { stamp, said })
}

impl Said {
    fn damage(error: &Error, key: Option<Key>, path: &Path) -> Self {
        Self::Damage { key, message: error.message().to_owned(), path: path.display().to_string() }
    }
}

/// Gives each id once: of several files, that which was written last.
fn listing<'a>(known: impl Iterator<Item = &'a Known>) -> Listing {
    let mut newest: HashMap<&str, (&Stamp, &RecordMeta)> = HashMap::new();
    let mut damaged = Vec::new();
    for Known { stamp, said } in known {
        match said {
            Said::Document(meta) => {
                let entry = newest.entry(meta.key.id()).or_insert((stamp, meta));
                if entry.0.modified < stamp.modified {
                    *entry = (stamp, meta);
                }
            }
            // Whatever keeps one file from being read (its own permissions, too), it is damage to the listing, not its end.
            Said::Damage { key, message, path } => {
                let error = Error::corrupt(message.clone()).with("file", path.clone());
                damaged.push((path, key.iter().fold(error, Error::at)));
            }
        }
    }
    damaged.sort_by_key(|(path, _)| *path);
    Listing {
        metas: newest.into_values().map(|(_, meta)| meta.clone()).collect(),
        damaged: damaged.into_iter().map(|(_, error)| error).collect(),
    }
}
