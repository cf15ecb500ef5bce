//! What is wrong with an index, as far as its files show it before SQLite opens them: what SQLite takes for the remains of a crash it
//! ignores, overwrites or deletes.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use truthound_stores_core::Result;

use super::shared::was_told;
use super::wal::{self, Log, Part, Resealed};
use super::{create, finish};
use crate::error::io_error;
use crate::{files, owner};

/// How an index's files look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// As far as can be seen, well; pages are checked by those who read them.
    Well(Log),
    /// The log is damaged: commits lie behind what cannot be read.
    Cut { frame: u32, frames: u32 },
    /// The file has no bytes. SQLite would take it for a new one, and delete the log that is there.
    Empty,
    /// There is a log, and no index.
    Headless(Log),
    /// There is nothing.
    Nothing,
}

impl Health {
    /// Looks at an index and its log. Whoever has not the turn of writers may meet a log that is just being written.
    pub(crate) fn of(index: &Path) -> Result<Self> {
        let log = log_of(index);
        match (
            files::stamp(index)?.map(|stamp| stamp.size),
            files::stamp(&log)?.map_or(0, |stamp| stamp.size),
        ) {
            (Some(0), _) => Ok(Self::Empty),
            (None, 0) => Ok(Self::Nothing),
            (None, _) => Ok(Self::Headless(look_through(&log)?)),
            (Some(_), 0) => Ok(Self::Well(Log::Whole)),
            (Some(_), _) => {
                let seen = look_through(&log)?;
                // Where the log was whole since the system was started, no power cut can have left it so.
                let knows_no_power_cut = index.parent().is_some_and(owner::was_whole_since_start);
                Ok(match seen {
                    Log::Damaged { frame, is_last: true, .. }
                        if knows_no_power_cut && !was_told(index, &log, frame) =>
                    {
                        Self::Well(Log::Torn { is_rest_misleading: true, only_by_power_cut: None })
                    }
                    Log::Damaged { frame, frames, .. } => Self::Cut { frame, frames },
                    Log::Torn { only_by_power_cut: Some((frame, frames)), .. }
                        if knows_no_power_cut && was_told(index, &log, frame) =>
                    {
                        Self::Cut { frame, frames }
                    }
                    log => Self::Well(log),
                })
            }
        }
    }

    /// Says what is wrong, if it is more than a crash leaves.
    pub(crate) fn what(&self) -> Option<String> {
        match self {
            Self::Well(_) | Self::Nothing => None,
            Self::Cut { frame: 0, .. } => {
                Some("the header of its log is damaged, and commits follow".to_owned())
            }
            Self::Cut { frame, frames } => {
                Some(format!("its log is damaged at frame {frame} of {frames}, and commits follow"))
            }
            Self::Empty => Some("the file is empty".to_owned()),
            Self::Headless(_) => Some("the file is gone, and its log is there".to_owned()),
        }
    }
}

fn look_through(log: &Path) -> Result<Log> {
    // One that was deleted this moment was moved into the index before.
    let Ok(file) = files::open_plain(log) else { return Ok(Log::Whole) };
    wal::examine(&mut BufReader::with_capacity(1 << 16, file))
        .map_err(|cause| io_error("read the index's log", log, cause))
}

/// Returns the path of an index's log.
pub(crate) fn log_of(index: &Path) -> PathBuf {
    beside(index, "-wal")
}

/// Returns the path of a file that belongs to an index.
pub(super) fn beside(index: &Path, end: &str) -> PathBuf {
    let mut path = index.as_os_str().to_owned();
    path.push(end);
    PathBuf::from(path)
}

/// What a database of SQLite's begins with (<https://sqlite.org/fileformat2.html#the_database_header>).
const START: &[u8; 16] = b"SQLite format 3\0";
/// Where the first page says for which change its number of pages is valid.
const VALID_FOR: u64 = 92;
/// The size of our pages.
const PAGE: u64 = 4096;

/// Copies an index and `part` of its log to `to`, so that as much of both as there is can be read: pages of the index that are gone are
/// those of an empty one. What is read there must be held against its seals. Answers whether the log alone has all pages.
pub(crate) fn copy_readable(index: &Path, part: Part, to: &Path) -> Result<bool> {
    let failed = |cause| io_error("copy what is left of the index", to, cause);
    finish(create(to)?, to)?;
    let copy = || -> std::io::Result<bool> {
        let mut resealed = Resealed::default();
        if let Ok(log) = files::open_plain(&log_of(index)) {
            let mut copy = BufWriter::new(File::create(log_of(to))?);
            resealed = wal::reseal(&mut BufReader::with_capacity(1 << 16, log), part, &mut copy)?;
            copy.flush()?;
        }
        let mut copy = File::options().write(true).open(to)?;
        let mut is_headless = true;
        if let Ok(mut old) = files::open_plain(index) {
            let mut start = [0; START.len()];
            if old.read_exact(&mut start).is_ok() {
                // Where each table begins says the first page. Ours are made in one order, so that another index's says it, too.
                is_headless = start != *START;
                let from = if is_headless { PAGE } else { 0 };
                old.seek(SeekFrom::Start(from))?;
                copy.seek(SeekFrom::Start(from))?;
                std::io::copy(&mut old, &mut copy)?;
            }
        }
        if is_headless {
            // The number of pages that a new first page tells is none of these: where the counters beside it differ, the file's size counts
            // (<https://sqlite.org/fileformat2.html#in_header_database_size>).
            copy.seek(SeekFrom::Start(VALID_FOR))?;
            copy.write_all(&[0; 4])?;
        }
        let size = copy.metadata()?.len();
        copy.set_len(size.max(u64::from(resealed.pages) * PAGE))?;
        Ok(resealed.has_all)
    };
    copy().map_err(failed)
}
