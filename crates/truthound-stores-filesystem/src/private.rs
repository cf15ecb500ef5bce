//! An index of one's own, for a store that can be read and not written.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use truthound_stores_core::{Clock, Error, ErrorKind, Result, random_u64};

use crate::build::{self, Plan};
use crate::describe::Folder;
use crate::error::io_error;
use crate::files::{self, Stamp};
use crate::gate;
use crate::index::{self, Health};
use crate::partition::Opening;
use crate::place;
use crate::upkeep::{self, Rescue, Why};

mod room;

use room::Room;

/// An index in a folder of its own, removed with it.
#[derive(Debug)]
pub(crate) struct Private {
    index: PathBuf,
    seen: Seen,
    #[allow(dead_code, reason = "the folder lives as long as this")]
    room: Room,
}

/// What an index was made from: when one of these changes, it is old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    folder: Option<Stamp>,
    index: Option<Stamp>,
    log: Option<Stamp>,
    heirs: [Option<Stamp>; 2],
}

impl Seen {
    fn look(folder: &Path) -> Result<Self> {
        let index = folder.join(crate::layout::CATALOG).join(index::FILE);
        let mut log = index.clone().into_os_string();
        log.push("-wal");
        Ok(Self {
            folder: files::stamp(folder)?,
            index: files::stamp(&index)?,
            log: files::stamp(&PathBuf::from(log))?,
            heirs: build::heir_stamps(&index)?,
        })
    }
}

impl Private {
    /// Copies the store's index, or builds one from the documents if it has none that can be read.
    pub(crate) fn make(opening: &Opening<'_>, folder: &Folder) -> Result<Self> {
        let room = Room::make(&std::env::temp_dir(), random_u64(&**opening.clock))?;
        let private = Self { index: room.path().join(index::FILE), room, seen: Seen::look(opening.path)? };
        let source = source(folder)?;
        let clock = &**opening.clock;
        let health = settled_health(opening.path, &source)?;
        let mut found = Rescue::default();
        if let Some(what) = health.what() {
            // SQLite would read none of it, or not to its end.
            found = upkeep::rescue(folder, &source, private.room.path(), clock);
            found.doubt = upkeep::doubt(&found, Why::Found(&what), None);
        } else if files::stamp(&source)?.is_some() && private.copy(&source) {
            let index = index::open(&private.index, index::Profile::Read)?;
            if knows_all(folder, &index, &private.index)? {
                return Ok(private);
            }
            // Documents that the index does not know must be looked for; what only its log knows must not be lost over that.
            drop(index);
            found = upkeep::rescue(folder, &private.index, private.room.path(), clock);
        }
        private.build(opening, folder, found)
    }

    /// Builds an index of our own from the documents and what can be read of the store's own, whatever is wrong with that.
    pub(crate) fn anew(opening: &Opening<'_>, folder: &Folder) -> Result<Self> {
        let room = Room::make(&std::env::temp_dir(), random_u64(&**opening.clock))?;
        let private = Self { index: room.path().join(index::FILE), room, seen: Seen::look(opening.path)? };
        let source = source(folder)?;
        let found = upkeep::rescue(folder, &source, private.room.path(), &**opening.clock);
        private.build(opening, folder, found)
    }

    fn build(self, opening: &Opening<'_>, folder: &Folder, found: Rescue) -> Result<Self> {
        let remarks = found.doubt.into_iter().map(|doubt| (upkeep::DOUBT, doubt)).collect();
        let clock = &**opening.clock;
        let plan = Plan { folder, clock, progress: opening.progress, rescued: found.rescued, remarks };
        build::build(&plan, &self.index)?;
        Ok(self)
    }

    pub(crate) fn index(&self) -> &Path {
        &self.index
    }

    pub(crate) fn is_current(&self, folder: &Path) -> bool {
        Seen::look(folder).is_ok_and(|seen| seen == self.seen)
    }

    /// Copies an index with its log, as of one moment; answers whether it could be read.
    ///
    /// Where SQLite cannot take part in the sharing of the log, for want of permission to write, files are copied instead: good if
    /// nobody has changed them meanwhile.
    fn copy(&self, source: &Path) -> bool {
        let into = |connection: &Connection| {
            connection.execute("VACUUM INTO ?1", [self.index.to_string_lossy()]).and_then(|_| {
                let copy = Connection::open(&self.index)?;
                copy.pragma_update(None, "journal_mode", "WAL")
            })
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        // SQLite refuses links in any part of a path, and where the store is, one may have led.
        let source = &place::resolved(source);
        if Connection::open_with_flags(source, flags).is_ok_and(|connection| into(&connection).is_ok()) {
            return true;
        }
        let with_end = |path: &Path, end: &str| PathBuf::from(format!("{}{end}", path.display()));
        let folder = source.parent().and_then(Path::parent).unwrap_or(source);
        for _ in 0..5 {
            let before = Seen::look(folder).ok();
            let copied = copy_file(source, &self.index).is_ok()
                && (before.is_none_or(|seen| seen.log.is_none())
                    || copy_file(&with_end(source, "-wal"), &with_end(&self.index, "-wal")).is_ok());
            let readable = copied
                && index::open(&self.index, index::Profile::Read)
                    .is_ok_and(|index| index::bounds(&index).is_ok());
            if readable && before.is_some() && Seen::look(folder).ok() == before {
                return true;
            }
            for end in ["", "-wal", "-shm"] {
                drop(std::fs::remove_file(with_end(&self.index, end)));
            }
        }
        false
    }
}

/// Looks at an index without a turn: a log that is just being written may look like a damaged one, but not the same twice.
fn settled_health(folder: &Path, source: &Path) -> Result<Health> {
    settled(|| Ok((Seen::look(folder)?, Health::of(source)?)))
}

/// Looks again as long as what looks damaged changes between two looks.
fn settled<S: PartialEq>(mut look: impl FnMut() -> Result<(S, Health)>) -> Result<Health> {
    let mut before = look()?;
    for _ in 0..20 {
        if !matches!(before.1, Health::Cut { .. }) {
            break;
        }
        let again = look()?;
        if again == before {
            break;
        }
        before = again;
    }
    Ok(before.1)
}

/// Reads what an index that is damaged had acknowledged and not settled, and changes nothing beside it.
pub(crate) fn rescued(folder: &Folder, clock: &dyn Clock) -> Result<Rescue> {
    let room = Room::make(&std::env::temp_dir(), random_u64(clock))?;
    Ok(upkeep::rescue(folder, &source(folder)?, room.path(), clock))
}

/// Tells whether nobody but our own writers has changed the folder since the index knew all its names.
fn knows_all(folder: &Folder, index: &Connection, path: &Path) -> Result<bool> {
    let failed = |cause| index::sql_error("read the index", path, cause);
    let bounds = index::bounds(index).map_err(failed)?;
    let hint: i64 = index::meta(index, "hint").map_err(failed)?.unwrap_or(0);
    gate::is_known(folder, gate::glance(&folder.catalog()), &bounds, hint)
}

/// Returns the index that counts: one that is to take the place of another may not have got there.
///
/// # Errors
/// `Unavailable` if its log already bears the name that it does not have itself yet.
fn source(folder: &Folder) -> Result<PathBuf> {
    let target = folder.catalog().join(index::FILE);
    match build::heir(&target)? {
        Some(heir) => Ok(heir),
        None => Ok(target),
    }
}

/// Copies what a file holds, and not that it must not be written.
fn copy_file(from: &Path, to: &Path) -> std::io::Result<u64> {
    std::io::copy(&mut files::open_plain(from)?, &mut File::create_new(to)?)
}

fn failed(path: &Path, cause: std::io::Error) -> Error {
    let why =
        io_error("make a folder for an index of our own, since the store cannot be written", path, cause);
    why.with_kind(ErrorKind::Unavailable)
}

#[cfg(test)]
mod tests;
