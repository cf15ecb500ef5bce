//! One collection of a handle: opened when it is first needed, and anew when its index is no longer the one that was opened.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use truthound_stores_core::{Clock, Error, ErrorKind, Progress, Result};

use crate::build::{self, Plan};
use crate::config::Durability;
use crate::describe::{Folder, Loaded};
use crate::files;
use crate::gate::{self, Gate, Standing};
use crate::index::{self, sql_error};
use crate::live::{Live, is_indexed};
use crate::lock::{LONGEST, Turnstile};
use crate::private::Private;
use crate::recover;
use crate::scan::{self, Name};

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
        open.as_ref().map(|open| Arc::clone(&open.live))
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
            let current = !known.live.is_over()
                && match &known.private {
                    None => known.live.identity.is_current(),
                    Some(private) => private.is_current(opening.path),
                };
            if current {
                return Ok(Some(Arc::clone(&known.live)));
            }
            // What was acknowledged there is put in its place before anybody looks at the documents.
            known.live.stop();
            *open = None;
        }
        *open = open_folder(opening, make)?;
        Ok(open.as_ref().map(|open| Arc::clone(&open.live)))
    }
}

fn open_folder(opening: &Opening<'_>, make: bool) -> Result<Option<Open>> {
    let catalog = opening.path.join(crate::layout::CATALOG);
    let target = catalog.join(index::FILE);
    let mut folder = (opening.folder)()?;
    if !is_indexed(opening.path)? {
        if !make && !scan::has_documents(&folder)? {
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
    if catch_up(&live, opening)? == Caught::Anew {
        live.stop();
        live = open()?;
        drop(finish_left(&live));
    }
    Ok(Some(Open { live: Arc::new(live), private: None }))
}

/// How an index was brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caught {
    /// It is the one that was opened.
    Up,
    /// It was built anew.
    Anew,
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
    // As long as somebody builds, there is a reason to wait.
    while let Err(error) = turnstile.pass(LONGEST, &|| false) {
        if error.kind() != ErrorKind::Timeout || !is_being_built(&catalog) {
            return Err(error);
        }
    }
    let _turn = turnstile.pass(LONGEST, &|| false)?;
    if is_indexed(opening.path)? {
        return Ok(());
    }
    let mut folder = folder.clone();
    folder.folds_case = folds_case(opening.path);
    let plan =
        Plan { folder: &folder, clock: &**opening.clock, progress: opening.progress, rescued: Vec::new() };
    build::build(&plan, target)?;
    let index = index::open(target, index::Profile::Read)?;
    build::leave_standing(&catalog, &index, target)
}

fn is_being_built(catalog: &Path) -> bool {
    let entries = std::fs::read_dir(catalog).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("building-"))
}

/// Opens a store that cannot be written.
fn read_only(opening: &Opening<'_>, folder: Folder, refusal: Error) -> Result<Open> {
    let folder = Arc::new(folder);
    let private = Private::make(opening, &folder)?;
    let live =
        Live::new(folder, private.index(), Durability::Os, Arc::clone(opening.clock))?.refusing(refusal);
    Ok(Open { live: Arc::new(live), private: Some(private) })
}

/// Brings an index that was just opened up to what the folder holds: what dead writers left, what other programs added, and what the
/// index itself may have lost.
fn catch_up(live: &Live, opening: &Opening<'_>) -> Result<Caught> {
    let catalog = live.folder.catalog();
    // Before anything is done by it: an index that has lost its end must not put what it still knows over what came later.
    if has_lost(live)? {
        let (path, clock) = (live.identity.path(), &**opening.clock);
        let reason = "the index had lost its latest entries";
        crate::upkeep::rebuild(&live.folder, path, clock, opening.progress, Some(reason))?;
        return Ok(Caught::Anew);
    }
    let due = live.readers.read("open the index", |index| {
        let left = recover::left(index, &catalog, live.owner())?;
        Ok(!left.is_empty() && recover::is_due(&live.folder, index, &left)?)
    })?;
    if due && let Err(error) = finish_left(live) {
        // What was left can be read from the log: a full disk must not keep anybody from that.
        if error.kind() == ErrorKind::Corrupt {
            return Err(error);
        }
    }
    // A publisher may be at work: the folder changes before it has left word.
    let bounds = live.readers.read("open the index", index::bounds)?;
    if is_known(live, &bounds, gate::glance(&catalog))? {
        return Ok(Caught::Up);
    }
    // One who is at work, or was stopped in the middle of it, keeps nobody from reading: names are compared another time.
    let Some(standing) = Gate::new(&catalog).try_pass()?.map(|passage| passage.standing()) else {
        return Ok(Caught::Up);
    };
    let bounds = live.readers.read("open the index", index::bounds)?;
    if is_known(live, &bounds, standing)? {
        return Ok(Caught::Up);
    }
    find_new(live, opening.progress)?;
    Ok(Caught::Up)
}

/// Tells whether the index has come less far than the last publisher saw.
fn has_lost(live: &Live) -> Result<bool> {
    let catalog = live.folder.catalog();
    // The index is looked at after the publisher's word: it may go on meanwhile.
    let is_behind = |standing: Option<Standing>| -> Result<bool> {
        let bounds = live.readers.read("open the index", index::bounds)?;
        Ok(standing.is_some_and(|standing| standing.epoch == bounds.epoch && standing.last > bounds.last))
    };
    // Read while a publisher writes it, the word may be half of two: it is read again while none does.
    if !is_behind(gate::glance(&catalog))? {
        return Ok(false);
    }
    match Gate::new(&catalog).try_pass()? {
        Some(passage) => is_behind(passage.standing()),
        // Who publishes has opened the index before, and has looked for this.
        None => Ok(false),
    }
}

/// Tells whether nobody but our own writers has changed the folder since all its names were known.
fn is_known(live: &Live, bounds: &index::Bounds, standing: Option<Standing>) -> Result<bool> {
    let hint: i64 =
        live.readers.read("open the index", |index| Ok(index::meta(index, "hint")?.unwrap_or(0)))?;
    gate::is_known(&live.folder, standing, bounds, hint)
}

/// Finishes the work of writers that are gone; answers how many files it had to mend, and how many it settled.
pub(crate) fn finish_left(live: &Live) -> Result<(u64, u64)> {
    let (folder, clock) = (Arc::clone(&live.folder), Arc::clone(&live.clock));
    let (path, own) = (live.readers.path().to_owned(), live.owner());
    live.exclusively(move |index| {
        let failed = |cause| sql_error("finish what was left", &path, cause);
        let left = recover::left(index, &folder.catalog(), own).map_err(failed)?;
        // Whatever this handle promises itself: what others have acknowledged may have been promised to survive a power cut.
        recover::finish(&folder, index, &path, &left, &*clock, true)
    })
}

/// What a comparison of names has shown.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Documents that were taken up.
    pub(crate) adopted: u64,
    /// Ids whose files are gone, though nobody has deleted them here.
    pub(crate) vanished: Vec<(String, PathBuf)>,
    pub(crate) no_text: Vec<PathBuf>,
    pub(crate) seen: u64,
}

/// Compares the folder's names with the index, and takes up the documents that the index does not know.
///
/// Publishers wait meanwhile; savers do not.
pub(crate) fn find_new(live: &Live, progress: &dyn Progress) -> Result<Names> {
    let mut found = Names::default();
    let mut unknown = Vec::new();
    let hint = build::hint_of(&live.folder)?;
    {
        let mut gate = Gate::new(&live.folder.catalog());
        let passage = gate.pass()?;
        let time = gate::time_of(&live.folder.path)?;
        let bounds = live.readers.read_at_once("compare names", |index| {
            let mut known = crate::known::Known::new(index)?;
            let compared = scan::each_name(&live.folder, |name| {
                found.seen += 1;
                progress.advance("comparing names", found.seen, None);
                match name {
                    Name::NoText(path) => found.no_text.push(path),
                    Name::Document { stem, suffix } => {
                        let is_known = known.see(&live.folder, &stem, &suffix);
                        match is_known {
                            Ok(true) => {}
                            Ok(false) => unknown.push((stem, suffix)),
                            Err(cause) => return Err(sql_error("compare names", live.readers.path(), cause)),
                        }
                    }
                }
                Ok(true)
            });
            let vanished = known.vanished(&live.folder)?;
            compared
                .map(|()| {
                    found.vanished = vanished;
                })
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            index::bounds(index)
        })?;
        passage.leave(Standing { epoch: bounds.epoch, last: bounds.last, folder: time })?;
    }
    found.adopted = adopt(live, &unknown)?;
    let no_text = found.no_text.clone();
    let path = live.readers.path().to_owned();
    live.exclusively(move |index| {
        let write = || -> rusqlite::Result<()> {
            let transaction = index.unchecked_transaction()?;
            index::set_meta(&transaction, "hint", hint)?;
            let writer = index::Writer::begin(&transaction)?;
            writer.forget_no_text()?;
            no_text.iter().try_for_each(|path| writer.note_no_text(path))?;
            transaction.commit()
        };
        write().map_err(|cause| sql_error("write the index", &path, cause))
    })?;
    Ok(found)
}

/// Reads documents and has the index take them up.
pub(crate) fn adopt(live: &Live, names: &[(String, String)]) -> Result<u64> {
    let mut adopted = 0;
    for names in names.chunks(256) {
        let mut chunk = Vec::with_capacity(names.len());
        scan::load_all(&live.folder, names, |loaded| {
            chunk.push(loaded);
            Ok(())
        })?;
        adopted += take_up(live, chunk)?;
    }
    Ok(adopted)
}

/// Has the index take up what was read.
pub(crate) fn take_up(live: &Live, found: Vec<Loaded>) -> Result<u64> {
    if found.is_empty() {
        return Ok(0);
    }
    let (reply, answer) = tokio::sync::oneshot::channel();
    live.send(crate::commit::Job::Adopt(found, reply))?;
    answer.blocking_recv().unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Internal, "the store's thread has ended: open the store again"))
    })
}
