//! Who is responsible for work that is acknowledged but not settled: a handle, as long as it holds the lock of its file.
//!
//! The file tells, too, how far the handle has come with its work, and when: what it has done once is not done again by others to a file that
//! the system has changed later, which somebody else has put there. What is not synced is undone by a power cut, so the word counts only
//! until the system is started anew.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use truthound_stores_core::{Clock, Result, random_u64};

use crate::error::io_error;
use crate::files;
use crate::lock::{is_still_there, open_lock};

const START: &str = "owner-";

/// Where word is left of the log.
const STARTED: &str = "started";

/// A handle's claim; the system gives it up when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Owner {
    token: i64,
    path: PathBuf,
    file: File,
    /// The index that its places are of.
    epoch: i64,
    keeps: bool,
}

impl Owner {
    /// Makes a claim that nobody else has, on work that an index is told of.
    pub(crate) fn register(catalog: &Path, epoch: i64, clock: &dyn Clock) -> Result<Self> {
        // Positive, so that it reads the same in SQL and in names.
        let token = (random_u64(clock) >> 1).cast_signed();
        let path = path(catalog, token);
        let file = open_lock(&path).map_err(|cause| io_error("open the owner's file", &path, cause))?;
        match file.try_lock() {
            // Whoever looked for the dead before it was locked has taken it away: others would not find the claim.
            Ok(()) if is_still_there(&file, &path) => Ok(Self { token, path, file, epoch, keeps: false }),
            Err(TryLockError::Error(cause)) => Err(io_error("take the owner's lock", &path, cause)),
            Ok(()) | Err(TryLockError::WouldBlock) => Self::register(catalog, epoch, clock),
        }
    }

    pub(crate) fn token(&self) -> i64 {
        self.token
    }

    /// Tells whether this is the index that the owner's places are of; in another they are those of other work.
    pub(crate) fn is_of(&self, epoch: i64) -> bool {
        self.epoch == epoch
    }

    /// Leaves word that all work of this owner up to a place in the feed is done; `folder` has just been changed by that.
    pub(crate) fn has_come_to(&self, seq: i64, folder: &Path) {
        if let Some(at) = files::changed(folder) {
            self.say(seq, at);
        }
    }

    fn say(&self, seq: i64, at: i64) {
        use std::io::{Seek, SeekFrom, Write};

        let Some(boot) = boot() else { return };
        // Of one length, so that each word takes the place of the one before it, in one write. Without the word, what is left is done
        // once more: nothing that was acknowledged depends on it.
        let word = format!("{boot} {:016x} {seq:016x} {at:016x}\n", self.epoch);
        let mut file = &self.file;
        drop(file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(word.as_bytes())));
    }

    /// Has the word outlive the handle, for whoever finishes what it leaves.
    pub(crate) fn keep_word(&mut self) {
        self.keeps = true;
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if !self.keeps {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Names the time since the system was started; `None` where that cannot be told.
fn boot() -> Option<&'static str> {
    static BOOT: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let name = text.trim();
        (!name.is_empty() && !name.contains(' ')).then(|| name.to_owned())
    };
    BOOT.get_or_init(read).as_deref()
}

/// Tells whether some handle, alive or not, may have work here that is not settled. In doubt one has.
pub(crate) fn any(catalog: &Path) -> bool {
    match fs::read_dir(catalog) {
        Err(cause) => cause.kind() != std::io::ErrorKind::NotFound,
        Ok(mut entries) => entries.any(|entry| {
            entry.map_or(true, |entry| token_of(&entry.file_name().to_string_lossy()).is_some())
        }),
    }
}

/// Leaves word that an index's log was found whole, or was emptied, since the system was started: no power cut can have torn what is in it
/// later. Not synced, so that a power cut takes it away, or it names another start.
pub(crate) fn note_start(catalog: &Path) {
    if let Some(boot) = boot()
        && !was_whole_since_start(catalog)
    {
        // Without the word, damage of the last write is taken for what a power cut has left: as before there was such a word.
        drop(fs::write(catalog.join(STARTED), boot));
    }
}

/// Tells whether an index's log was found whole since the system was started.
pub(crate) fn was_whole_since_start(catalog: &Path) -> bool {
    let word = || fs::read_to_string(catalog.join(STARTED)).ok();
    boot().is_some_and(|boot| word().is_some_and(|word| word == boot))
}

/// How far an owner has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The place in the feed up to which all is done; 0 if nothing is known to be.
    seq: i64,
    /// When the folder was changed last by that, by the system's clock.
    at: i64,
}

impl Progress {
    /// Tells whether a file was put where it is after the work at this place was done: by somebody else, then. In doubt it was not.
    pub(crate) fn is_before(&self, seq: i64, file: &Path) -> bool {
        seq <= self.seq && files::changed(file).is_some_and(|changed| changed > self.at)
    }
}

/// Tells how far an owner, alive or not, has come with its work in an index.
pub(crate) fn progress(catalog: &Path, token: i64, epoch: i64) -> Progress {
    let known = || -> Option<Progress> { read_word(&fs::read_to_string(path(catalog, token)).ok()?, epoch) };
    known().unwrap_or_default()
}

fn read_word(word: &str, epoch: i64) -> Option<Progress> {
    let mut words = word.split_whitespace();
    let is_ours = words.next()? == boot()?;
    let mut number = || {
        let word = words.next().filter(|word| word.len() == 16)?;
        u64::from_str_radix(word, 16).ok().map(u64::cast_signed)
    };
    let is_ours = is_ours && number()? == epoch;
    let progress = Progress { seq: number()?, at: number()? };
    is_ours.then_some(progress)
}

/// Takes away what an owner that is gone has left, once its work is finished.
pub(crate) fn forget(catalog: &Path, token: i64) {
    drop(fs::remove_file(path(catalog, token)));
}

/// Returns the token of an owner's file by the name of that.
pub(crate) fn token_of(name: &str) -> Option<i64> {
    i64::from_str_radix(name.strip_prefix(START)?, 16).ok()
}

fn path(catalog: &Path, token: i64) -> PathBuf {
    catalog.join(format!("{START}{token:016x}"))
}

/// Tells whether somebody still answers for an owner's work. In doubt, somebody does.
pub(crate) fn is_alive(catalog: &Path, token: i64) -> bool {
    let path = path(catalog, token);
    match File::options().read(true).write(true).open(&path) {
        Err(cause) => cause.kind() != std::io::ErrorKind::NotFound,
        Ok(file) => match file.try_lock() {
            // Nobody holds it, and nobody will: a token is never given twice.
            Ok(()) => false,
            Err(_) => true,
        },
    }
}

#[cfg(test)]
mod tests;
