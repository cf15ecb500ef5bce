//! A disk whose power may be cut: what was not synced is there, or is not, or is anything between.
//!
//! A file's bytes are kept for certain once the file was synced, its name once its folder was. What the index and its log hold is as it is at
//! that moment: each commit is synced by `SQLite`, which is held to that elsewhere, as is that it syncs the folder with the first commit of a
//! log. Where they are moved to is kept as other names are, and an index that is built is torn as long as nobody has synced it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::files::Step;
use crate::files::faults::Seen;

/// A file as it was at some moment: which one it was, and its bytes.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    /// Numbers are given again; the second one tells how often.
    inode: (u64, u64),
    is_folder: bool,
    bytes: Arc<[u8]>,
    modified: SystemTime,
}

type Entries = BTreeMap<String, Entry>;

/// What is known to be on the disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    generations: HashMap<u64, u64>,
    synced: HashSet<(u64, u64)>,
    forgotten: HashSet<(u64, u64)>,
    folders: HashMap<PathBuf, Entries>,
    standings: Vec<Vec<u8>>,
    /// Other names for indexes and logs whose own may be gone before that is known to be on the disk.
    links: BTreeMap<(u64, u64), PathBuf>,
    room: Option<tempfile::TempDir>,
}

impl Disk {
    /// Takes in an operation that has just ended.
    pub(super) fn saw(&mut self, seen: &Seen<'_>) {
        let Seen { step, path, file, is_done, .. } = *seen;
        if !is_done {
            return self.saw_fail(step, path, file);
        }
        match step {
            Step::Stage => {
                *self.generations.entry(fs::metadata(path).unwrap().ino()).or_default() += 1;
            }
            Step::SyncFile => {
                let meta = file.map_or_else(|| fs::metadata(path), File::metadata).unwrap();
                self.file_synced(self.inode(meta.ino()));
            }
            Step::SyncFolder => {
                let entries = self.list(path);
                self.link(path, &entries);
                self.folders.insert(path.to_owned(), entries);
            }
            Step::SyncFileSystem => self.all_synced(path),
            Step::OpenFolder
            | Step::Write
            | Step::SetTime
            | Step::Place
            | Step::Remove
            | Step::MakeFolder => {}
        }
    }

    /// A sync that failed is told once: what the system could not write it has forgotten, and the next sync knows nothing of it
    /// (<https://wiki.postgresql.org/wiki/Fsync_Errors>).
    fn saw_fail(&mut self, step: Step, path: &Path, file: Option<&File>) {
        match step {
            Step::SyncFile => {
                if let Ok(meta) = file.map_or_else(|| fs::metadata(path), File::metadata) {
                    self.forgotten.insert(self.inode(meta.ino()));
                }
            }
            Step::SyncFileSystem => self.all_forgotten(path),
            _ => {}
        }
    }

    fn all_forgotten(&mut self, folder: &Path) {
        for (name, entry) in self.list(folder) {
            if entry.is_folder {
                self.all_forgotten(&folder.join(name));
            } else if !self.synced.contains(&entry.inode) {
                self.forgotten.insert(entry.inode);
            }
        }
    }

    fn file_synced(&mut self, inode: (u64, u64)) {
        if !self.forgotten.contains(&inode) {
            self.synced.insert(inode);
        }
    }

    fn inode(&self, number: u64) -> (u64, u64) {
        (number, self.generations.get(&number).copied().unwrap_or(0))
    }

    fn all_synced(&mut self, folder: &Path) {
        let entries = self.list(folder);
        for (name, entry) in &entries {
            self.file_synced(entry.inode);
            if entry.is_folder {
                self.all_synced(&folder.join(name));
            }
        }
        self.link(folder, &entries);
        self.folders.insert(folder.to_owned(), entries);
    }

    /// Keeps hold of what is the index, or its log, of a folder.
    fn link(&mut self, folder: &Path, entries: &Entries) {
        for (name, entry) in entries.iter().filter(|(name, _)| is_index(name) && !name.ends_with("-shm")) {
            let room = self.room.get_or_insert_with(super::temp_dir).path();
            let (number, generation) = entry.inode;
            let link = room.join(format!("{number}-{generation}"));
            if !self.links.contains_key(&entry.inode) && fs::hard_link(folder.join(name), &link).is_ok() {
                self.links.insert(entry.inode, link);
            }
        }
    }

    fn list(&self, folder: &Path) -> Entries {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let entry = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().unwrap();
            // Files of SQLite's may go at any moment, and are taken as they are.
            let meta = entry.metadata().ok()?;
            let bytes =
                if meta.is_dir() || is_index(&name) { Vec::new() } else { fs::read(entry.path()).ok()? };
            let inode = self.inode(meta.ino());
            let modified = meta.modified().unwrap();
            Some((name, Entry { inode, is_folder: meta.is_dir(), bytes: bytes.into(), modified }))
        };
        entries.filter_map(entry).collect()
    }

    /// Copies what a folder may be after a power cut at this moment to `to`.
    pub(super) fn cut(&mut self, folder: &Path, to: &Path, chance: &mut Chance) {
        fs::create_dir_all(to).unwrap();
        let now = self.list(folder);
        let kept = self.folders.get(folder).cloned().unwrap_or_default();
        let names: BTreeSet<&String> = now.keys().chain(kept.keys()).collect();
        // The first commit of a log has the folder synced.
        let log = now.get(LOG).filter(|log| kept.get(LOG).is_none_or(|old| old.inode != log.inode));
        let are_known = log.is_some() && fs::metadata(folder.join(LOG)).is_ok_and(|meta| meta.len() > 0);
        let mut is_as_it_was = true;
        for name in names {
            let (old, new) = (kept.get(name), now.get(name));
            let place = to.join(name);
            if is_index(name) {
                if !name.ends_with("-shm") {
                    let is_old = !are_known && is_other(old, new) && chance.is_heads();
                    let path = match old {
                        Some(old) if is_old => self.links.get(&old.inode).cloned(),
                        None if is_old => None,
                        _ => new.is_some().then(|| folder.join(name)),
                    };
                    let inode = if is_old { old } else { new }.map(|entry| entry.inode);
                    let is_whole = name == LOG || inode.is_some_and(|inode| self.synced.contains(&inode));
                    if let Some(bytes) = path.and_then(|path| fs::read(path).ok()) {
                        fs::write(&place, torn(bytes, is_whole, chance)).unwrap();
                    }
                }
                continue;
            }
            if name == "publish" {
                if let Some(new) = new {
                    self.standings.push(new.bytes.to_vec());
                }
                self.cut_standing(&place, chance);
                continue;
            }
            if name.starts_with("owner-") {
                // The system is started anew after a power cut: what an owner left is a word of the time before.
                if let Some(new) = new {
                    let mut word = new.bytes.to_vec();
                    word.iter_mut().take(1).for_each(|first| *first = b'z');
                    fs::write(&place, word).unwrap();
                }
                continue;
            }
            let chosen = if !is_other(old, new) || chance.is_heads() {
                new
            } else {
                is_as_it_was = false;
                old
            };
            let Some(chosen) = chosen else { continue };
            if chosen.is_folder {
                self.cut(&folder.join(name), &place, chance);
            } else {
                let whole = self.synced.contains(&chosen.inode);
                cut_file(chosen, whole, &place, chance);
            }
        }
        if is_as_it_was {
            let time = fs::metadata(folder).unwrap().modified().unwrap();
            File::open(to).unwrap().set_modified(time).unwrap();
        }
    }

    /// What publishers leave for each other is never synced: it is any that was there, torn, or nothing.
    fn cut_standing(&self, place: &Path, chance: &mut Chance) {
        let Some(bytes) = self.standings.get(chance.below(self.standings.len())) else { return };
        match chance.below(5) {
            0 => {}
            1 => fs::write(place, "").unwrap(),
            2 => fs::write(place, &bytes[..chance.below(bytes.len())]).unwrap(),
            _ => fs::write(place, bytes).unwrap(),
        }
    }
}

const LOG: &str = "index.db-wal";

/// The index, its log, and what it is made from.
fn is_index(name: &str) -> bool {
    name.starts_with("index.db") || name.starts_with("building-")
}

fn is_other(old: Option<&Entry>, new: Option<&Entry>) -> bool {
    old.map(|entry| entry.inode) != new.map(|entry| entry.inode)
}

fn torn(mut bytes: Vec<u8>, is_whole: bool, chance: &mut Chance) -> Vec<u8> {
    if !is_whole {
        let length = bytes.len();
        match chance.below(5) {
            0 => bytes.clear(),
            1 => bytes.truncate(chance.below(length)),
            2 => bytes.fill(0),
            3 => {
                let from = chance.below(length);
                bytes[from..].fill(0);
            }
            _ => {}
        }
    }
    bytes
}

fn cut_file(entry: &Entry, is_whole: bool, place: &Path, chance: &mut Chance) {
    fs::write(place, torn(entry.bytes.to_vec(), is_whole, chance)).unwrap();
    // The time was set before the file got its name, and journals of file systems keep that order.
    File::options().write(true).open(place).unwrap().set_modified(entry.modified).unwrap();
}

/// Chance from a seed: splitmix64 (<https://prng.di.unimi.it/splitmix64.c>).
#[derive(Debug)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Any number below `end`; 0 if there is none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    fn is_heads(&mut self) -> bool {
        self.below(2) == 0
    }
}
