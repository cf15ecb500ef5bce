//! One collection of a handle: opened when it is first needed, and anew when its index is no longer the one that was opened.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

use truthound_stores_core::{Clock, Error, ErrorKind, Progress, Result};

use crate::build::{self, Plan};
use crate::catch_up::{self, Caught, catch_up};
use crate::config::Durability;
use crate::describe::Folder;
use crate::files;
use crate::index::{self, Health};
use crate::live::{Live, is_indexed};
use crate::lock::{LONGEST, Turnstile};
use crate::private::Private;
use crate::scan;
use crate::upkeep::Why;

/// What a handle has of one collection.
#[derive(Debug, Default)]
pub(crate) struct Partition {
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    live: Arc<Live>,
    /// For a store that cannot be written: an index of our own, and what it was made from.
    private: Option<Private>,
}

/// How collections are opened.
pub(crate) struct Opening<'a> {
    pub(crate) durability: Durability,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) progress: &'a dyn Progress,
    /// Makes the description of the folder, which is looked at only when it is opened.
    pub(crate) folder: &'a dyn Fn() -> Result<Folder>,
    pub(crate) path: &'a Path,
    /// Whether the store was closed: then nothing is opened any more.
    pub(crate) closed: &'a AtomicBool,
}

impl Partition {
    /// Returns the open collection; `None` if there is nothing to open: no index and no document.
    pub(crate) fn read(&self, opening: &Opening<'_>) -> Result<Option<Arc<Live>>> {
        self.get(opening, false)
    }

    /// Returns the open collection, made if need be.
    pub(crate) fn write(&self, opening: &Opening<'_>) -> Result<Arc<Live>> {
        self.get(opening, true)?
            .ok_or_else(|| Error::new(ErrorKind::Internal, "the collection could not be made"))
    }

    /// Returns the collection if it is open and nobody is opening it at this moment; never waits.
    pub(crate) fn at_hand(&self) -> Option<Arc<Live>> {
        let open = match self.open.try_lock() {
            Ok(open) => open,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        open.as_ref().map(|open| Arc::clone(&open.live)).filter(|live| !live.is_refusing_for_now())
    }

    /// Returns the collection only if it is open.
    pub(crate) fn opened(&self) -> Option<Arc<Live>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|open| Arc::clone(&open.live))
    }

    /// Closes what is open, after what it has still to do; the next call opens it anew.
    pub(crate) fn reopen(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(open) = open {
            open.live.stop();
        }
    }

    fn get(&self, opening: &Opening<'_>, make: bool) -> Result<Option<Arc<Live>>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked when nobody closes it at this moment: what is opened before that is closed with the rest.
        if opening.closed.load(Ordering::Acquire) {
            return Err(Error::closed());
        }
        if let Some(known) = &*open {
            // One that is open for want of room, or because of a disk that failed, is opened anew to be written: it may do by now.
            let is_current = || match &known.private {
                None => known.live.identity.is_current(),
                Some(private) => private.is_current(opening.path),
            };
            if !known.live.is_over() && is_current() && !(make && known.live.is_refusing_for_now()) {
                return Ok(Some(Arc::clone(&known.live)));
            }
            // What was acknowledged there is put in its place before anybody looks at the documents.
            known.live.stop();
            *open = None;
        }
        *open = open_folder(opening, make, ATTEMPTS)?;
        Ok(open.as_ref().map(|open| Arc::clone(&open.live)))
    }
}

/// How often an index may be replaced by others while it is being opened.
const ATTEMPTS: u32 = 5;

fn open_folder(opening: &Opening<'_>, make: bool, attempts: u32) -> Result<Option<Open>> {
    let catalog = opening.path.join(crate::layout::CATALOG);
    let target = catalog.join(index::FILE);
    let mut folder = (opening.folder)()?;
    if build::has_heir(&target) {
        let mut turnstile = Turnstile::new(&catalog);
        let finished = turnstile.pass(LONGEST, &|| false).and_then(|_turn| build::enthrone(&target));
        match finished {
            // It can be read where it is.
            Err(error) if !make => return read_only(opening, folder, error).map(Some),
            finished => finished?,
        }
    }
    if !is_indexed(opening.path)? {
        // A log without its index may hold what has no file yet.
        if !make && Health::of(&target)? == Health::Nothing && !scan::has_documents(&folder)? {
            return Ok(None);
        }
        let syncs = opening.durability == Durability::Fsync;
        let ready = files::make_dirs(&catalog, syncs).and_then(|()| make_index(opening, &folder, &target));
        match ready {
            Ok(()) => {}
            Err(error) if !make && cannot_write(&error) => {
                return read_only(opening, folder, error).map(Some);
            }
            Err(error) => return Err(error),
        }
    }
    folder.folds_case = folds_case(opening.path);
    let folder = Arc::new(folder);
    if let Some(refusal) = write_access(&catalog, &target) {
        return read_only(opening, Arc::unwrap_or_clone(folder), refusal).map(Some);
    }
    let open = || Live::new(Arc::clone(&folder), &target, opening.durability, Arc::clone(opening.clock));
    let mut live = open()?;
    let caught = match catch_up(&live, opening) {
        // Another one took its place meanwhile.
        Err(error)
            if attempts > 0 && error.kind() == ErrorKind::Unavailable && !live.identity.is_current() =>
        {
            live.stop();
            return open_folder(opening, make, attempts - 1);
        }
        // What keeps it from being put in order keeps nobody from reading what is there, in a copy: a disk that is full or fails, no room
        // for the memory that processes share, somebody who builds it anew for minutes, or one file that somebody else owns.
        Err(error)
            if !make
                && matches!(
                    error.kind(),
                    ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Denied
                )
                && live.identity.is_current() =>
        {
            live.stop();
            drop(live);
            // Permissions may be mended without a change of what the copy was made from: the next writer tries.
            let refusal = if cannot_write(&error) { error.with_kind(ErrorKind::Unavailable) } else { error };
            return read_only(opening, Arc::unwrap_or_clone(folder), refusal).map(Some);
        }
        caught => caught?,
    };
    if caught == Caught::Anew {
        live.stop();
        live = open()?;
        drop(catch_up::finish_left(&live, Duration::ZERO));
    }
    Ok(Some(Open { live: Arc::new(live), private: None }))
}

/// Tells whether the file system takes `a` and `A` for one name; asked of the catalog's own folder.
fn folds_case(folder: &Path) -> bool {
    folder.join(crate::layout::CATALOG.to_ascii_uppercase()).is_dir()
}

/// Tells whether an error says that nothing can be written here at all.
fn cannot_write(error: &Error) -> bool {
    error.kind() == ErrorKind::Denied
}

/// Says why the catalog cannot be written, if it cannot.
#[cfg(unix)]
fn write_access(catalog: &Path, index: &Path) -> Option<Error> {
    use rustix::fs::{Access, access};

    let refused = |path: &Path, access_mode| {
        access(path, access_mode)
            .err()
            .map(|cause| crate::error::io_error("write the store's catalog", path, cause.into()))
    };
    refused(catalog, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)
        .or_else(|| refused(index, Access::READ_OK | Access::WRITE_OK))
}

#[cfg(not(unix))]
fn write_access(_: &Path, index: &Path) -> Option<Error> {
    let read_only = std::fs::metadata(index).is_ok_and(|meta| meta.permissions().readonly());
    read_only.then(|| {
        Error::new(ErrorKind::Denied, "the index is read-only").with("path", index.display().to_string())
    })
}

/// Builds the index of a folder that has none. Whoever comes meanwhile waits until it is whole.
fn make_index(opening: &Opening<'_>, folder: &Folder, target: &Path) -> Result<()> {
    let catalog = folder.catalog();
    let mut turnstile = Turnstile::new(&catalog);
    let _turn = turnstile.pass(LONGEST, &|| false)?;
    if is_indexed(opening.path)? {
        return Ok(());
    }
    let mut folder = folder.clone();
    folder.folds_case = folds_case(opening.path);
    if let Some(what) = Health::of(target)?.what() {
        let (clock, progress) = (&**opening.clock, opening.progress);
        return crate::upkeep::rebuild_at_turn(&folder, target, clock, progress, Why::Found(&what)).map(drop);
    }
    let plan = Plan {
        folder: &folder,
        clock: &**opening.clock,
        progress: opening.progress,
        rescued: Vec::new(),
        remarks: Vec::new(),
    };
    build::build(&plan, target)?;
    let index = index::open(target, index::Profile::Read)?;
    build::leave_standing(&catalog, &index, target)
}

/// A collection as its documents and what can be read of its index show it, beside the store: for reading only.
#[derive(Debug)]
pub(crate) struct Aside {
    pub(crate) live: Arc<Live>,
    /// Gone with this.
    _private: Private,
}

impl Aside {
    pub(crate) fn open(opening: &Opening<'_>) -> Result<Self> {
        let mut folder = (opening.folder)()?;
        folder.folds_case = folds_case(opening.path);
        let folder = Arc::new(folder);
        let private = Private::anew(opening, &folder)?;
        let refusal = Error::new(ErrorKind::Denied, "this index is for reading only");
        let live = Live::new(folder, private.index(), Durability::Os, Arc::clone(opening.clock))?;
        Ok(Self { live: Arc::new(live.refusing(refusal)), _private: private })
    }
}

/// Opens a store that cannot be written.
fn read_only(opening: &Opening<'_>, folder: Folder, refusal: Error) -> Result<Open> {
    let folder = Arc::new(folder);
    let private = Private::make(opening, &folder)?;
    let live =
        Live::new(folder, private.index(), Durability::Os, Arc::clone(opening.clock))?.refusing(refusal);
    Ok(Open { live: Arc::new(live), private: Some(private) })
}
