//! Turns between threads and processes: locks on files, which the system releases when a process ends.
//!
//! SQLite's own lock keeps the index whole; these keep the order fair, and the documents' files apart from each other.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use truthound_stores_core::{Error, ErrorKind, Result};

use crate::error::io_error;

/// How long a writer waits for others.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

/// The longest pause between two attempts at a lock.
const LONGEST_PAUSE: Duration = Duration::from_millis(5);

/// Where writers of a folder, over all threads and processes, take turns.
///
/// Whoever waits holds the place at the head of the queue, a lock of its own, so that a writer who comes back at once stands behind
/// those who wait.
#[derive(Debug)]
pub(crate) struct Turnstile {
    catalog: PathBuf,
    queue: Lockable,
    turn: Lockable,
}

/// A writer's turn; over when dropped.
#[derive(Debug)]
pub(crate) struct Turn<'t> {
    turn: &'t mut Lockable,
}

impl Turnstile {
    pub(crate) fn new(catalog: &Path) -> Self {
        let [queue, turn] = ["queue", "lock"].map(|name| Lockable::new(catalog.join(name)));
        Self { catalog: catalog.to_owned(), queue, turn }
    }

    /// Waits for the turn, at most `patience`; a long one lasts as long as whoever has the turn goes on building an index. Blocks the thread.
    ///
    /// # Errors
    /// `Timeout` after `patience`, `Unavailable` as soon as `is_given_up` says so.
    pub(crate) fn pass(&mut self, patience: Duration, is_given_up: &dyn Fn() -> bool) -> Result<Turn<'_>> {
        let catalog = self.catalog.clone();
        let is_worth_it = || patience > LONGEST / 2 && is_being_built(&catalog);
        self.pass_while(patience, is_given_up, &is_worth_it)
    }

    /// Waits for the turn, at most `patience` at a time, and again as long as `is_worth_it`.
    fn pass_while(
        &mut self,
        patience: Duration,
        is_given_up: &dyn Fn() -> bool,
        is_worth_it: &dyn Fn() -> bool,
    ) -> Result<Turn<'_>> {
        loop {
            let mut left = patience;
            let locked = self.queue.lock(&mut left, is_given_up).and_then(|()| {
                let locked = self.turn.lock(&mut left, is_given_up);
                self.queue.unlock();
                locked
            });
            match locked {
                Ok(()) => return Ok(Turn { turn: &mut self.turn }),
                Err(error) if error.kind() == ErrorKind::Timeout && is_worth_it() => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Tells whether somebody is building an index at this time.
fn is_being_built(catalog: &Path) -> bool {
    let entries = std::fs::read_dir(catalog).into_iter().flatten().flatten();
    let is_growing = |entry: &std::fs::DirEntry| {
        // One who was stopped in the middle of it, or killed, changes nothing any more.
        let changed = entry.metadata().and_then(|meta| meta.modified()).ok();
        changed.is_some_and(|changed| changed.elapsed().is_ok_and(|passed| passed < LONGEST * 2))
    };
    entries
        .into_iter()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("building-") && is_growing(&entry))
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turn.unlock();
    }
}

/// A lock on a file that is kept open between turns.
#[derive(Debug)]
pub(crate) struct Lockable {
    path: PathBuf,
    file: Option<File>,
}

impl Lockable {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the file, if it is open.
    pub(crate) fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// Tries once.
    pub(crate) fn try_lock(&mut self) -> Result<bool> {
        let file = match self.file.take() {
            Some(file) => file,
            None => open_lock(&self.path).map_err(|cause| io_error("open the lock", &self.path, cause))?,
        };
        match file.try_lock() {
            Ok(()) => {
                // The catalog may have been deleted meanwhile: a lock that others cannot find is none.
                let found = is_still_there(&file, &self.path);
                self.file = found.then_some(file);
                Ok(found)
            }
            Err(TryLockError::WouldBlock) => {
                self.file = is_still_there(&file, &self.path).then_some(file);
                Ok(false)
            }
            Err(TryLockError::Error(cause)) => Err(io_error("take the lock", &self.path, cause)),
        }
    }

    /// Waits for the lock; what was waited is taken off `left`.
    pub(crate) fn lock(&mut self, left: &mut Duration, is_given_up: &dyn Fn() -> bool) -> Result<()> {
        let mut pause = Duration::from_micros(100);
        let mut attempts = 0_u32;
        while !self.try_lock()? {
            let refuse =
                |kind, why: &str| Err(Error::new(kind, why).with("path", self.path.display().to_string()));
            if is_given_up() {
                return refuse(
                    ErrorKind::Unavailable,
                    "the caller gave up while another writer held the lock",
                );
            }
            if left.is_zero() {
                return refuse(
                    ErrorKind::Timeout,
                    "other writers hold the store's lock, and have not let go of it in time: see who is at work, or stopped",
                );
            }
            thread::sleep(pause);
            *left = left.saturating_sub(pause);
            attempts += 1;
            // A turn takes about a millisecond; who has waited for twenty waits for something longer.
            if attempts > 100 {
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        Ok(())
    }

    pub(crate) fn unlock(&self) {
        if let Some(file) = &self.file {
            // The lock goes with the file at the latest.
            drop(file.unlock());
        }
    }
}

/// Opens a lock's file, making it if need be; a link is not followed, and a pipe not waited for.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
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
pub(crate) fn is_still_there(file: &File, path: &Path) -> bool {
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
pub(crate) fn is_still_there(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests;
