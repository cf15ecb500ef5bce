//! A folder of one's own among those of others, for as long as somebody holds it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use truthound_stores_core::Result;

use super::failed;
use crate::lock::open_lock;

/// How the names of such folders begin.
const START: &str = "truthound-stores-";
/// Locked by whoever holds the folder; the system lets go of it when the process ends, however it ends.
const HELD: &str = "held";
/// Longer than this nobody takes between making a folder and locking it.
const LONG: Duration = Duration::from_hours(1);

/// A folder that nobody else may look into, removed with this.
#[derive(Debug)]
pub(super) struct Room {
    path: PathBuf,
    #[allow(dead_code, reason = "the lock is held as long as the file is open")]
    held: File,
}

impl Room {
    /// Makes a folder in `place`, and removes those of this user that nobody holds any more: readers that were killed left them.
    pub(super) fn make(place: &Path, number: u64) -> Result<Self> {
        // Links that lead there are the system's, and those that this is handed to may follow none.
        let place = place.canonicalize().map_err(|cause| failed(place, cause))?;
        let path = place.join(format!("{START}{number:016x}"));
        make_dir(&path).map_err(|cause| failed(&path, cause))?;
        let lock = || -> std::io::Result<File> {
            let file = open_lock(&path.join(HELD))?;
            file.lock()?;
            Ok(file)
        };
        let held = lock().map_err(|cause| {
            drop(fs::remove_dir_all(&path));
            failed(&path, cause)
        })?;
        sweep(&place, &path);
        Ok(Self { path, held })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.path));
    }
}

/// Removes folders that nobody holds. What fails is left to the next one.
fn sweep(place: &Path, own: &Path) {
    let Ok(mine) = fs::symlink_metadata(own) else { return };
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_one = entry.file_name().to_string_lossy().starts_with(START) && path != own;
        // Of another user's nothing is known, and nothing would be removed through a link.
        let Some(meta) = fs::symlink_metadata(&path).ok().filter(|meta| is_one && meta.is_dir()) else {
            continue;
        };
        if is_of_one_user(&meta, &mine) && is_left(&path, &meta, &mine) {
            drop(fs::remove_dir_all(&path));
        }
    }
}

/// Tells whether whoever made a folder is gone.
fn is_left(path: &Path, meta: &fs::Metadata, now: &fs::Metadata) -> bool {
    match File::options().read(true).write(true).open(path.join(HELD)) {
        Ok(held) => held.try_lock().is_ok(),
        // It may have been made this moment. Both times are the file system's, and no clock is asked.
        Err(_) => match (meta.modified(), now.modified()) {
            (Ok(then), Ok(now)) => now.duration_since(then).is_ok_and(|age| age > LONG),
            _ => false,
        },
    }
}

#[cfg(unix)]
fn is_of_one_user(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    one.uid() == other.uid()
}

/// Elsewhere each user has a place of their own for temporary files.
#[cfg(not(unix))]
fn is_of_one_user(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
fn make_dir(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_dir(path: &Path) -> std::io::Result<()> {
    fs::create_dir(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each reader of a store that cannot be written copies its index to a folder of its own; of readers that were killed the copies
    /// stayed until the system was started anew.
    #[test]
    fn folders_of_those_who_are_gone_are_removed_by_the_next_one() {
        let place = tempfile::tempdir().unwrap();
        let at_work = Room::make(place.path(), 1).unwrap();
        let [killed, old, new, other] =
            ["truthound-stores-2", "truthound-stores-3", "truthound-stores-4", "other"]
                .map(|name| place.path().join(name));
        for path in [&killed, &old, &new, &other] {
            fs::create_dir(path).unwrap();
        }
        // One that was locked once, and one of an earlier version, which locked nothing.
        fs::write(killed.join(HELD), "").unwrap();
        fs::write(killed.join("index.db"), "as large as the store's").unwrap();
        let now = fs::metadata(&old).unwrap().modified().unwrap();
        let long_ago = now - Duration::from_hours(2);
        File::open(&old).unwrap().set_modified(long_ago).unwrap();
        let next = Room::make(place.path(), 5).unwrap();
        assert_eq!([killed.exists(), old.exists()], [false, false], "what nobody holds is gone");
        let kept = [at_work.path(), next.path(), &new, &other];
        assert!(kept.iter().all(|path| path.exists()), "what somebody may hold stays");
        let path = next.path().to_owned();
        drop(next);
        assert!(!path.exists(), "it goes with whoever made it");
    }
}
