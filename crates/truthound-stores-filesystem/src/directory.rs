//! What a folder holds: listed anew for each query, while files that did not change are not read again.
//!
//! This is the place where an index will stand: everything that queries need comes from [`Directory::list`].

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use truthound_stores_core::{Error, ErrorKind, Key, RecordMeta, Result, Timestamp};

use crate::describe::{Folder, Loaded};
use crate::error::io_error;
use crate::files::{self, Stamp};

/// Remembers what the documents of a folder said when they were last read. Damage is not remembered: what keeps a file from being
/// read may pass without changing the file.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    stamp: Stamp,
    meta: Arc<RecordMeta>,
}

/// A file that could not be read.
#[derive(Debug)]
struct Damage {
    stamp: Stamp,
    key: Option<Key>,
    error: Error,
}

type Read = std::result::Result<Known, Damage>;

/// The documents of a folder, and those that could not be read.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) metas: Vec<Arc<RecordMeta>>,
    pub(crate) damaged: Vec<Error>,
}

/// Reading files in parallel pays from here on.
const FEW: usize = 32;
const THREADS: usize = 4;

impl Directory {
    /// Lists a folder; one that does not exist is empty.
    ///
    /// # Errors
    /// What keeps the folder from being listed or read at all. A file that cannot be read by itself is named in the listing.
    pub(crate) fn list(&self, folder: &Folder, now: Timestamp) -> Result<Listing> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = HashMap::with_capacity(known.len());
        let mut unread = Vec::new();
        let mut damaged = Vec::new();
        let Entries { documents, unnamed } = entries(folder, &known)?;
        for path in unnamed {
            let error = Error::corrupt("the file's name is not UTF-8: no id can be read from it");
            let error = error.with("file", path.display().to_string());
            damaged.extend(files::stamp(&path)?.map(|stamp| Damage { stamp, key: None, error }));
        }
        for (name, stamp) in documents {
            match known.remove(&name) {
                Some(before) if before.stamp == stamp => {
                    fresh.insert(name, before);
                }
                _ => unread.push(name),
            }
        }
        for (name, read) in read_all(folder, &unread) {
            match read? {
                Some(Ok(read)) => {
                    fresh.insert(name, read);
                }
                Some(Err(damage)) => damaged.push(damage),
                // A file that is gone by now was deleted meanwhile.
                None => {}
            }
        }
        let listing = listing(folder, &fresh, damaged);
        // A time without a fraction may be shared by the next state of the file, until the second is over.
        let settled = now.plus_micros(-2_000_000);
        fresh.retain(|_, file| !file.stamp.is_whole_second() || file.stamp.saved_at() < settled);
        *known = fresh;
        Ok(listing)
    }
}

/// What a folder's names say.
struct Entries {
    documents: HashMap<String, Stamp>,
    /// Files whose names end like those of documents but are not UTF-8.
    unnamed: BTreeSet<PathBuf>,
}

/// Lists the files whose names are those of documents.
///
/// Some file systems (tmpfs is one) leave a name out of a listing while its file is replaced. So a folder that changed while it was
/// listed is listed again, and names that were known before are looked up by themselves.
fn entries(folder: &Folder, known: &HashMap<String, Known>) -> Result<Entries> {
    let mut found = Entries { documents: HashMap::with_capacity(known.len()), unnamed: BTreeSet::new() };
    for _ in 0..4 {
        let before = files::stamp(&folder.path)?;
        list_into(folder, &mut found)?;
        if files::stamp(&folder.path)? == before {
            break;
        }
    }
    for name in known.keys().filter(|name| !found.documents.contains_key(*name)).cloned().collect::<Vec<_>>()
    {
        if let Some(stamp) = files::stamp(&folder.path.join(&name))? {
            found.documents.insert(name, stamp);
        }
    }
    Ok(found)
}

fn list_into(folder: &Folder, found: &mut Entries) -> Result<()> {
    let failed = |cause| io_error("list the folder", &folder.path, cause);
    let entries = match fs::read_dir(&folder.path) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(failed(cause)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let (name, is_text) = match entry.file_name().into_string() {
            Ok(name) => (name, true),
            Err(name) => (name.to_string_lossy().into_owned(), false),
        };
        // Names that begin so are Truthound's index and lock files, and our own catalog.
        if name.starts_with(['_', '.']) || folder.extensions.split(&name).is_none() {
            continue;
        }
        if !is_text {
            found.unnamed.insert(entry.path());
            continue;
        }
        match entry.metadata() {
            Ok(meta) => {
                found.documents.insert(name, Stamp::of(&meta));
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(io_error("look at the document", &entry.path(), cause)),
        }
    }
    Ok(())
}

type Named = (String, Result<Option<Read>>);

fn read_all(folder: &Folder, names: &[String]) -> Vec<Named> {
    let read = |part: &[String]| -> Vec<Named> {
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

/// Reads a file; `None` if it is gone.
///
/// # Errors
/// What is no fault of this file: too many open files.
fn read_one(folder: &Folder, name: &str) -> Result<Option<Read>> {
    let path = folder.path.join(name);
    let Some((stem, _)) = folder.extensions.split(name) else { return Ok(None) };
    let (stamp, error) = match folder.load(stem, &path) {
        Ok(None) => return Ok(None),
        Ok(Some(Loaded { stamp, document })) => match document {
            Ok(document) => return Ok(Some(Ok(Known { stamp, meta: Arc::new(document.meta) }))),
            Err(error) => (stamp, error),
        },
        Err(error) => return Err(error),
    };
    if error.kind() == ErrorKind::Overloaded {
        return Err(error);
    }
    let id = folder.id_of(stem, None).ok();
    let key = id.and_then(|id| Key::new(folder.collection.clone(), &id).ok());
    // Whatever keeps one file from being read (its own permissions, too) is named, and does not end the listing.
    let error = key.iter().fold(error.with("file", path.display().to_string()), Error::at);
    Ok(Some(Err(Damage { stamp, key, error })))
}

/// Gives each id once: of several files, that which was written last, be it readable or not; of one time, that whose suffix is tried
/// first.
fn listing(folder: &Folder, known: &HashMap<String, Known>, mut damaged: Vec<Damage>) -> Listing {
    let mut newest: HashMap<&str, (&str, &Known)> = HashMap::new();
    for (name, file) in known {
        let entry = newest.entry(file.meta.key.id()).or_insert((name, file));
        let (other, time) = (entry.1.stamp.modified, file.stamp.modified);
        if other < time || other == time && rank(folder, name) < rank(folder, entry.0) {
            *entry = (name, file);
        }
    }
    for damage in &damaged {
        if let Some(key) = &damage.key
            && newest.get(key.id()).is_some_and(|(_, file)| file.stamp.modified < damage.stamp.modified)
        {
            newest.remove(key.id());
        }
    }
    damaged.sort_by_cached_key(|damage| damage.error.to_string());
    Listing {
        metas: newest.into_values().map(|(_, file)| Arc::clone(&file.meta)).collect(),
        damaged: damaged.into_iter().map(|damage| damage.error).collect(),
    }
}

/// Returns the place of a name's suffix in the order in which suffixes are tried.
fn rank(folder: &Folder, name: &str) -> Option<usize> {
    let (_, suffix) = folder.extensions.split(name)?;
    folder.extensions.suffixes(folder.codec.compression).position(|known| known == suffix)
}
