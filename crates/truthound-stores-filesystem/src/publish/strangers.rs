//! Who else changes a folder's names while a handle publishes there.
//!
//! The folder's time tells of most, but not of a file that comes within the same tick of a coarse clock (Linux before 6.13) as our own last
//! change: what the watch has seen between two batches counts, too.

use std::collections::HashSet;
use std::path::Path;

use crate::gate::{self, Passage, Standing};
use crate::watch::Watch;

/// Watches a folder's names between and during a handle's publications.
#[derive(Debug)]
pub(crate) struct Strangers {
    watch: Watch,
    /// What this handle left when it published last.
    left: Option<Standing>,
    /// Whether names of others were seen since.
    seen: bool,
}

impl Strangers {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { watch: Watch::new(folder), left: None, seen: false }
    }

    /// Tells, before a batch, whether nobody else has changed names since this handle published last. If others have published meanwhile,
    /// their names are not told from a stranger's: they have looked themselves.
    pub(crate) fn were_none(&mut self, standing: Option<Standing>) -> bool {
        self.look();
        let seen = std::mem::take(&mut self.seen);
        self.left.is_none() || self.left != standing || !seen
    }

    /// Tells, after a batch, whether all names that changed meanwhile are `ours`.
    pub(crate) fn are_none(&self, ours: &HashSet<String>) -> bool {
        self.watch.all(|name| is_ours(name, ours))
    }

    /// Takes note of how the folder is left.
    pub(crate) fn leave(&mut self, standing: Standing) {
        self.left = Some(standing);
    }

    /// Looks for names that others have changed since this handle published last.
    pub(crate) fn look(&mut self) -> bool {
        self.seen |= !self.are_none(&HashSet::new());
        self.seen && self.left.is_some()
    }

    /// Leaves word of what was seen, for whoever opens the store next.
    pub(crate) fn tell(&mut self, passage: &Passage<'_>) {
        self.seen = false;
        let Some(left) = self.left.filter(|_| passage.standing() == self.left) else { return };
        let standing = Standing { folder: gate::UNKNOWN, ..left };
        if passage.leave(standing).is_ok() {
            self.left = Some(standing);
        }
    }
}

/// Tells whether a name that changed in the folder is one that we changed, or none of a document's.
pub(crate) fn is_ours(name: &str, ours: &HashSet<String>) -> bool {
    name.starts_with(['_', '.']) || ours.contains(name)
}
