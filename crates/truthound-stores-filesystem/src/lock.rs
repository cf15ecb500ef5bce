//! One writer at a time per folder, over all threads and processes.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use truthound_stores_core::{Error, ErrorKind, Result};

use crate::error::io_error;
use crate::layout::CATALOG;

/// How long a writer waits for others.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

/// Holds a folder's write lock; released when dropped, and by the system when the process ends.
#[derive(Debug)]
pub(crate) struct WriteLock {
    #[allow(dead_code, reason = "the lock lives as long as the open file")]
    file: File,
    catalog: PathBuf,
}

impl WriteLock {
    /// Waits for the lock of `folder`, whose catalog folder exists, at most `patience`. Blocks the thread.
    ///
    /// Whoever waits holds the place at the head of the queue, a lock of its own, so that a writer who comes back at once stands
    /// behind those who wait.
    ///
    /// # Errors
    /// `Timeout` after `patience`, `Unavailable` as soon as `is_given_up` says so.
    pub(crate) fn take(folder: &Path, patience: Duration, is_given_up: impl Fn() -> bool) -> Result<Self> {
        let catalog = folder.join(CATALOG);
        let mut left = patience;
        let place = acquire(&catalog.join("queue"), &mut left, &is_given_up)?;
        let file = acquire(&catalog.join("lock"), &mut left, &is_given_up)?;
        drop(place);
        Ok(Self { file, catalog })
    }

    /// Returns the catalog folder that the lock is in.
    pub(crate) fn catalog(&self) -> &Path {
        &self.catalog
    }
}

fn acquire(path: &Path, left: &mut Duration, is_given_up: &impl Fn() -> bool) -> Result<File> {
    let mut pause = Duration::from_millis(1);
    loop {
        let file = open(path).map_err(|cause| io_error("open the lock", path, cause))?;
        match file.try_lock() {
            // The catalog may have been deleted meanwhile: a lock that others cannot find is none.
            Ok(()) if is_still_there(&file, path) => return Ok(file),
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(cause)) => return Err(io_error("take the lock", path, cause)),
        }
        let refuse = |kind, why: &str| Err(Error::new(kind, why).with("path", path.display().to_string()));
        if is_given_up() {
            return refuse(ErrorKind::Unavailable, "the caller gave up while another writer held the lock");
        }
        if left.is_zero() {
            return refuse(
                ErrorKind::Timeout,
                "other writers have held the store's lock for 30 s: see who is at work, or stopped",
            );
        }
        thread::sleep(pause);
        *left = left.saturating_sub(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Opens the lock's file, making it if need be; a link is not followed, and a pipe not waited for.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no plain file")) }
}

#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let same = |held: std::fs::Metadata, there: std::fs::Metadata| {
        (held.dev(), held.ino()) == (there.dev(), there.ino())
    };
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(there)) => same(held, there),
        _ => false,
    }
}

/// Elsewhere an open file cannot be deleted.
#[cfg(not(unix))]
fn is_still_there(_: &File, _: &Path) -> bool {
    true
}
