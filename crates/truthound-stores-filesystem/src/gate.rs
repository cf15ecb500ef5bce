//! One publisher of a folder at a time, and what the last one left: how the folder and the index stood then.
//!
//! A folder whose modification time is another than the last publisher left has been changed by somebody else; an index that has come
//! less far than the last publisher saw has lost entries.

use std::path::Path;
use std::time::Duration;

use truthound_stores_core::Result;

use crate::describe::Folder;
use crate::error::io_error;
use crate::files;
use crate::index::Bounds;
use crate::lock::{LONGEST, Lockable};

const NAME: &str = "publish";

/// Left in place of a folder's time when not all its names are known: no folder has it, so they are compared.
pub(crate) const UNKNOWN: i64 = i64::MIN;

/// How folder and index stood when the last publisher was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Which index it was.
    pub(crate) epoch: i64,
    /// The last place of its feed that was given.
    pub(crate) last: i64,
    /// The folder's modification time, with which all its names were known.
    pub(crate) folder: i64,
}

impl Standing {
    fn to_text(self) -> String {
        // Of one length, so that a shorter one leaves nothing of a longer one behind.
        format!("{:016x} {:016x} {:016x}\n", self.epoch, self.last, self.folder)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words =
            text.split_whitespace().map(|word| u64::from_str_radix(word, 16).map(u64::cast_signed).ok());
        let mut next = || words.next().flatten();
        Some(Self { epoch: next()?, last: next()?, folder: next()? })
    }
}

/// The lock of publishers.
#[derive(Debug)]
pub(crate) struct Gate {
    lock: Lockable,
}

/// Held by the one who publishes.
#[derive(Debug)]
pub(crate) struct Passage<'g> {
    gate: &'g mut Gate,
}

impl Gate {
    pub(crate) fn new(catalog: &Path) -> Self {
        Self { lock: Lockable::new(catalog.join(NAME)) }
    }

    /// Passes if no other publishes at this moment.
    pub(crate) fn try_pass(&mut self) -> Result<Option<Passage<'_>>> {
        Ok(if self.lock.try_lock()? { Some(Passage { gate: self }) } else { None })
    }

    /// Waits until no other publishes. Blocks the thread.
    pub(crate) fn pass(&mut self) -> Result<Passage<'_>> {
        self.pass_within(LONGEST)
    }

    /// Waits until no other publishes, at most `patience`. Blocks the thread.
    pub(crate) fn pass_within(&mut self, patience: Duration) -> Result<Passage<'_>> {
        let mut left = patience;
        self.lock.lock(&mut left, &|| false)?;
        Ok(Passage { gate: self })
    }
}

/// Reads what the last publisher left, without waiting for one that is at work; `None` if there is nothing, or nothing readable.
pub(crate) fn glance(catalog: &Path) -> Option<Standing> {
    Standing::parse(&std::fs::read_to_string(catalog.join(NAME)).ok()?)
}

impl Passage<'_> {
    /// Reads what the last publisher left.
    pub(crate) fn standing(&self) -> Option<Standing> {
        glance(self.gate.lock.path().parent()?)
    }

    /// Leaves word for the next. Not synced: after a power cut the worst is that names are compared once more.
    pub(crate) fn leave(&self, standing: Standing) -> Result<()> {
        use std::io::{Seek, SeekFrom, Write};

        let Some(mut file) = self.gate.lock.file() else { return Ok(()) };
        let written =
            file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(standing.to_text().as_bytes()));
        written.map_err(|cause| io_error("write down how the folder stands", self.gate.lock.path(), cause))
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        self.gate.lock.unlock();
    }
}

/// Tells whether an index that has come this far knows all names of a folder: nobody but our own writers has changed it since, and
/// Truthound has not written its own index. `hint` is what that was when names were last compared.
pub(crate) fn is_known(
    folder: &Folder,
    standing: Option<Standing>,
    bounds: &Bounds,
    hint: i64,
) -> Result<bool> {
    let Some(standing) = standing else { return Ok(false) };
    Ok(standing.epoch == bounds.epoch
        && standing.last <= bounds.last
        && standing.folder == time_of(&folder.path)?
        && hint == crate::build::hint_of(folder)?)
}

/// Returns a folder's modification time; 0 if there is no folder.
pub(crate) fn time_of(folder: &Path) -> Result<i64> {
    Ok(files::stamp(folder)?.map_or(0, |stamp| stamp.modified))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_reads_back_and_nothing_else_does() {
        let standing = Standing { epoch: i64::MAX, last: 7, folder: UNKNOWN };
        assert_eq!(Standing::parse(&standing.to_text()), Some(standing));
        for text in ["", "1 2", "x y z", "1 2 zz"] {
            assert_eq!(Standing::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_one_publisher_leaves_the_next_finds() {
        let dir = tempfile::tempdir().unwrap();
        let (mut one, mut two) = (Gate::new(dir.path()), Gate::new(dir.path()));
        let standing = Standing { epoch: 1, last: 2, folder: 3 };
        one.pass().unwrap().leave(standing).unwrap();
        let passage = two.pass().unwrap();
        assert_eq!(passage.standing(), Some(standing));
        assert!(!one.lock.try_lock().unwrap(), "only one at a time");
    }
}
