//! Brings an index up to what the folder holds: what dead writers left, what other programs added, and what the index itself may have lost.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use truthound_stores_core::{Error, ErrorKind, Progress, Result};

use crate::build;
use crate::commit::Job;
use crate::describe::Loaded;
use crate::gate::{self, Gate, Standing};
use crate::index::{self, Health, Log, sql_error};
use crate::live::Live;
use crate::lock::{LONGEST, Turnstile};
use crate::owner;
use crate::partition::Opening;
use crate::recover;
use crate::scan::{self, Name};
use crate::upkeep::Why;

/// How long a reader waits to tell the index of what it found: writers at work are done by then, and for one who was stopped in the middle
/// nobody waits.
pub(crate) const BRIEF: Duration = Duration::from_millis(250);

/// How an index was brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caught {
    /// It is the one that was opened.
    Up,
    /// It was built anew.
    Anew,
}

/// Brings an index that was just opened up to date. Whoever only wants to read waits for nobody.
pub(crate) fn catch_up(live: &Live, opening: &Opening<'_>) -> Result<Caught> {
    let catalog = live.folder.catalog();
    // Before anything is done by it: an index that has lost its end must not put what it still knows over what came later. A log that
    // is damaged is looked at before SQLite does, which would take the damage for the log's end, and write over what follows.
    let damage = damaged_log(live)?;
    let why = match &damage {
        Some(what) => Some(Why::Found(what)),
        None => has_lost(live)?.then(|| {
            let reason = "the index had lost its latest entries";
            // Where nobody has anything to settle, all that was acknowledged has its file.
            if owner::any(&catalog) { Why::Lost(reason) } else { Why::Found(reason) }
        }),
    };
    if let Some(why) = why {
        let (path, clock) = (live.identity.path(), &**opening.clock);
        let mut turnstile = Turnstile::new(&catalog);
        let _turn = turnstile.pass(LONGEST, &|| false)?;
        build::enthrone(path)?;
        // Others who met the same may have built it meanwhile, and said in it what may be missing.
        if live.identity.is_current() {
            crate::upkeep::rebuild_at_turn(&live.folder, path, clock, opening.progress, why)?;
        }
        return Ok(Caught::Anew);
    }
    let due = live.readers.read("open the index", |index| {
        let left = recover::left(index, &catalog, live.owner())?;
        Ok(!left.is_empty() && recover::is_due(&live.folder, index, &left)?)
    })?;
    if due && let Err(error) = finish_left(live, Duration::ZERO) {
        // What was left can be read from the log: neither a full disk nor a writer who has the turn must keep anybody from that.
        if error.kind() == ErrorKind::Corrupt {
            return Err(error);
        }
    }
    // A publisher may be at work: the folder changes before it has left word.
    let bounds = live.readers.read("open the index", index::bounds)?;
    if is_known(live, &bounds, gate::glance(&catalog))? {
        return Ok(Caught::Up);
    }
    // One who is at work is done in an instant; one who was stopped in the middle of it keeps nobody from reading: names are compared
    // another time.
    let standing = match Gate::new(&catalog).pass_within(BRIEF) {
        Ok(passage) => passage.standing(),
        Err(error) if error.kind() == ErrorKind::Timeout => return Ok(Caught::Up),
        Err(error) => return Err(error),
    };
    let bounds = live.readers.read("open the index", index::bounds)?;
    if is_known(live, &bounds, standing)? {
        return Ok(Caught::Up);
    }
    match find_new(live, opening.progress, BRIEF) {
        // They are compared again by the next one: nothing says that they are known.
        Err(error) if error.kind() == ErrorKind::Timeout => {}
        found => drop(found?),
    }
    Ok(Caught::Up)
}

/// Says how the index's log is damaged, if it is.
fn damaged_log(live: &Live) -> Result<Option<String>> {
    let path = live.identity.path();
    let is_suspect = |health: &Health| {
        matches!(health, Health::Cut { .. } | Health::Well(Log::Torn { is_rest_misleading: true, .. }))
    };
    let catalog = live.folder.catalog();
    let health = Health::of(path)?;
    if !is_suspect(&health) {
        if health == Health::Well(Log::Whole) {
            owner::note_start(&catalog);
        }
        return Ok(None);
    }
    // It may just be written. Whoever is at work for longer on one that is damaged builds it anew, and until then it answers old states.
    let is_damaged = matches!(health, Health::Cut { .. });
    let mut turnstile = Turnstile::new(&catalog);
    let _turn = match turnstile.pass(if is_damaged { LONGEST } else { BRIEF }, &|| false) {
        Ok(turn) => turn,
        Err(error) if !is_damaged && matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Denied) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    match Health::of(path)? {
        health @ Health::Cut { .. } => Ok(health.what()),
        Health::Well(Log::Torn { is_rest_misleading: true, .. }) => {
            // The end of a write that was never acknowledged: behind later ones it would look like what was lost of them.
            match build::empty_log(path, "move the index's log into it", BRIEF) {
                // Another program reads, or the disk is full: neither keeps anybody from reading, and the next writer does it.
                Err(error) if error.kind() != ErrorKind::Corrupt => Ok(None),
                Err(error) => Err(error),
                Ok(()) => {
                    owner::note_start(&catalog);
                    Ok(None)
                }
            }
        }
        _ => Ok(None),
    }
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
///
/// # Errors
/// `Timeout` if others have had the turn of writers, or of publishers, for longer than `patience`.
pub(crate) fn finish_left(live: &Live, patience: Duration) -> Result<(u64, u64)> {
    let (folder, clock) = (Arc::clone(&live.folder), Arc::clone(&live.clock));
    let (path, own) = (live.readers.path().to_owned(), live.owner());
    live.exclusively_within(patience, move |index| {
        let failed = |cause| sql_error("finish what was left", &path, cause);
        let left = recover::left(index, &folder.catalog(), own).map_err(failed)?;
        // Whatever this handle promises itself: what others have acknowledged may have been promised to survive a power cut.
        recover::finish(&folder, index, &path, &left, &*clock, true, patience)
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
///
/// # Errors
/// `Timeout` if others have had the turn of writers, or of publishers, for longer than `patience`.
pub(crate) fn find_new(live: &Live, progress: &dyn Progress, patience: Duration) -> Result<Names> {
    let mut found = Names::default();
    let mut unknown = Vec::new();
    let hint = build::hint_of(&live.folder)?;
    let mut gate = Gate::new(&live.folder.catalog());
    let (time, mut refused);
    {
        let passage = gate.pass_within(patience)?;
        (time, refused) = (gate::time_of(&live.folder.path)?, None);
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
            match compared {
                Ok(()) => found.vanished = known.vanished(&live.folder)?,
                Err(error) => refused = Some(error),
            }
            index::bounds(index)
        });
        // What kept names from being compared says more than what came of it.
        if let Some(error) = refused {
            return Err(error);
        }
        let bounds = bounds?;
        if unknown.is_empty() {
            passage.leave(Standing { epoch: bounds.epoch, last: bounds.last, folder: time })?;
        }
    }
    found.adopted = adopt(live, &unknown, patience)?;
    let no_text = found.no_text.clone();
    let path = live.readers.path().to_owned();
    live.exclusively_within(patience, move |index| {
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
    if !unknown.is_empty() {
        // Not before they are taken up: what failed is found again. If the folder has changed since, its names are compared again.
        let passage = gate.pass_within(patience)?;
        let bounds = live.readers.read("compare names", index::bounds)?;
        passage.leave(Standing { epoch: bounds.epoch, last: bounds.last, folder: time })?;
    }
    Ok(found)
}

/// Reads documents and has the index take them up.
fn adopt(live: &Live, names: &[(String, String)], patience: Duration) -> Result<u64> {
    let mut adopted = 0;
    for names in names.chunks(256) {
        let mut chunk = Vec::with_capacity(names.len());
        scan::load_all(&live.folder, names, |loaded| {
            chunk.push(loaded);
            Ok(())
        })?;
        adopted += take_up(live, chunk, patience)?;
    }
    Ok(adopted)
}

/// Has the index take up what was read.
///
/// # Errors
/// `Timeout` if others have had the turn of writers for longer than `patience`; it may be taken up later all the same.
pub(crate) fn take_up(live: &Live, found: Vec<Loaded>, patience: Duration) -> Result<u64> {
    if found.is_empty() {
        return Ok(0);
    }
    let (reply, answer) = mpsc::channel();
    live.send(Job::Adopt(found, patience, reply))?;
    if patience >= LONGEST {
        return answer.recv().unwrap_or_else(|_| Err(crate::live::gone()));
    }
    // Savers of this handle may have been waiting for the turn before.
    match answer.recv_timeout(patience * 2) {
        Ok(answered) => answered,
        Err(RecvTimeoutError::Timeout) => {
            Err(Error::new(ErrorKind::Timeout, "other writers have the store's turn"))
        }
        Err(RecvTimeoutError::Disconnected) => Err(crate::live::gone()),
    }
}
