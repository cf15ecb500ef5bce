//! The publisher: a thread that puts acknowledged documents in their places, and settles them.
//!
//! A document is acknowledged when it is in the index's log; its file follows here. Only the handle that wrote a state publishes it, and
//! only while it is the document's current one, so files never end up older than rows. Settling waits for the disk once for many files,
//! and then drops their bytes from the index.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SendError, Sender};
use std::time::Duration;

use truthound_stores_core::{Error, Result};

use crate::build;
use crate::commit::Job;
use crate::describe::Folder;
use crate::files::{self, Staged};
use crate::gate::{self, Gate, Standing};
use crate::index::{self, Pending, Profile, Readers, sql_error};
use crate::live::{self, Identity};
use crate::owner::Owner;
use crate::sidecar::Sidecar;

mod settle;
mod strangers;
mod sync;
mod wanted;

pub(crate) use settle::checkpoint;
use strangers::Strangers;
pub(crate) use strangers::is_ours;
pub(crate) use sync::Disk;
use sync::FEW;
use wanted::is_wanted;
pub(crate) use wanted::{is_current, is_overtaken, is_to_go, is_undone};

/// How the names of files that are still being written begin.
pub(crate) const STAGED: &str = "tmp-";

/// How long more is waited for before what has come is published, and how much of it is enough.
const LINGER: Duration = Duration::from_millis(5);
const BATCH: usize = 64;
/// How long nothing must come before what was published is settled.
const IDLE: Duration = Duration::from_millis(250);
/// How long to wait before trying again what failed.
const RETRY: Duration = Duration::from_secs(1);
/// So many files, or bytes, are settled at once.
const MANY: usize = 512;
const MUCH: u64 = 16 << 20;
/// What the publisher does before it publishes, in words.
const LOOK: &str = "see what is current";

/// What the publisher is told.
pub(crate) enum Note {
    /// These were committed.
    Committed(Vec<Work>),
    /// Publish everything before this, settle it if asked, and say how that went.
    Barrier { settle: bool, reply: Box<dyn FnOnce(Result<()>) + Send> },
}

/// One file to write or to remove.
pub(crate) struct Work {
    pub(crate) pending: Pending,
    /// What the document's file may not say by itself.
    pub(crate) sidecar: Option<Sidecar>,
    /// What the caller reserved, to be given back when this is settled.
    pub(crate) weight: u64,
}

/// What the publisher works with.
pub(crate) struct Publisher {
    pub(crate) folder: Arc<Folder>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) identity: Identity,
    pub(crate) committer: Sender<Job>,
    pub(crate) owner: Owner,
    pub(crate) syncs: bool,
    gate: Gate,
    disk: Disk,
    strangers: Strangers,
    backlog: VecDeque<Work>,
    /// What is in its place and not settled: the last place in the feed, how many, their bytes and weight, and the first few files.
    last: i64,
    count: usize,
    bytes: u64,
    weight: u64,
    /// Whether a file was removed: what stays to be removed would take one that somebody restores.
    removed: bool,
    open: Vec<File>,
    staged: u64,
    /// Savers look at this: what cannot be put in its place must not pile up.
    failing: Arc<AtomicBool>,
    /// Whether a sync has failed since what was published was written.
    forgotten: bool,
    /// The last place in the feed whose work was done, settled or not.
    come_to: i64,
}

impl Publisher {
    pub(crate) fn new(
        folder: Arc<Folder>,
        readers: Arc<Readers>,
        identity: Identity,
        committer: Sender<Job>,
        owner: Owner,
        syncs: bool,
        failing: Arc<AtomicBool>,
    ) -> Self {
        let gate = Gate::new(&folder.catalog());
        let strangers = Strangers::new(&folder.path);
        Self {
            folder,
            readers,
            identity,
            committer,
            owner,
            syncs,
            gate,
            disk: Disk::default(),
            strangers,
            backlog: VecDeque::new(),
            last: 0,
            count: 0,
            bytes: 0,
            weight: 0,
            removed: false,
            open: Vec::new(),
            staged: 0,
            failing,
            forgotten: false,
            come_to: 0,
        }
    }

    /// Works until the committer is gone.
    ///
    /// What comes shortly after something else goes along with it: one look at the index and one turn for all of it. Nobody waits for
    /// that but those who ask for it.
    pub(crate) fn run(mut self, notes: &Receiver<Note>) {
        loop {
            let note = match self.pause() {
                Some(pause) => notes.recv_timeout(pause),
                None => notes.recv().map_err(RecvTimeoutError::from),
            };
            match note {
                Ok(Note::Committed(work)) => {
                    self.backlog.extend(work);
                    if self.backlog.len() >= BATCH && !self.is_failing() {
                        self.publish_some();
                    }
                }
                Ok(Note::Barrier { settle, reply }) => {
                    let done = self.publish().and_then(|()| self.settle_if(settle));
                    self.answer(settle, reply, done);
                }
                Err(RecvTimeoutError::Timeout) if self.backlog.is_empty() => drop(self.settle()),
                Err(RecvTimeoutError::Timeout) => self.publish_some(),
                Err(RecvTimeoutError::Disconnected) => {
                    // What cannot be put in its place now is in the log, and done by whoever opens the store next.
                    drop(self.publish());
                    self.tell_of_strangers();
                    if self.count > 0 || !self.backlog.is_empty() {
                        self.owner.keep_word();
                    }
                    return;
                }
            }
        }
    }

    fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Acquire)
    }

    /// Decides how long to wait for more; `None` is until it comes.
    fn pause(&self) -> Option<Duration> {
        match (self.is_failing(), self.backlog.is_empty(), self.count) {
            (true, ..) => Some(RETRY),
            (false, false, _) => Some(LINGER),
            (false, true, 1..) => Some(IDLE),
            (false, true, 0) => None,
        }
    }

    /// Publishes, and settles if there is much to settle. What fails is tried again later.
    fn publish_some(&mut self) {
        if self.publish().is_ok() && (self.count >= MANY || self.bytes >= MUCH) {
            drop(self.settle());
        }
    }

    /// Answers a barrier, when the committer has done what it was sent before.
    fn answer(&self, settle: bool, reply: Box<dyn FnOnce(Result<()>) + Send>, done: Result<()>) {
        let reply = Box::new(move |settled| reply(done.and(settled)));
        // A committer that is gone has done all it was sent.
        if let Err(SendError(Job::Echo { reply, .. })) = self.committer.send(Job::Echo { settle, reply }) {
            reply(Ok(()));
        }
    }

    fn settle_if(&mut self, asked: bool) -> Result<()> {
        if asked || self.removed || self.count >= FEW { self.settle() } else { Ok(()) }
    }

    /// Puts everything in its place, as far as it goes.
    fn publish(&mut self) -> Result<()> {
        if self.backlog.is_empty() {
            return Ok(());
        }
        let catalog = self.folder.catalog();
        if !catalog.is_dir() && self.folder.path.is_dir() {
            // Somebody has deleted the catalog: what was acknowledged before still gets to its place.
            files::make_dirs(&catalog, false)?;
        }
        let mut gate = std::mem::replace(&mut self.gate, Gate::new(&catalog));
        let outcome = self.publish_through(&mut gate);
        self.gate = gate;
        self.failing.store(outcome.is_err(), Ordering::Release);
        outcome
    }

    fn publish_through(&mut self, gate: &mut Gate) -> Result<()> {
        let passage = gate.pass()?;
        let before = passage.standing();
        let is_quiet = self.strangers.were_none(before);
        let explained = is_quiet
            && before.is_some_and(|standing| {
                gate::time_of(&self.folder.path).is_ok_and(|time| time == standing.folder)
            });
        if self.syncs {
            self.disk.watch(&self.folder.path)?;
        }
        // Whoever writes one of these documents from now on publishes it after us: this look is good for all of them.
        let successor = self.successor()?;
        let (backlog, is_replaced) = (&self.backlog, successor.is_some());
        let look = |index: &rusqlite::Connection| -> rusqlite::Result<(index::Bounds, Vec<bool>)> {
            let is_due = if is_replaced { is_wanted } else { is_current };
            let due: rusqlite::Result<Vec<bool>> =
                backlog.iter().map(|work| is_due(index, &work.pending)).collect();
            Ok((index::bounds(index)?, due?))
        };
        let (bounds, due) = match &successor {
            None => self.readers.read_at_once(LOOK, look)?,
            Some(index) => look(index).map_err(|cause| sql_error(LOOK, self.readers.path(), cause))?,
        };
        // It may have been replaced at the last moment.
        let is_same = !is_replaced && self.owner.is_of(bounds.epoch);
        if !is_same {
            self.come_to = 0;
        }
        let sidecars = Sidecar::any(&self.folder.path);
        let mut outcome = Ok(());
        let mut ours = HashSet::new();
        for due in due {
            let Some(work) = self.backlog.pop_front() else { break };
            let open = self.open.len();
            if let Err(error) = if due { self.carry_out(&work, sidecars) } else { Ok(()) } {
                // What was written of it is written again; only what counts takes a place among the first files.
                self.open.truncate(open);
                self.backlog.push_front(work);
                outcome = Err(error);
                break;
            }
            if due && work.pending.seq > self.come_to && is_same {
                self.come_to = work.pending.seq;
                self.owner.has_come_to(self.come_to, &self.folder.path);
            }
            ours.insert(work.pending.file());
            self.last = work.pending.seq;
            self.count += 1;
            self.removed |= work.pending.body.is_none();
            self.bytes += work.pending.body.as_ref().map_or(0, |body| body.len() as u64);
            self.weight += work.weight;
        }
        // Of a folder that somebody else has changed too, not all names are known.
        let now = gate::time_of(&self.folder.path)?;
        let explained = self.strangers.are_none(&ours) && explained;
        let folder = if explained { now } else { gate::UNKNOWN };
        let standing = Standing { epoch: bounds.epoch, last: bounds.last, folder };
        passage.leave(standing)?;
        self.strangers.leave(standing);
        outcome
    }

    /// Leaves word of names that others have changed since this handle published last, if any were seen.
    fn tell_of_strangers(&mut self) {
        if self.strangers.look() {
            let mut gate = std::mem::replace(&mut self.gate, Gate::new(&self.folder.catalog()));
            if let Ok(Some(passage)) = gate.try_pass() {
                self.strangers.tell(&passage);
            }
            self.gate = gate;
        }
    }

    /// Opens the index that has taken the place of this handle's, if one has.
    fn successor(&self) -> Result<Option<rusqlite::Connection>> {
        let path = self.identity.path();
        if self.identity.is_current() || files::stamp(path)?.is_none() {
            return Ok(None);
        }
        match Identity::of(path).and_then(|identity| live::open_same(&identity, Profile::Read)) {
            Ok(index) => Ok(Some(index)),
            // One more is on its way, or its own place is not taken yet.
            Err(_) if build::has_heir(path) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes or removes a file; `sidecars` tells whether any document may have one.
    fn carry_out(&mut self, work: &Work, sidecars: bool) -> Result<()> {
        let Pending { seq, stem, suffix, modified, body, id, .. } = &work.pending;
        let (target, file) = (self.folder.file(stem, suffix), format!("{stem}{suffix}"));
        let Some(bytes) = body else {
            // What is there after it was removed once was put there by somebody else.
            if *seq > self.come_to {
                remove(&target, *modified)?;
            }
            return if sidecars { Sidecar::remove(&self.folder.path, &file) } else { Ok(()) };
        };
        if let Some(sidecar) = &work.sidecar {
            let staged = self.staging();
            let written = sidecar.write(&self.folder.path, staged, *modified, self.syncs)?;
            self.keep_open(written);
        }
        let placed = Staged::write(self.staging(), bytes, *modified)
            .and_then(|staged| staged.place(&target))
            .map_err(|error| error.with("id", id.clone()))?;
        self.keep_open(placed);
        if work.sidecar.is_none() && sidecars {
            Sidecar::remove(&self.folder.path, &file)?;
        }
        Ok(())
    }

    /// Keeps the first files open, to sync them without looking for them: each document has one, or two with its sidecar.
    fn keep_open(&mut self, file: File) {
        if self.open.len() < 2 * FEW {
            self.open.push(file);
        }
    }

    fn staging(&mut self) -> PathBuf {
        self.staged += 1;
        self.folder.catalog().join(format!("{STAGED}{:016x}-{:x}", self.owner.token(), self.staged))
    }
}

/// Removes a file, unless somebody has put it there since it was to be removed; answers whether there was one.
pub(crate) fn remove(target: &std::path::Path, modified: i64) -> Result<bool> {
    match files::stamp(target)? {
        Some(stamp) if stamp.modified <= modified => files::remove(target),
        _ => Ok(false),
    }
}

/// The error of callers whose work waits behind work that cannot be done.
pub(crate) fn stuck(error: &Error) -> Error {
    let copy = Error::new(
        error.kind(),
        format!(
            "earlier saves are safe in the index's log, but their files cannot be written: {}",
            error.message()
        ),
    );
    ["path", "file"].into_iter().fold(copy, |copy, name| match error.context(name) {
        Some(value) => copy.with(name, value.to_owned()),
        None => copy,
    })
}
