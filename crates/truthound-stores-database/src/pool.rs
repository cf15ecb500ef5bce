//! The pool: connections that are kept, and those who wait for one.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use truthound_stores_core::{Clock, Error, ErrorKind, Result, Timer};

use crate::config::{Effective, PoolStrategy};
use crate::conn::{Connection, Connector};
use crate::error::{Failed, Trouble};

mod lease;
mod silence;
mod status;
mod turns;

pub(crate) use lease::Lease;
use status::Counters;
pub use status::PoolStatus;
use turns::Turns;

/// Hands out connections. Clones are one pool.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    connector: Connector,
    settings: Effective,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    /// Who may have a connection at the same time.
    turns: Turns,
    kept: Mutex<Vec<Kept>>,
    counters: Counters,
    /// Connections that were opened under an earlier number are not used any more.
    generation: AtomicU64,
    closed: AtomicBool,
}

/// A connection that nobody uses.
struct Kept {
    connection: Connection,
    origin: Origin,
    /// When it last answered; `None` if it never did.
    answered: Option<Duration>,
    /// A call was dropped in the middle of something: it is to be undone first.
    unsettled: bool,
}

/// A connection that answered so recently is not asked whether it works: its last answer is the answer. A ping for each call of a busy program would
/// be a round trip for each, and no surer: a connection may break after a ping, too. One that turns out to be broken is replaced as if it had been asked.
const JUST_NOW: Duration = Duration::from_millis(500);

/// When a connection was opened, and for whom.
#[derive(Clone, Copy, Debug)]
struct Origin {
    born: Duration,
    generation: u64,
    thread: Option<std::thread::ThreadId>,
}

impl Pool {
    pub(crate) fn new(
        connector: Connector,
        settings: Effective,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
    ) -> Self {
        let turns = match settings.strategy {
            PoolStrategy::QueuePool | PoolStrategy::AsyncQueue => Turns::Counted(Arc::new(Semaphore::new(
                (settings.pool_size + settings.max_overflow).min(Semaphore::MAX_PERMITS),
            ))),
            PoolStrategy::StaticPool => Turns::Counted(Arc::new(Semaphore::new(1))),
            PoolStrategy::NullPool => Turns::Free,
            PoolStrategy::SingletonThread => Turns::by_thread(),
        };
        Self(Arc::new(Shared {
            connector,
            settings,
            clock,
            timer,
            turns,
            kept: Mutex::default(),
            counters: Counters::default(),
            generation: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }))
    }

    pub(crate) fn settings(&self) -> &Effective {
        &self.0.settings
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Waits for a connection that works.
    ///
    /// # Errors
    /// `Timeout`, which is no outage, if none became free in time; `Unavailable` if the database cannot be reached; `Closed`.
    ///
    /// # Cancel safety
    /// Dropping the future gives the place in the queue back.
    pub(crate) async fn acquire(&self) -> Result<Lease, Failed> {
        self.refuse_if_closed()?;
        let thread = self.thread();
        let turn = self.turn(thread).await?;
        self.ready(thread, turn, JUST_NOW).await
    }

    /// Takes a connection for a health check without waiting for one: where calls are using all of them, one beside those. That all are busy says
    /// nothing of the database. `None` if it is in memory, and lives in the one connection that is in use.
    ///
    /// # Errors
    /// As for [`acquire`](Self::acquire), but never that none became free.
    ///
    /// # Cancel safety
    /// As for [`acquire`](Self::acquire).
    pub(crate) async fn acquire_for_check(&self) -> Result<Option<Lease>, Failed> {
        self.refuse_if_closed()?;
        let thread = self.thread();
        let turn = match self.0.turns.of(thread).map(Semaphore::try_acquire_owned) {
            Some(Ok(turn)) => Some(turn),
            Some(Err(TryAcquireError::Closed)) => return Err(Error::closed().into()),
            Some(Err(TryAcquireError::NoPermits)) if self.0.settings.in_memory => return Ok(None),
            None | Some(Err(TryAcquireError::NoPermits)) => None,
        };
        // What was heard before says nothing of now.
        self.ready(thread, turn, Duration::ZERO).await.map(Some)
    }

    /// The thread whose connection it is to be, where that matters.
    fn thread(&self) -> Option<std::thread::ThreadId> {
        let by_thread = self.0.settings.strategy == PoolStrategy::SingletonThread;
        by_thread.then(|| std::thread::current().id())
    }

    /// Takes a connection that works, or opens one. One that answered within `just_now` is taken to work.
    async fn ready(
        &self,
        thread: Option<std::thread::ThreadId>,
        turn: Option<OwnedSemaphorePermit>,
        just_now: Duration,
    ) -> Result<Lease, Failed> {
        let shared = &self.0;
        self.refuse_if_closed()?;
        while let Some(Kept { connection, origin, answered, unsettled }) = self.take(thread) {
            // On loan from here on: whoever is dropped while it is asked gives it back, or closes it.
            let mut lease = self.lease(connection, origin, answered);
            if self.is_old(origin) {
                shared.counters.recycled.fetch_add(1, Ordering::Relaxed);
                lease.discard("recycled");
                continue;
            }
            let silent = answered.map(|answered| shared.clock.monotonic().saturating_sub(answered));
            if !unsettled && shared.settings.pool_pre_ping && silent.is_some_and(|silent| silent < just_now) {
                lease.taken_as_working();
                self.tell("lent");
                return Ok(lease.with_turn(turn));
            }
            if lease.works(unsettled).await {
                self.tell("lent");
                return Ok(lease.with_turn(turn));
            }
            self.found_broken();
            lease.discard("does not answer");
        }
        let origin = Origin {
            born: shared.clock.monotonic(),
            generation: shared.generation.load(Ordering::Acquire),
            thread,
        };
        let waited = shared.settings.patience;
        let opened = self.within(waited, shared.connector.connect()).await.unwrap_or_else(|| {
            Err(Failed::new(
                Trouble::Lost,
                Error::new(
                    ErrorKind::Unavailable,
                    format!("the database cannot be reached: no answer within {waited:?}"),
                ),
            ))
        })?;
        shared.counters.opened.fetch_add(1, Ordering::Relaxed);
        shared.counters.open.fetch_add(1, Ordering::AcqRel);
        self.tell("opened");
        let lease = self.lease(opened, origin, None);
        self.tell("lent");
        Ok(lease.with_turn(turn))
    }

    /// Says that a connection was broken before it was used. What breaks one mostly breaks all that were opened before: none of them is used again.
    pub(crate) fn found_broken(&self) {
        self.0.counters.pings_failed.fetch_add(1, Ordering::Relaxed);
        self.0.generation.fetch_add(1, Ordering::AcqRel);
    }

    fn refuse_if_closed(&self) -> Result<(), Failed> {
        if self.0.closed.load(Ordering::Acquire) { Err(Error::closed().into()) } else { Ok(()) }
    }

    async fn turn(
        &self,
        thread: Option<std::thread::ThreadId>,
    ) -> Result<Option<OwnedSemaphorePermit>, Failed> {
        let shared = &self.0;
        let Some(turns) = shared.turns.of(thread) else { return Ok(None) };
        if let Ok(turn) = Arc::clone(&turns).try_acquire_owned() {
            return Ok(Some(turn));
        }
        let _waiting = status::Waiting::new(&shared.counters);
        match self.within(shared.settings.pool_timeout, turns.acquire_owned()).await {
            Some(Ok(turn)) => Ok(Some(turn)),
            // Nobody closes them but the pool.
            Some(Err(_)) => Err(Error::closed().into()),
            None => {
                shared.counters.timeouts.fetch_add(1, Ordering::Relaxed);
                self.tell("exhausted");
                let message = format!(
                    "no connection became free within {:?}: all {} are in use; raise pool_size, max_overflow or pool_timeout, or ask for less at once",
                    shared.settings.pool_timeout,
                    shared.counters.open.load(Ordering::Acquire),
                );
                // The same call may succeed later, but it has waited as long as it was to wait.
                Err(Error::new(ErrorKind::Timeout, message).retryable(false).into())
            }
        }
    }

    /// Lets a future take so long; `None` if that is not enough.
    pub(crate) async fn within<T>(&self, most: Duration, work: impl Future<Output = T> + Send) -> Option<T> {
        let work = std::pin::pin!(work);
        match select(work, self.0.timer.sleep(most)).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(((), _)) => None,
        }
    }

    fn take(&self, thread: Option<std::thread::ThreadId>) -> Option<Kept> {
        let mut kept = self.kept();
        let at = match thread {
            Some(_) => kept.iter().rposition(|kept| kept.origin.thread == thread)?,
            None => kept.len().checked_sub(1)?,
        };
        Some(kept.remove(at))
    }

    fn is_old(&self, origin: Origin) -> bool {
        let shared = &self.0;
        let age = shared.clock.monotonic().saturating_sub(origin.born);
        origin.generation != shared.generation.load(Ordering::Acquire)
            || shared.settings.pool_recycle.is_some_and(|most| age >= most)
    }

    fn lease(&self, connection: Connection, origin: Origin, answered: Option<Duration>) -> Lease {
        self.0.counters.in_use.fetch_add(1, Ordering::AcqRel);
        Lease::new(self.clone(), connection, origin, answered)
    }

    /// Takes back a connection that works; one that is `unsettled` may be in the middle of something.
    fn give_back(&self, back: Kept) {
        let shared = &self.0;
        let most = match shared.settings.strategy {
            PoolStrategy::NullPool => 0,
            PoolStrategy::StaticPool => 1,
            _ => shared.settings.pool_size,
        };
        let old = {
            let mut kept = self.kept();
            if shared.closed.load(Ordering::Acquire) || self.is_old(back.origin) {
                Some((back.connection, "closed"))
            } else if shared.counters.open.load(Ordering::Acquire) <= most as u64 {
                kept.push(back);
                None
            } else if back.origin.thread.is_some() && !kept.is_empty() {
                // Another thread has not used its own for longest.
                let oldest = kept.remove(0);
                kept.push(back);
                Some((oldest.connection, "closed for another thread"))
            } else {
                Some((back.connection, "closed on return"))
            }
        };
        match old {
            None => self.tell("kept"),
            Some((connection, why)) => self.discard(connection, why),
        }
    }

    /// Closes a connection, in the background where there is a runtime.
    fn discard(&self, connection: Connection, why: &'static str) {
        self.0.counters.open.fetch_sub(1, Ordering::AcqRel);
        self.0.counters.closed.fetch_add(1, Ordering::Relaxed);
        self.tell(why);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Whoever closes it says good-bye to the server; a dropped one only hangs up.
            let pool = self.clone();
            drop(runtime.spawn(async move { pool.part_with(connection).await }));
        }
    }

    /// Says good-bye to the server; one that is gone is not waited for.
    async fn part_with(&self, connection: Connection) {
        if self.0.settings.in_memory {
            connection.close().await;
        } else {
            self.within(self.0.settings.patience, connection.close()).await;
        }
    }

    /// Closes the connections that nobody uses; the others are closed when they are given back.
    pub(crate) async fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.turns.close();
        let kept = std::mem::take(&mut *self.kept());
        for Kept { connection, .. } in kept {
            self.0.counters.open.fetch_sub(1, Ordering::AcqRel);
            self.0.counters.closed.fetch_add(1, Ordering::Relaxed);
            self.tell("closed");
            self.part_with(connection).await;
        }
    }

    /// Closes as [`close`](Self::close) does, without waiting.
    pub(crate) fn close_now(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.turns.close();
        let kept = std::mem::take(&mut *self.kept());
        for Kept { connection, .. } in kept {
            self.discard(connection, "closed");
        }
    }

    /// Returns the counts of this moment.
    pub(crate) fn status(&self) -> PoolStatus {
        let kept = self.kept().len();
        PoolStatus::of(&self.0.settings, &self.0.counters, kept)
    }

    fn tell(&self, event: &'static str) {
        if self.0.settings.echo_pool {
            let counters = &self.0.counters;
            tracing::info!(
                target: "truthound_stores_database::pool",
                event,
                open = counters.open.load(Ordering::Relaxed),
                in_use = counters.in_use.load(Ordering::Relaxed),
            );
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pool").field(&self.status()).finish()
    }
}
