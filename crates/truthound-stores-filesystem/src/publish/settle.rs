//! Settling: what is in its place is synced, and then dropped from the index's log.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use truthound_stores_core::Result;

use super::{Publisher, Work};
use crate::commit::Job;
use crate::files;
use crate::index::{self, LONG_LOG};

impl Publisher {
    /// Waits for the disk, and lets the committer drop what is on it.
    pub(super) fn settle(&mut self) -> Result<()> {
        self.tell_of_strangers();
        if self.forgotten {
            self.take_up_again()?;
            self.publish()?;
        }
        if self.count == 0 {
            return Ok(());
        }
        if self.syncs {
            let synced = self.disk.sync(&self.folder.path, &self.open, self.count);
            if synced.is_err() {
                // What the system could not write it may have forgotten: all of it is written again, if not now then before the next
                // sync, which would know nothing of it.
                self.failing.store(true, Ordering::Release);
                self.forgotten = true;
                drop(self.take_up_again());
                return synced;
            }
        }
        let (upto, weight) = (self.last, self.weight);
        self.forget_published();
        // A committer that is gone leaves the rest to whoever opens the store next.
        drop(self.committer.send(Job::Settle { upto, weight }));
        self.move_log()
    }

    fn forget_published(&mut self) {
        (self.count, self.bytes, self.weight, self.removed) = (0, 0, 0, false);
        self.open.clear();
    }

    /// Takes everything of this handle that was published and is not settled up again, from the index. Fails as a whole.
    fn take_up_again(&mut self) -> Result<()> {
        let mut all = self.readers.read("read what is not settled", |index| {
            index::pending(index, self.owner.token(), 0, usize::MAX)
        })?;
        all.retain(|pending| pending.seq <= self.last);
        let mut again = VecDeque::with_capacity(all.len() + self.backlog.len());
        for pending in all {
            let sidecar = crate::recover::sidecar_of(&self.folder, &self.readers, &pending)?;
            again.push_back(Work { pending, sidecar, weight: 0 });
        }
        match again.back_mut() {
            Some(last) => last.weight = self.weight,
            // Others have overwritten all of it.
            None => drop(self.committer.send(Job::Settle { upto: self.last, weight: self.weight })),
        }
        again.append(&mut self.backlog);
        self.backlog = again;
        self.forget_published();
        self.forgotten = false;
        Ok(())
    }

    /// Moves a log that has grown long into the index, as far as readers allow; commits go on meanwhile.
    fn move_log(&self) -> Result<()> {
        let mut log = self.readers.path().as_os_str().to_owned();
        log.push("-wal");
        if files::stamp(&PathBuf::from(log))?.is_none_or(|stamp| stamp.size < LONG_LOG) {
            return Ok(());
        }
        self.readers.read("move the log into the index", checkpoint)?;
        drop(self.committer.send(Job::MoveLog));
        Ok(())
    }
}

/// Moves what is in the log into the index, waiting for nobody (<https://sqlite.org/c3ref/wal_checkpoint_v2.html>).
pub(crate) fn checkpoint(index: &rusqlite::Connection) -> rusqlite::Result<()> {
    index.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}
