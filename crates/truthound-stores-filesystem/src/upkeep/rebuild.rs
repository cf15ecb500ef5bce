//! Rebuilds an index from the documents, and takes over what the old one had acknowledged.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use truthound_stores_core::{Clock, Progress, Result, random_u64};

use crate::build::{self, Built, Plan, Rescued};
use crate::describe::Folder;
use crate::files;
use crate::index::{self, Profile, sql_error};
use crate::lock::{LONGEST, Turnstile};
use crate::{owner, publish};

/// Where an index keeps when and why it was rebuilt: `on 2026-01-01T00:00:00Z: some reason`.
pub(super) const REBUILT: &str = "rebuilt";

/// What a rebuild did.
#[derive(Debug, Default)]
pub(crate) struct Rebuilt {
    pub(crate) built: Built,
    /// How much that was acknowledged and not settled was taken over.
    pub(crate) rescued: usize,
    /// Where the old index is kept, if not all of it could be read.
    pub(crate) kept: Option<PathBuf>,
}

/// Rebuilds the index of a folder at its place, at the turn of writers. Who has the old one open finds out and opens the new one.
///
/// `reason` is remembered, for whoever asks how the store is.
pub(crate) fn rebuild(
    folder: &Folder,
    target: &Path,
    clock: &dyn Clock,
    progress: &dyn Progress,
    reason: Option<&str>,
) -> Result<Rebuilt> {
    let catalog = folder.catalog();
    let mut turnstile = Turnstile::new(&catalog);
    let _turn = turnstile.pass(LONGEST, &|| false)?;
    let (rescued, complete) = rescue(folder, target);
    let mut rebuilt = Rebuilt { rescued: rescued.len(), ..Rebuilt::default() };
    if !complete {
        rebuilt.kept = keep(target, clock)?;
    }
    rebuilt.built = build::build(&Plan { folder, clock, progress, rescued }, target)?;
    let index = index::open(target, Profile::Write(crate::config::Durability::Fsync))?;
    if let Some(reason) = reason {
        index::set_meta(&index, REBUILT, format!("on {}: {reason}", clock.now()))
            .map_err(|cause| sql_error("write the index", target, cause))?;
    }
    build::leave_standing(&catalog, &index, target)?;
    Ok(rebuilt)
}

/// Reads what an index had acknowledged and not settled; answers, too, whether that was all.
pub(crate) fn rescue(folder: &Folder, target: &Path) -> (Vec<Rescued>, bool) {
    if files::stamp(target).is_ok_and(|stamp| stamp.is_none()) {
        return (Vec::new(), true);
    }
    let Ok(index) = index::open(target, Profile::Read) else { return (Vec::new(), false) };
    let mut rescued = Vec::new();
    let read = read_into(folder, &index, &mut rescued).is_ok();
    // A save whose row is damaged may be more than its bytes say.
    let complete =
        read && rescued.iter().all(|rescued| rescued.row.is_some() || rescued.pending.body.is_none());
    rescued.sort_by_key(|rescued| rescued.pending.seq);
    (rescued, complete)
}

fn read_into(folder: &Folder, index: &Connection, rescued: &mut Vec<Rescued>) -> rusqlite::Result<()> {
    let epoch = index::bounds(index)?.epoch;
    for (owner, ..) in index::owners(index)? {
        let progress = owner::progress(&folder.catalog(), owner, epoch);
        let mut after = 0;
        loop {
            let chunk = index::pending(index, owner, after, 16)?;
            let Some(last) = chunk.last().map(|pending| pending.seq) else { break };
            after = last;
            for pending in chunk {
                // It is found in the folder, as what it is now.
                if publish::is_undone(folder, &pending, progress) {
                    continue;
                }
                // A row that cannot be read can be made anew from the document.
                let row =
                    index::by_id(index, &pending.id).ok().flatten().filter(|row| row.seq == pending.seq);
                rescued.push(Rescued { owner, pending, row });
            }
        }
    }
    Ok(())
}

/// Keeps a damaged index: what was acknowledged last may be in it and nowhere else.
fn keep(target: &Path, clock: &dyn Clock) -> Result<Option<PathBuf>> {
    let name = format!("damaged-{:08x}.db", random_u64(clock) >> 32);
    let kept = target.with_file_name(name);
    for end in ["-wal", ""] {
        let with_end = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        let (from, to) = (with_end(target), with_end(&kept));
        if files::stamp(&from)?.is_some() {
            std::fs::copy(&from, &to)
                .map_err(|cause| crate::error::io_error("keep the damaged index", &to, cause))?;
            files::sync_path(&to)?;
        }
    }
    Ok(Some(kept))
}
