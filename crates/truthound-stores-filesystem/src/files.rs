//! Files as whole values: read at once, replaced atomically, removed. The only place that touches documents on disk.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use truthound_stores_core::{Checksum, Error, Result, Revision, Timestamp};

use crate::error::io_error;
use crate::seal::{self, Verdict};

/// Identifies a state of a file: it changes whenever the file is replaced or rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The modification time, in nanoseconds since 1970.
    pub(crate) modified: i128,
    pub(crate) size: u64,
    inode: u64,
}

impl Stamp {
    pub(crate) fn of(meta: &Metadata) -> Self {
        let nanos = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
        let modified = meta.modified().map_or(0, |time| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => nanos(after),
            Err(before) => -nanos(before.duration()),
        });
        Self { modified, size: meta.len(), inode: inode(meta) }
    }

    /// Names the state; with the text's checksum, so that states of one time and one place differ where their texts do.
    pub(crate) fn revision(&self, checksum: Option<Checksum>) -> Revision {
        let mut text = checksum.map(|checksum| checksum.to_string()).unwrap_or_default();
        text.truncate(8);
        Revision::new(format!("{:x}-{:x}-{:x}-{text}", self.modified, self.inode, self.size))
    }

    /// Tells whether the time has no fraction of a second: then the file system may keep none, and two states may share it.
    pub(crate) fn is_whole_second(&self) -> bool {
        self.modified % 1_000_000_000 == 0
    }

    pub(crate) fn saved_at(&self) -> Timestamp {
        Timestamp::from_micros(i64::try_from(self.modified.div_euclid(1000)).unwrap_or(i64::MAX))
    }
}

#[cfg(unix)]
fn inode(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// How often a file is read again that somebody rewrites meanwhile.
const REREADS: u32 = 5;

/// What stands at a document's path.
#[derive(Debug)]
pub(crate) enum Found {
    Nothing,
    File { bytes: Vec<u8>, stamp: Stamp },
}

/// Reads a whole file, refusing links, devices and anything over `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Found> {
    let corrupt = |why: String| Err(Error::corrupt(why).with("path", path.display().to_string()));
    let mut file = match open_plain(path) {
        Ok(file) => file,
        Err(cause) if is_absence(&cause) => return Ok(Found::Nothing),
        Err(_) if is_link(path) => {
            return corrupt("the file is a symbolic link, which is not followed".to_owned());
        }
        Err(_) if fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file()) => {
            return corrupt("what stands there is no plain file".to_owned());
        }
        Err(cause) => return Err(io_error("open the file", path, cause)),
    };
    let look = |file: &File| file.metadata().map_err(|cause| io_error("look at the file", path, cause));
    let mut meta = look(&file)?;
    if !meta.is_file() {
        return corrupt("what stands there is no plain file".to_owned());
    }
    let within = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    for attempt in 0.. {
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0).min(limit));
        Read::by_ref(&mut file)
            .take(within)
            .read_to_end(&mut bytes)
            .map_err(|cause| io_error("read the file", path, cause))?;
        if bytes.len() > limit {
            return corrupt(format!("the file is larger than {limit} bytes, the limit"));
        }
        let (stamp, after) = (Stamp::of(&meta), look(&file)?);
        if Stamp::of(&after) != stamp && attempt < REREADS {
            // Somebody is rewriting the file in its place.
            file.rewind().map_err(|cause| io_error("read the file", path, cause))?;
            meta = after;
            continue;
        }
        let steady = Stamp::of(&after) == stamp;
        if steady && seal::verify(seal::get(&file).as_deref(), &stamp, &bytes) == Verdict::Broken {
            return corrupt(
                "the file's bytes are not those that were saved, though nobody has written to it".to_owned(),
            );
        }
        return Ok(Found::File { bytes, stamp: Stamp::of(&after) });
    }
    Ok(Found::Nothing)
}

/// Looks at a file without opening it; `None` if it is absent. Links are not followed.
pub(crate) fn stamp(path: &Path) -> Result<Option<Stamp>> {
    match fs::symlink_metadata(path) {
        Ok(meta) => Ok(Some(Stamp::of(&meta))),
        Err(cause) if is_absence(&cause) => Ok(None),
        Err(cause) => Err(io_error("look at the file", path, cause)),
    }
}

/// Tells whether a folder is there; what cannot be looked at is an error, not an absence.
pub(crate) fn is_folder(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(meta) => Ok(meta.is_dir()),
        Err(cause) if is_absence(&cause) => Ok(false),
        Err(cause) => Err(io_error("look at the folder", path, cause)),
    }
}

/// A name too long for this file system cannot be there; neither can a file in a folder that is not.
fn is_absence(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename)
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink())
}

/// Opens without following a link and without waiting for the other end of a pipe.
#[cfg(unix)]
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    if is_link(path) {
        return Err(io::Error::other("a symbolic link"));
    }
    File::open(path)
}

/// Says how a staged file takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placing {
    /// Over whatever is there.
    Replace,
    /// Only if nothing is there.
    Create,
}

/// A file that is written but not in its place yet; dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Staged {
    path: PathBuf,
    stamp: Stamp,
    placed: bool,
}

impl Staged {
    /// Writes `bytes` to a new file at `path` and gives it a modification time; with `sync`, waits for the disk.
    ///
    /// The time is `modified`, or later if the file system rounds times so coarsely that it would not be after `after`, the time
    /// of the file to be replaced: two states of a document never have one time.
    pub(crate) fn write(
        path: PathBuf,
        bytes: &[u8],
        modified: i128,
        after: Option<i128>,
        sync: bool,
    ) -> Result<Self> {
        let target = path.clone();
        let failed = |doing, cause| io_error(doing, &target, cause);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&target)
            .map_err(|cause| failed("create a temporary file", cause))?;
        // From here on the file is ours to remove, whatever fails.
        let mut staged = Self { path, stamp: Stamp { modified, size: 0, inode: 0 }, placed: false };
        file.write_all(bytes).map_err(|cause| failed("write the file", cause))?;
        staged.stamp =
            set_time(&file, modified, after).map_err(|cause| failed("set the time of the file", cause))?;
        seal::set(&file, &staged.stamp, bytes);
        if sync {
            file.sync_all().map_err(|cause| failed("sync the file to the disk", cause))?;
        }
        Ok(staged)
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Moves the file to its place. Answers its stamp, or `None` if [`Placing::Create`] found something there.
    pub(crate) fn place(mut self, target: &Path, placing: Placing) -> Result<Option<Stamp>> {
        let moved = |cause| io_error("put the file in its place", target, cause);
        if placing == Placing::Create {
            match fs::hard_link(&self.path, target) {
                // The staged name goes when `self` is dropped.
                Ok(()) => return Ok(Some(self.stamp)),
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
                // No hard links here (FAT, some network mounts): the store's lock keeps our own writers apart.
                Err(_) => {
                    if stamp(target)?.is_some() {
                        return Ok(None);
                    }
                }
            }
        }
        fs::rename(&self.path, target).map_err(moved)?;
        self.placed = true;
        Ok(Some(self.stamp))
    }
}

/// Sets a file's time to the first of `wanted`, and seconds after it, that the file system keeps apart from `after`.
fn set_time(file: &File, wanted: i128, after: Option<i128>) -> io::Result<Stamp> {
    let mut wanted = wanted;
    // FAT keeps every second second only; nothing known is coarser.
    for _ in 0..4 {
        if let Ok(nanos) = u64::try_from(wanted) {
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos))?;
        }
        let stamp = Stamp::of(&file.metadata()?);
        match after {
            Some(after) if stamp.modified <= after => wanted = wanted.max(after) + 1_000_000_000,
            _ => return Ok(stamp),
        }
    }
    file.metadata().map(|meta| Stamp::of(&meta))
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.placed {
            // What cannot be removed now is swept by the next writer.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Removes a file; answers whether there was one.
pub(crate) fn remove(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(cause) if is_absence(&cause) => Ok(false),
        Err(cause) => Err(io_error("remove the file", path, cause)),
    }
}

/// Waits until a folder's entries are on the disk.
#[cfg(unix)]
pub(crate) fn sync_dir(path: &Path) -> Result<()> {
    let synced = File::open(path).and_then(|dir| dir.sync_all());
    synced.map_err(|cause| io_error("sync the folder to the disk", path, cause))
}

/// Elsewhere folders cannot be synced; their file systems log changes of entries.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_: &Path) -> Result<()> {
    Ok(())
}

/// Makes a folder and its missing parents; with `sync`, waits until each new entry is on the disk.
pub(crate) fn make_dirs(path: &Path, sync: bool) -> Result<()> {
    let mut missing = Vec::new();
    let mut at = path;
    while !at.as_os_str().is_empty() && !at.is_dir() {
        missing.push(at);
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    for dir in missing.iter().rev() {
        match fs::create_dir(dir) {
            Ok(()) => {}
            // Another process was first.
            Err(_) if dir.is_dir() => {}
            Err(cause) => return Err(io_error("create the folder", dir, cause)),
        }
        if sync {
            let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
            sync_dir(parent.unwrap_or(Path::new(".")))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
