//! What processes that share a log tell each other of it, by memory that is a file beside it: how much of it counts.
//!
//! A commit is told there before it is acknowledged. When the last process is killed the file stays as it is, until the next one reads the log
//! (<https://sqlite.org/walformat.html#the_wal_index_file_format>).

use std::path::Path;

use super::wal::{self, HEADER, add_up, salts};
use crate::files;

/// How long the header is, which is there twice.
const LENGTH: usize = 48;
/// What a file keeps that was cut off to be filled anew.
const CUT: usize = 3;

/// What was told of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// So many frames count of the log with these salts.
    Frames([u8; 8], u32),
    /// Whoever came next was killed before it had read the log: it had found nothing wrong with that.
    Nothing,
    /// This is no such file, or somebody was killed while writing it.
    Unknown,
}

impl Told {
    fn read(memory: &[u8]) -> Self {
        let (Some(one), Some(two)) = (memory.get(..LENGTH), memory.get(LENGTH..2 * LENGTH)) else {
            return Self::Nothing;
        };
        if one.iter().chain(two).skip(CUT).all(|byte| *byte == 0) {
            return Self::Nothing;
        }
        let word = |at: usize| {
            let word = one.get(at..).and_then(|rest| rest.first_chunk::<4>());
            word.map_or(0, |word| u32::from_ne_bytes(*word))
        };
        let sum = add_up((0, 0), one.split_at(40).0, cfg!(target_endian = "big"));
        if one == two && word(0) == wal::VERSION && sum == (word(40), word(44)) {
            Self::Frames(salts(one, 32), word(16))
        } else {
            Self::Unknown
        }
    }
}

/// Tells whether anybody was told of a commit that this frame of an index's log is part of, or of a later one. If nobody was, nothing that was
/// acknowledged is there: processes that were killed in the middle of a write, one after the other, have left it. In doubt somebody was
/// told.
pub(super) fn was_told(index: &Path, log: &Path, frame: u32) -> bool {
    let mut memory = [0; 2 * LENGTH];
    let Ok(length) = keeping::read(&super::health::beside(index, "-shm"), &mut memory) else { return true };
    match Told::read(memory.get(..length).unwrap_or_default()) {
        Told::Nothing => false,
        Told::Unknown => true,
        Told::Frames(salts, frames) => salts_now(log) != Some(salts) || frames >= frame,
    }
}

fn salts_now(log: &Path) -> Option<[u8; 8]> {
    use std::io::Read;

    let mut header = [0; HEADER];
    files::open_plain(log).ok()?.read_exact(&mut header).ok()?;
    wal::salts_of(&header)
}

/// Reading a file on which this process may hold locks. To close it would release all of them, whoever has taken them
/// (<https://pubs.opengroup.org/onlinepubs/9699919799/functions/close.html>), so it stays open; there are as many as there are
/// logs that were ever suspected.
#[cfg(unix)]
mod keeping {
    use std::fs::{File, Metadata};
    use std::io;
    use std::os::unix::fs::{FileExt, MetadataExt};
    use std::path::Path;
    use std::sync::{Mutex, PoisonError};

    use crate::files;

    static KEPT: Mutex<Kept> = Mutex::new(Kept(Vec::new()));

    /// What a file has for itself, whatever its name: device and number.
    type Place = (u64, u64);

    fn place(meta: &Metadata) -> Place {
        (meta.dev(), meta.ino())
    }

    /// Files that stay open.
    pub(super) struct Kept(pub(super) Vec<(Place, File)>);

    impl Kept {
        /// Answers the file that was found at a place, and opens it if it is not among those that are open.
        pub(super) fn file(&mut self, path: &Path, found: &Metadata) -> io::Result<&File> {
            let is_found = |(at, _): &&(Place, File)| *at == place(found);
            if !self.0.iter().any(|kept| is_found(&kept)) {
                let file = files::open_plain(path)?;
                // Another one may have taken its name this moment, even one that is open already. Both stay open.
                self.0.push((place(&file.metadata()?), file));
            }
            self.0.iter().find(is_found).map(|(_, file)| file).ok_or_else(|| io::ErrorKind::NotFound.into())
        }
    }

    /// Fills a buffer from the start of a file, as far as there is something.
    pub(super) fn read(path: &Path, buffer: &mut [u8]) -> io::Result<usize> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let found = std::fs::symlink_metadata(path)?;
        kept.file(path, &found)?.read_at(buffer, 0)
    }
}

#[cfg(not(unix))]
mod keeping {
    use std::io::{self, Read};
    use std::path::Path;

    /// Fills a buffer from the start of a file, as far as there is something.
    pub(super) fn read(path: &Path, buffer: &mut [u8]) -> io::Result<usize> {
        crate::files::open_plain(path)?.read(buffer)
    }
}

#[cfg(test)]
mod tests;
