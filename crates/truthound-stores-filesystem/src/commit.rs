//! The committer: a thread that writes what all callers of a handle have queued as one transaction.
//!
//! A caller who is alone never waits for others; while a transaction is on its way to the disk, the next group gathers.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use truthound_stores_core::{Clock, DeleteOptions, Error, ErrorKind, Key, PutMode, Result, Written};

use crate::catch_up::BRIEF;
use crate::describe::{Folder, Loaded};
use crate::index::{Writer, sql_error};
use crate::live::{Identity, moved};
use crate::lock::{LONGEST, Turnstile};
use crate::prepare::Prepared;
use crate::publish::{Note, Work, checkpoint};

mod apply;
mod find;

use apply::Apply;

/// Something done with the connection that writes, or told why there is none.
pub(crate) type Deed = Box<dyn FnOnce(Result<&Connection>) + Send>;

/// What the committer is asked to do.
pub(crate) enum Job {
    Put(Request<Vec<Prepared>, Vec<Result<Written>>, PutMode>),
    Delete(Request<Vec<Key>, Vec<Result<bool>>, DeleteOptions>),
    /// Take up what files say that the index does not know; who found it waits only so long for the turn.
    Adopt(Vec<Loaded>, Duration, Sender<Result<u64>>),
    /// Drop what this handle has on the disk, up to a place in the feed, and give back what was reserved for it.
    Settle {
        upto: i64,
        weight: u64,
    },
    /// Move the rest of a long log into the index.
    MoveLog,
    /// Tell the publisher.
    Note(Note),
    /// Say that everything before this is done; with `settle`, whether what was settled is written down, too.
    Echo {
        settle: bool,
        reply: Box<dyn FnOnce(Result<()>) + Send>,
    },
    /// End: the handle is gone.
    Stop,
    /// Do something else at this handle's turn, unless that takes too long to come.
    Run(Duration, Deed),
}

/// Items, how to treat them, and who waits for the outcome.
pub(crate) struct Request<I, O, P> {
    pub(crate) items: I,
    pub(crate) opts: P,
    /// When the caller began to wait, by the clock that never goes back.
    pub(crate) since: Duration,
    /// Room for what is not settled yet; what comes to be kept is given back when that is settled.
    pub(crate) room: Option<OwnedSemaphorePermit>,
    pub(crate) reply: oneshot::Sender<Answer<I, O>>,
}

/// How a request ended.
pub(crate) enum Answer<I, O> {
    Done(O),
    /// The index at this place is not the one that was opened: open it anew and ask again.
    Moved(I),
    Failed(Error),
}

/// At most so many requests, or bytes, are one transaction.
const MANY: usize = 512;
const MUCH: u64 = 8 << 20;

/// What the committer works with.
pub(crate) struct Committer {
    pub(crate) folder: Arc<Folder>,
    pub(crate) connection: Connection,
    pub(crate) identity: Identity,
    pub(crate) owner: i64,
    pub(crate) clock: Arc<dyn Clock>,
    /// Until the handle ends.
    pub(crate) publisher: Option<Sender<Note>>,
    pub(crate) room: Arc<Semaphore>,
    /// What is on the disk, and not written down as such yet.
    pub(crate) settled: Settled,
}

/// How far a handle's work is on the disk, and the room that is to be given back for it.
#[derive(Debug, Default)]
pub(crate) struct Settled(Cell<Option<(i64, u64)>>);

impl Settled {
    fn add(&self, upto: i64, weight: u64) {
        let (before, more) = self.0.get().unwrap_or((upto, 0));
        self.0.set(Some((before.max(upto), more + weight)));
    }

    fn upto(&self) -> Option<i64> {
        self.0.get().map(|(upto, _)| upto)
    }

    fn give_back(&self, room: &Semaphore) {
        if let Some((_, weight)) = self.0.take() {
            room.add_permits(usize::try_from(weight).unwrap_or(0));
        }
    }
}

impl Committer {
    /// Works until the handle is gone, and its publisher, which ends when it has done what it was told.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        let mut turnstile = Turnstile::new(&self.folder.catalog());
        while let Ok(first) = jobs.recv() {
            let mut weight = first.weight();
            let mut group = vec![first];
            while group.len() < MANY && weight < MUCH {
                let Ok(next) = jobs.try_recv() else { break };
                weight += next.weight();
                group.push(next);
            }
            let (group, apart): (Vec<Job>, Vec<Job>) = group.into_iter().partition(Job::is_write);
            // Whoever waits is answered; what was to be settled is written down with the next group.
            drop(self.commit(group, &mut turnstile));
            for job in apart {
                if matches!(job, Job::Stop) {
                    // What it says until it has ended is still heard.
                    self.publisher = None;
                } else {
                    self.do_apart(job, &mut turnstile);
                }
            }
        }
    }

    /// Does what is no part of a group, in the order in which it was asked for.
    fn do_apart(&self, job: Job, turnstile: &mut Turnstile) {
        match job {
            Job::Note(note) => match &self.publisher {
                Some(publisher) => drop(publisher.send(note)),
                None => Job::Note(note).move_on(),
            },
            // Only while nobody adds to it can all of it be moved, and the log begin anew: beside other writers it grew for ever.
            Job::MoveLog => {
                if let Ok(_turn) = turnstile.pass(BRIEF, &|| false)
                    && self.identity.is_current()
                {
                    drop(checkpoint(&self.connection));
                }
            }
            Job::Echo { settle, reply } => {
                let outstanding = settle && self.settled.upto().is_some();
                reply(if outstanding { self.commit(Vec::new(), turnstile) } else { Ok(()) });
            }
            Job::Run(patience, work) => match turnstile.pass(patience, &|| false) {
                // What is done in an index that was replaced is done to documents that the new one has judged otherwise.
                Ok(_turn) if !self.identity.is_current() => work(Err(moved())),
                Ok(_turn) => work(Ok(&self.connection)),
                Err(error) => work(Err(error)),
            },
            Job::Put(_) | Job::Delete(_) | Job::Adopt(..) | Job::Settle { .. } | Job::Stop => {}
        }
    }

    /// Writes a group as one transaction, answers those who wait, and hands their files to the publisher.
    fn commit(&self, group: Vec<Job>, turnstile: &mut Turnstile) -> Result<()> {
        let mut writes = Vec::with_capacity(group.len());
        for job in group {
            match job {
                Job::Settle { upto, weight } => self.settled.add(upto, weight),
                job if job.is_given_up() => {}
                job => writes.push(job),
            }
        }
        let (group, settles) = (writes, self.settled.upto().is_some());
        if group.is_empty() && !settles {
            return Ok(());
        }
        let since = group.iter().filter_map(Job::since).min();
        let waited = since.map_or(Duration::ZERO, |since| self.clock.monotonic().saturating_sub(since));
        let patience = group.iter().map(Job::patience).max().unwrap_or(LONGEST).saturating_sub(waited);
        let given_up = || !settles && group.iter().all(Job::is_given_up);
        let turn = match turnstile.pass(patience, &given_up) {
            Ok(turn) => turn,
            // A catalog that was deleted takes its locks along: what is there now, if anything, is opened anew.
            Err(_) if !self.identity.is_current() => {
                self.move_on(group);
                return Ok(());
            }
            Err(error) => return fail(group, error),
        };
        if !self.identity.is_current() {
            drop(turn);
            self.move_on(group);
            return Ok(());
        }
        let mut attempt = self.attempt(&group);
        if attempt.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unavailable) {
            // A log that is moved into the index gives back what it takes on a full disk: that may be enough.
            let moved = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            if moved.is_ok() {
                attempt = self.attempt(&group);
            }
        }
        drop(turn);
        let (outcomes, works) = match attempt {
            Ok(done) => done,
            Err(error) => return fail(group, error),
        };
        self.settled.give_back(&self.room);
        if !works.is_empty() {
            // A publisher that is gone leaves its work to whoever opens the store next.
            drop(self.publisher.as_ref().map(|publisher| publisher.send(Note::Committed(works))));
        }
        for (job, outcome) in group.into_iter().zip(outcomes) {
            job.answer(outcome);
        }
        Ok(())
    }

    /// Writes a group as one transaction: all of it, or nothing.
    fn attempt(&self, group: &[Job]) -> Result<(Vec<Outcome>, Vec<Work>)> {
        let attempt = || -> rusqlite::Result<(Vec<Outcome>, Vec<Work>)> {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            let mut writer = Writer::begin(&self.connection)?;
            let apply = Apply { folder: &self.folder, owner: self.owner, clock: &*self.clock };
            let (mut outcomes, mut works) = (Vec::with_capacity(group.len()), Vec::new());
            for job in group {
                outcomes.push(apply.job(&mut writer, job, &mut works)?);
            }
            if let Some(upto) = self.settled.upto() {
                writer.settle(self.owner, upto)?;
            }
            self.connection.execute_batch("COMMIT")?;
            Ok((outcomes, works))
        };
        attempt().map_err(|cause| {
            // A transaction that a full disk has ended is rolled back already, and one that never began is none.
            drop(self.connection.execute_batch("ROLLBACK"));
            sql_error("write the index", self.identity.path(), cause)
        })
    }

    /// Gives the items back to those who asked: the index is not where it was, and with it is gone what was to be written down there.
    fn move_on(&self, group: Vec<Job>) {
        self.settled.give_back(&self.room);
        group.into_iter().for_each(Job::move_on);
    }
}

/// What became of a job.
pub(crate) enum Outcome {
    /// Of these documents, files of so much weight are to be written.
    Put(Vec<Result<Written>>, u64),
    Delete(Vec<Result<bool>>),
    Adopted(u64),
    /// Nobody waits for it any more.
    Skipped,
}

impl Job {
    fn is_write(&self) -> bool {
        matches!(self, Self::Put(_) | Self::Delete(_) | Self::Adopt(..) | Self::Settle { .. })
    }

    fn weight(&self) -> u64 {
        match self {
            Self::Put(request) => request.items.iter().map(Prepared::weight).sum(),
            _ => 0,
        }
    }

    /// How long the turn is worth waiting for.
    fn patience(&self) -> Duration {
        match self {
            Self::Adopt(_, patience, _) => *patience,
            _ => LONGEST,
        }
    }

    fn since(&self) -> Option<Duration> {
        match self {
            Self::Put(request) => Some(request.since),
            Self::Delete(request) => Some(request.since),
            _ => None,
        }
    }

    /// Tells whether nobody waits for the outcome any more: then nothing is done.
    fn is_given_up(&self) -> bool {
        match self {
            Self::Put(request) => request.reply.is_closed(),
            Self::Delete(request) => request.reply.is_closed(),
            _ => false,
        }
    }

    /// Answers who waits, if anybody still does: it is done all the same.
    fn answer(self, outcome: Outcome) {
        match (self, outcome) {
            (Self::Put(mut request), Outcome::Put(outcomes, kept)) => {
                // What is kept is given back when it is settled, the rest now.
                let kept = usize::try_from(kept).unwrap_or(0);
                if let Some(kept) = request.room.as_mut().and_then(|room| room.split(kept)) {
                    kept.forget();
                }
                drop(request.room);
                drop(request.reply.send(Answer::Done(outcomes)));
            }
            (Self::Delete(request), Outcome::Delete(outcomes)) => {
                drop(request.reply.send(Answer::Done(outcomes)));
            }
            (Self::Adopt(.., reply), Outcome::Adopted(count)) => drop(reply.send(Ok(count))),
            _ => {}
        }
    }

    /// Answers who waits that this is to be asked of the collection when it is opened anew.
    pub(crate) fn move_on(self) {
        match self {
            Self::Put(request) => drop(request.reply.send(Answer::Moved(request.items))),
            Self::Delete(request) => drop(request.reply.send(Answer::Moved(request.items))),
            Self::Adopt(.., reply) => drop(reply.send(Err(moved()))),
            Self::Run(_, work) => work(Err(moved())),
            Self::Note(Note::Barrier { reply, .. }) | Self::Echo { reply, .. } => reply(Err(moved())),
            Self::Note(Note::Committed(_)) | Self::Settle { .. } | Self::MoveLog | Self::Stop => {}
        }
    }

    /// Answers who waits with the error of the whole.
    fn fail(self, error: &Error) {
        let error = error.repeat();
        match self {
            Self::Put(request) => drop(request.reply.send(Answer::Failed(error))),
            Self::Delete(request) => drop(request.reply.send(Answer::Failed(error))),
            Self::Adopt(.., reply) => drop(reply.send(Err(error))),
            Self::Settle { .. }
            | Self::MoveLog
            | Self::Note(_)
            | Self::Run(..)
            | Self::Echo { .. }
            | Self::Stop => {}
        }
    }
}

/// Gives each job of a group the error that stopped the whole.
fn fail(group: Vec<Job>, error: Error) -> Result<()> {
    for job in group {
        job.fail(&error);
    }
    Err(error)
}
