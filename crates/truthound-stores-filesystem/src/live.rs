//! A collection's folder with its index, open.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::Semaphore;
use truthound_stores_core::{Clock, Error, ErrorKind, Result};

use crate::commit::{Committer, Job, Settled};
use crate::config::Durability;
use crate::describe::Folder;
use crate::error::io_error;
use crate::files;
use crate::index::{self, Profile, Readers};
use crate::lock::LONGEST;
use crate::owner::Owner;
use crate::publish::{Note, Publisher};

/// So many bytes may be acknowledged and not settled, per handle and collection; then savers wait.
pub(crate) const ROOM: usize = 64 << 20;

/// Which file an index is: one that was deleted or replaced is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    path: PathBuf,
    file: (u64, u64),
}

impl Identity {
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let meta = std::fs::metadata(path).map_err(|cause| io_error("look at the index", path, cause))?;
        Ok(Self { path: path.to_owned(), file: numbers(&meta) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether the index that was opened is the one that is there.
    pub(crate) fn is_current(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|meta| numbers(&meta) == self.file)
            // Another one is to take its place, though who built it was kept from that.
            && !crate::build::has_heir(&self.path)
    }
}

/// Opens a connection to an index, if it is still the one that was opened.
///
/// SQLite opens the log by its name. While one index takes the place of another that name may be the new one's log, and a connection to
/// the old index would write over it. If the index is the same afterwards, and none waits for its place, the name was the old one's.
///
/// # Errors
/// `Unavailable` if it is not; as for [`index::open`].
pub(crate) fn open_same(identity: &Identity, profile: Profile) -> Result<rusqlite::Connection> {
    let connection = index::open(identity.path(), profile)?;
    if identity.is_current() { Ok(connection) } else { Err(moved()) }
}

/// The error of what was asked of a collection that is no longer open like that, where nobody asks again.
pub(crate) fn moved() -> Error {
    Error::new(ErrorKind::Unavailable, "the collection was opened anew meanwhile: try again")
}

#[cfg(unix)]
fn numbers(meta: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;

    (meta.dev(), meta.ino())
}

/// Elsewhere an open file cannot be replaced.
#[cfg(not(unix))]
fn numbers(_: &std::fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// An open collection.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) folder: Arc<Folder>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) identity: Identity,
    pub(crate) room: Arc<Semaphore>,
    /// Whether documents cannot be put in their places at present.
    pub(crate) failing: Arc<AtomicBool>,
    pub(crate) clock: Arc<dyn Clock>,
    durability: Durability,
    /// Why the store cannot be written, if it cannot.
    refusal: Option<Error>,
    engine: Mutex<Stage>,
}

/// How far a collection's threads are. What has ended does not begin again: the collection is opened anew.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Idle,
    Working(Engine),
    Over,
}

/// The threads that write.
#[derive(Debug)]
struct Engine {
    jobs: Sender<Job>,
    owner: i64,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The threads end after what they have still to do; whoever wants to, waits for them.
        drop(self.jobs.send(Job::Stop));
    }
}

impl Live {
    /// Opens the index that is there.
    pub(crate) fn new(
        folder: Arc<Folder>,
        path: &Path,
        durability: Durability,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let identity = Identity::of(path)?;
        Ok(Self {
            readers: Arc::new(Readers::new(identity.clone())),
            identity,
            folder,
            room: Arc::new(Semaphore::new(ROOM)),
            failing: Arc::default(),
            clock,
            durability,
            refusal: None,
            engine: Mutex::default(),
        })
    }

    pub(crate) fn syncs(&self) -> bool {
        self.durability == Durability::Fsync
    }

    /// Has the threads that write begin, which they otherwise do with the first work that is sent to them.
    pub(crate) fn begin(&self) -> Result<()> {
        self.working(|_| ()).map(drop)
    }

    /// Does something with the threads at work; `None` if they have ended.
    fn working<T>(&self, work: impl FnOnce(&Engine) -> T) -> Result<Option<T>> {
        let mut stage = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*stage, Stage::Idle) {
            if let Some(refusal) = &self.refusal {
                return Err(refusal.repeat());
            }
            *stage = match self.start() {
                Ok(engine) => Stage::Working(engine),
                // Another index has taken its place: there is nothing to begin with.
                Err(_) if !self.identity.is_current() => Stage::Over,
                Err(error) => return Err(error),
            };
        }
        Ok(match &*stage {
            Stage::Working(engine) => Some(work(engine)),
            Stage::Idle | Stage::Over => None,
        })
    }

    /// Returns this handle's token, if its threads are at work.
    pub(crate) fn owner(&self) -> Option<i64> {
        match &*self.engine.lock().unwrap_or_else(PoisonError::into_inner) {
            Stage::Working(engine) => Some(engine.owner),
            Stage::Idle | Stage::Over => None,
        }
    }

    /// Tells whether the threads have ended: the collection is to be opened anew.
    pub(crate) fn is_over(&self) -> bool {
        matches!(*self.engine.lock().unwrap_or_else(PoisonError::into_inner), Stage::Over)
    }

    fn start(&self) -> Result<Engine> {
        let catalog = self.folder.catalog();
        let connection = open_same(&self.identity, Profile::Write(self.durability))?;
        let bounds = index::bounds(&connection);
        let failed = |cause| index::sql_error("open the index", self.identity.path(), cause);
        let owner = Owner::register(&catalog, bounds.map_err(failed)?.epoch, &*self.clock)?;
        let (jobs, queue) = mpsc::channel();
        let (publisher, notes) = mpsc::channel();
        let token = owner.token();
        let committer = Committer {
            folder: Arc::clone(&self.folder),
            connection,
            identity: self.identity.clone(),
            owner: token,
            clock: Arc::clone(&self.clock),
            publisher: Some(publisher),
            room: Arc::clone(&self.room),
            settled: Settled::default(),
        };
        let publisher = Publisher::new(
            Arc::clone(&self.folder),
            Arc::clone(&self.readers),
            self.identity.clone(),
            jobs.clone(),
            owner,
            self.syncs(),
            Arc::clone(&self.failing),
        );
        let failed = |cause: std::io::Error| {
            Error::new(ErrorKind::Overloaded, "cannot start a thread for the store").caused_by(cause)
        };
        let committing = thread::Builder::new().name("store-committer".to_owned());
        let committing = committing.spawn(move || committer.run(&queue)).map_err(failed)?;
        let publishing = thread::Builder::new().name("store-publisher".to_owned());
        let publishing = publishing.spawn(move || publisher.run(&notes)).map_err(failed)?;
        let sweeping = catalog.clone();
        // At our turn, so that nobody is making a file that nobody knows of yet.
        let sweep = Box::new(move |index: Result<&rusqlite::Connection>| {
            drop(index.map(|index| crate::recover::sweep(&sweeping, index)));
        });
        // If others have the turn it is left to the next one: nothing else waits for it.
        drop(jobs.send(Job::Run(Duration::ZERO, sweep)));
        Ok(Engine { jobs, owner: token, threads: vec![committing, publishing] })
    }

    /// Does something with the connection that writes, at this handle's turn. Blocks.
    pub(crate) fn exclusively<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.exclusively_within(LONGEST, work)
    }

    /// As [`exclusively`](Self::exclusively), unless others have the turn for longer than `patience`. Blocks.
    pub(crate) fn exclusively_within<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = mpsc::channel();
        let job = Job::Run(
            patience,
            Box::new(move |index| {
                drop(reply.send(index.and_then(work)));
            }),
        );
        self.send(job)?;
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Sends a job to the committer. If that has ended, whoever waits for an answer is told to ask the collection that is opened anew.
    pub(crate) fn send(&self, job: Job) -> Result<()> {
        let mut job = Some(job);
        // While it is sent nobody ends the threads: it comes before the word to stop, or not at all.
        let sent = self.working(|engine| job.take().map(|job| engine.jobs.send(job).is_ok()));
        if let Some(Some(sent)) = sent? {
            return if sent { Ok(()) } else { Err(gone()) };
        }
        job.into_iter().for_each(Job::move_on);
        Ok(())
    }

    /// Waits until everything that was acknowledged is in its place, and with `settle` on the disk there. Blocks.
    pub(crate) fn flush(&self, settle: bool) -> Result<()> {
        if self.owner().is_none() {
            return Ok(());
        }
        let (reply, answer) = mpsc::channel();
        let reply = Box::new(move |outcome| drop(reply.send(outcome)));
        self.send(Job::Note(Note::Barrier { settle, reply }))?;
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Ends the threads for good, after what they have still to do. Blocks.
    pub(crate) fn stop(&self) {
        let stage =
            std::mem::replace(&mut *self.engine.lock().unwrap_or_else(PoisonError::into_inner), Stage::Over);
        let Stage::Working(mut engine) = stage else { return };
        let threads = std::mem::take(&mut engine.threads);
        drop(engine);
        for thread in threads {
            // One that panicked has said so.
            drop(thread.join());
        }
    }
    /// Tells whether it can be read and not written, for a reason that may pass: a full disk, or one that failed.
    pub(crate) fn is_refusing_for_now(&self) -> bool {
        self.refusal.as_ref().is_some_and(|error| error.kind() != ErrorKind::Denied)
    }

    /// Opens a collection that may be read and not written.
    pub(crate) fn refusing(mut self, refusal: Error) -> Self {
        self.refusal = Some(refusal);
        self
    }
}

pub(crate) fn gone() -> Error {
    Error::new(ErrorKind::Internal, "the store's thread has ended: open the store again")
}

/// Tells whether there is an index, or what is left of one, or one that waits for its place.
pub(crate) fn has_traces(folder: &Path) -> Result<bool> {
    let target = folder.join(crate::layout::CATALOG).join(index::FILE);
    let log = || files::stamp(&index::log_of(&target)).map(|log| log.is_some_and(|log| log.size > 0));
    Ok(is_indexed(folder)? || crate::build::has_heir(&target) || log()?)
}

/// Tells whether a collection's index is there.
pub(crate) fn is_indexed(folder: &Path) -> Result<bool> {
    Ok(files::stamp(&folder.join(crate::layout::CATALOG).join(index::FILE))?.is_some())
}
