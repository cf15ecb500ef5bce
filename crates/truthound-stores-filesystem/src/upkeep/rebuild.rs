//! Rebuilds an index from the documents, and takes over what the old one had acknowledged.

use std::path::{Path, PathBuf};

use truthound_stores_core::{Clock, Progress, Result, random_u64};

use super::rescue::{Rescue, rescue};
use crate::build::{self, Built, Plan};
use crate::describe::Folder;
use crate::files;
use crate::index::{self, Health, Profile};
use crate::lock::{LONGEST, Turnstile};

/// Where an index keeps when and why it was rebuilt: `on 2026-01-01T00:00:00Z: some reason`.
pub(super) const REBUILT: &str = "rebuilt";
/// Where an index keeps why acknowledged documents may be missing in it, until somebody has been told by `verify --repair`.
pub(crate) const DOUBT: &str = "doubt";
/// How the names of damaged indexes begin that are kept.
pub(super) const KEPT: &str = "damaged-";

/// What a rebuild did.
#[derive(Debug, Default)]
pub(crate) struct Rebuilt {
    pub(crate) built: Built,
    /// How much that was acknowledged and not settled was taken over.
    pub(crate) rescued: usize,
    /// How much of it is known to be lost.
    pub(crate) missing: u64,
    /// Where the old index is kept, if not all of it could be read.
    pub(crate) kept: Option<PathBuf>,
}

/// Why an index is rebuilt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why<'a> {
    /// Somebody asked for it, and reads what is answered.
    Asked(Option<&'a str>),
    /// It was found to be damaged by somebody who wanted something else: what may be missing is said until somebody hears it.
    Found(&'a str),
    /// It was found to lack what it had, however well the rest can be read: as for [`Found`](Self::Found), in any case.
    Lost(&'a str),
}

impl<'a> Why<'a> {
    fn reason(self) -> Option<&'a str> {
        match self {
            Self::Asked(reason) => reason,
            Self::Found(reason) | Self::Lost(reason) => Some(reason),
        }
    }
}

/// Rebuilds the index of a folder at its place, at the turn of writers. Who has the old one open finds out and opens the new one.
///
/// The reason is remembered, for whoever asks how the store is.
pub(crate) fn rebuild(
    folder: &Folder,
    target: &Path,
    clock: &dyn Clock,
    progress: &dyn Progress,
    why: Why<'_>,
) -> Result<Rebuilt> {
    let mut turnstile = Turnstile::new(&folder.catalog());
    let _turn = turnstile.pass(LONGEST, &|| false)?;
    rebuild_at_turn(folder, target, clock, progress, why)
}

/// As [`rebuild`], for a caller who has the turn of writers.
pub(crate) fn rebuild_at_turn(
    folder: &Folder,
    target: &Path,
    clock: &dyn Clock,
    progress: &dyn Progress,
    why: Why<'_>,
) -> Result<Rebuilt> {
    let catalog = folder.catalog();
    // One that was built before and waits for its place has what the old one had, whose log may be gone.
    build::enthrone(target)?;
    let found = rescue(folder, target, &catalog, clock);
    let mut rebuilt =
        Rebuilt { rescued: found.rescued.len(), missing: found.missing.len() as u64, ..Rebuilt::default() };
    if !found.complete {
        rebuilt.kept = keep(target, clock)?;
    }
    let mut remarks = Vec::new();
    if let Some(reason) = why.reason() {
        remarks.push((REBUILT, format!("on {}: {reason}", clock.now())));
    }
    remarks.extend(doubt(&found, why, rebuilt.kept.as_deref()).map(|doubt| (DOUBT, doubt)));
    let plan = Plan { folder, clock, progress, rescued: found.rescued, remarks };
    rebuilt.built = build::build(&plan, target)?;
    let index = index::open(target, Profile::Read)?;
    build::leave_standing(&catalog, &index, target)?;
    Ok(rebuilt)
}

/// Says why what was acknowledged may be missing in the index that is rebuilt, if nobody else says so.
pub(crate) fn doubt(found: &Rescue, why: Why<'_>, kept: Option<&Path>) -> Option<String> {
    let reason = match why {
        Why::Lost(reason) => reason,
        Why::Found(reason) if !found.complete => reason,
        Why::Found(_) | Why::Asked(_) => return found.doubt.clone(),
    };
    let kept = kept.map(|path| format!("; it is kept as {}", path.display())).unwrap_or_default();
    let missing = match found.missing.len() {
        0 => "saves of its last moments".to_owned(),
        1 => "1 acknowledged change, and others of its last moments".to_owned(),
        number => format!("{number} acknowledged changes, and others of its last moments"),
    };
    Some(format!("the index was damaged ({reason}), and rebuilt: {missing} may be missing{kept}"))
}

/// Keeps a damaged index: what was acknowledged last may be in it and nowhere else.
fn keep(target: &Path, clock: &dyn Clock) -> Result<Option<PathBuf>> {
    let name = format!("{KEPT}{:08x}", random_u64(clock) >> 32);
    let as_file = |end: &str| target.with_file_name(format!("{name}{end}"));
    // A log that SQLite does not read to its end would be gone as soon as somebody looks at the index with another program.
    let log = if matches!(Health::of(target)?, Health::Well(_)) { ".db-wal" } else { ".wal" };
    let mut kept = None;
    for (from, to) in [(index::log_of(target), as_file(log)), (target.to_owned(), as_file(".db"))] {
        if files::stamp(&from)?.is_some_and(|stamp| stamp.size > 0) {
            // Half a copy would be told of as one that was kept, and take the room that is short.
            let half = target.with_file_name(format!("building-{:016x}", random_u64(clock)));
            let copied = std::fs::copy(&from, &half)
                .map_err(|cause| crate::error::io_error("keep the damaged index", &to, cause));
            let placed =
                copied.and_then(|_| files::sync_path(&half)).and_then(|()| files::put_in_place(&half, &to));
            if placed.is_err() {
                drop(files::remove(&half));
            }
            placed?;
            kept = Some(to);
        }
    }
    if let (Some(_), Some(catalog)) = (&kept, target.parent()) {
        files::sync_dir(catalog)?;
    }
    Ok(kept)
}
