//! Who is responsible for work that is acknowledged but not settled: a handle, as long as it holds the lock of its file.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use truthound_stores_core::{Clock, Result, random_u64};

use crate::error::io_error;
use crate::lock::{is_still_there, open_lock};

const START: &str = "owner-";

/// A handle's claim; the system gives it up when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Owner {
    token: i64,
    path: PathBuf,
    #[allow(dead_code, reason = "the lock lives as long as the open file")]
    file: File,
}

impl Owner {
    /// Makes a claim that nobody else has.
    pub(crate) fn register(catalog: &Path, clock: &dyn Clock) -> Result<Self> {
        // Positive, so that it reads the same in SQL and in names.
        let token = (random_u64(clock) >> 1).cast_signed();
        let path = path(catalog, token);
        let file = open_lock(&path).map_err(|cause| io_error("open the owner's file", &path, cause))?;
        match file.try_lock() {
            // Whoever looked for the dead before it was locked has taken it away: others would not find the claim.
            Ok(()) if is_still_there(&file, &path) => Ok(Self { token, path, file }),
            Err(TryLockError::Error(cause)) => Err(io_error("take the owner's lock", &path, cause)),
            Ok(()) | Err(TryLockError::WouldBlock) => Self::register(catalog, clock),
        }
    }

    pub(crate) fn token(&self) -> i64 {
        self.token
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
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
            Ok(()) => {
                // Nobody holds it, and nobody will: a token is never given twice.
                drop(fs::remove_file(&path));
                false
            }
            Err(_) => true,
        },
    }
}

#[cfg(test)]
mod tests;
