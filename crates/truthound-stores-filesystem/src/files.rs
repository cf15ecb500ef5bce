//! Files as whole values: read at once, replaced atomically, removed. The only place that touches documents on disk.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use truthound_stores_core::{Error, Result, Timestamp};

use crate::error::io_error;

/// What is done to a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Stage,
    Write,
    SetTime,
    Place,
    Remove,
    SyncFile,
    SyncFolder,
    #[cfg(unix)]
    OpenFolder,
    #[cfg(target_os = "linux")]
    SyncFileSystem,
    MakeFolder,
}

/// Does one thing to the file or folder at `path`. Tests look on here, and let things fail.
#[cfg(not(all(test, target_os = "linux")))]
#[inline]
fn doing<T>(_: Step, _: &Path, _: Option<&File>, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    work()
}

#[cfg(all(test, target_os = "linux"))]
use faults::doing;

/// Identifies a state of a file: it changes whenever the file is replaced or rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The modification time, in nanoseconds since 1970; what lies outside the years 1678–2262 is the nearest that does not.
    pub(crate) modified: i64,
    pub(crate) size: u64,
}

impl Stamp {
    pub(crate) fn of(meta: &Metadata) -> Self {
        let nanos = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        let modified = meta.modified().map_or(0, |time| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => nanos(after),
            Err(before) => -nanos(before.duration()),
        });
        Self { modified, size: meta.len() }
    }

    /// Tells whether a file of this stamp may be the one that was written with that time and size: file systems that keep no fractions
    /// of seconds, or only every second second (FAT), have rounded the time.
    pub(crate) fn may_be(&self, modified: i64, size: u64) -> bool {
        const SECOND: i64 = 1_000_000_000;
        let rounded =
            self.modified % SECOND == 0 && modified.saturating_sub(self.modified).abs() < 2 * SECOND;
        self.size == size && (self.modified == modified || rounded)
    }

    pub(crate) fn saved_at(&self) -> Timestamp {
        Timestamp::from_micros(self.modified.div_euclid(1000))
    }
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

/// Returns when the system last changed a file in any way, by the system's own clock, in nanoseconds since 1970: nobody can set that back.
#[cfg(unix)]
pub(crate) fn changed(path: &Path) -> Option<i64> {
    use std::os::unix::fs::MetadataExt;

    let meta = fs::symlink_metadata(path).ok()?;
    meta.ctime().checked_mul(1_000_000_000)?.checked_add(meta.ctime_nsec())
}

/// Elsewhere that is not known.
#[cfg(not(unix))]
pub(crate) fn changed(_: &Path) -> Option<i64> {
    None
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

/// A file that is written but not in its place yet; dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Staged {
    /// Empty when the file is in its place.
    path: PathBuf,
    file: Option<File>,
}

impl Staged {
    /// Writes `bytes` to a new file at `path` and gives it a modification time, in nanoseconds since 1970.
    pub(crate) fn write(path: PathBuf, bytes: &[u8], modified: i64) -> Result<Self> {
        let failed = |doing, path: &Path, cause| io_error(doing, path, cause);
        let mut new = OpenOptions::new();
        new.write(true).create_new(true);
        let mut file = doing(Step::Stage, &path, None, || new.open(&path))
            .map_err(|cause| failed("create a temporary file", &path, cause))?;
        // From here on the file is ours to remove, whatever fails.
        let mut staged = Self { path, file: None };
        let written = doing(Step::Write, &staged.path, None, || file.write_all(bytes));
        written.map_err(|cause| failed("write the file", &staged.path, cause))?;
        if let Ok(nanos) = u64::try_from(modified) {
            let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
            doing(Step::SetTime, &staged.path, None, || file.set_modified(time))
                .map_err(|cause| failed("set the time of the file", &staged.path, cause))?;
        }
        staged.file = Some(file);
        Ok(staged)
    }

    /// Moves the file to its place, over whatever is there. Answers the open file, to be synced.
    pub(crate) fn place(mut self, target: &Path) -> Result<File> {
        let moved = |cause| io_error("put the file in its place", target, cause);
        doing(Step::Place, target, None, || fs::rename(&self.path, target)).map_err(moved)?;
        self.path = PathBuf::new();
        self.file.take().ok_or_else(|| moved(io::Error::other("the file was never written")))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            // What cannot be removed now is swept by the next writer.
            drop(doing(Step::Remove, &self.path, None, || fs::remove_file(&self.path)));
        }
    }
}

/// Gives a file the time of now; what keeps it from that does no harm.
pub(crate) fn touch(path: &Path, now: Timestamp) {
    let since = u64::try_from(now.as_micros()).map(Duration::from_micros);
    if let (Ok(since), Ok(file)) = (since, OpenOptions::new().write(true).open(path)) {
        drop(file.set_modified(SystemTime::UNIX_EPOCH + since));
    }
}

/// Moves a file that is whole to its place, over whatever is there.
pub(crate) fn put_in_place(from: &Path, target: &Path) -> Result<()> {
    doing(Step::Place, target, None, || fs::rename(from, target))
        .map_err(|cause| io_error("put the file in its place", target, cause))
}

/// Removes a file; answers whether there was one.
pub(crate) fn remove(path: &Path) -> Result<bool> {
    match doing(Step::Remove, path, None, || fs::remove_file(path)) {
        Ok(()) => Ok(true),
        Err(cause) if is_absence(&cause) => Ok(false),
        Err(cause) => Err(io_error("remove the file", path, cause)),
    }
}

/// Waits until a file is on the disk; `folder` is where it lies.
pub(crate) fn sync(file: &File, folder: &Path) -> Result<()> {
    let synced = doing(Step::SyncFile, folder, Some(file), || file.sync_all());
    synced.map_err(|cause| io_error("sync a file to the disk", folder, cause))
}

/// Waits until the file at `path` is on the disk.
pub(crate) fn sync_path(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    let synced = doing(Step::SyncFile, path, None, || options.open(path).and_then(|file| file.sync_all()));
    synced.map_err(|cause| io_error("sync a file to the disk", path, cause))
}

/// Waits until a folder's entries are on the disk.
#[cfg(unix)]
pub(crate) fn sync_dir(path: &Path) -> Result<()> {
    let synced = doing(Step::SyncFolder, path, None, || File::open(path).and_then(|dir| dir.sync_all()));
    synced.map_err(|cause| io_error("sync the folder to the disk", path, cause))
}

/// Elsewhere folders cannot be synced; their file systems log changes of entries.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_: &Path) -> Result<()> {
    Ok(())
}

/// Opens a folder, to be synced later.
#[cfg(unix)]
pub(crate) fn open_folder(path: &Path) -> Result<File> {
    let opened = doing(Step::OpenFolder, path, None, || File::open(path));
    opened.map_err(|cause| io_error("open the folder", path, cause))
}

/// Waits until the entries of a folder that is open are on the disk.
#[cfg(unix)]
pub(crate) fn sync_open_dir(dir: &File, path: &Path) -> Result<()> {
    let synced = doing(Step::SyncFolder, path, None, || dir.sync_all());
    synced.map_err(|cause| io_error("sync the folder to the disk", path, cause))
}

/// Waits until everything that was written to the file system of a folder that is open is on the disk.
#[cfg(target_os = "linux")]
pub(crate) fn sync_file_system(dir: &File, folder: &Path) -> Result<()> {
    let synced = doing(Step::SyncFileSystem, folder, None, || Ok(rustix::fs::syncfs(dir)?));
    synced.map_err(|cause| io_error("sync the file system to the disk", folder, cause))
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
        match doing(Step::MakeFolder, dir, None, || fs::create_dir(dir)) {
            Ok(()) => {}
            // Another process was first.
            Err(_) if dir.is_dir() => {}
            Err(cause) => return Err(io_error("create the folder", dir, cause)),
        }
        if sync {
            let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
            if let Err(error) = sync_dir(parent.unwrap_or(Path::new("."))) {
                // Left there, it would be taken for one that is on the disk. One that is in use already stays.
                drop(fs::remove_dir(dir));
                return Err(error);
            }
        }
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
pub(crate) mod faults;
#[cfg(test)]
mod tests;
