//! Work that keeps a processor busy: encoding and decoding rows. It goes where it keeps no task waiting, and in pieces side by side.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::try_join_all;
use tokio::sync::oneshot;
use truthound_stores_core::{Error, ErrorKind, Result};

use crate::runtime::Runtime;

/// Where such work is done. By default at once, by whoever asks: so do tests that must do the same each time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workers(Option<Arc<dyn Runtime>>);

impl Workers {
    /// Gives work to a runtime.
    pub(crate) fn of(runtime: Arc<dyn Runtime>) -> Self {
        Self(Some(runtime))
    }

    /// Says how many pieces of work gain by being done side by side.
    pub(crate) fn lanes(&self) -> usize {
        self.0.as_ref().map_or(1, |runtime| runtime.lanes().max(1))
    }

    /// Does one piece of work.
    ///
    /// # Errors
    /// `Unavailable` if the runtime has dropped the work.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the work done, or not begun; nobody hears of it.
    pub(crate) async fn one<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.ask(|_| work()).await
    }

    /// Does work that asks, as often as it likes, whether it is still waited for. What nobody waits for any more is not begun.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
    ) -> Result<T> {
        let Some(runtime) = &self.0 else { return Ok(work(&|| true)) };
        let (tell, told) = oneshot::channel();
        runtime.compute(Box::new(move || {
            if !tell.is_closed() {
                let done = work(&|| !tell.is_closed());
                drop(tell.send(done));
            }
        }));
        told.await.map_err(|cause| {
            let text = "the program's runtime has dropped a piece of work: it may be about to end";
            Error::new(ErrorKind::Unavailable, text).caused_by(cause)
        })
    }

    /// Does pieces of work, as many side by side as the runtime has lanes. The answers are in the order of the pieces.
    ///
    /// # Errors
    /// As for [`one`](Self::one).
    ///
    /// # Cancel safety
    /// As for [`one`](Self::one): no further piece is begun.
    pub(crate) async fn all<P, T>(
        &self,
        pieces: Vec<P>,
        work: impl Fn(P) -> T + Send + Sync + 'static,
    ) -> Result<Vec<T>>
    where
        P: Send + 'static,
        T: Send + 'static,
    {
        if self.0.is_none() {
            return Ok(pieces.into_iter().map(work).collect());
        }
        let lanes = self.lanes().min(pieces.len());
        let queue = Arc::new((Mutex::new(pieces.into_iter().enumerate()), work));
        let lanes = (0..lanes).map(|_| {
            let queue = Arc::clone(&queue);
            self.ask(move |is_waited_for: &dyn Fn() -> bool| {
                let (pieces, work) = &*queue;
                let next = || {
                    let mut pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner);
                    is_waited_for().then(|| pieces.next()).flatten()
                };
                std::iter::from_fn(next).map(|(at, piece)| (at, work(piece))).collect::<Vec<_>>()
            })
        });
        let mut done: Vec<(usize, T)> = try_join_all(lanes).await?.into_iter().flatten().collect();
        done.sort_unstable_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, answer)| answer).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::sync::Condvar;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures_util::FutureExt;
    use truthound_stores_core::{BoxFuture, Timer};

    use super::*;

    /// Runs work on threads of its own, or not at all.
    #[derive(Debug)]
    struct Threads(usize);

    impl Timer for Threads {
        fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    impl Runtime for Threads {
        fn spawn(&self, _task: BoxFuture<'static, ()>) {}

        fn compute(&self, work: Box<dyn FnOnce() + Send>) {
            if self.0 > 0 {
                std::thread::spawn(work);
            }
        }

        fn lanes(&self) -> usize {
            self.0
        }
    }

    /// Keeps work until it is told to do it.
    #[derive(Default)]
    struct Later(Mutex<Vec<Box<dyn FnOnce() + Send>>>);

    impl fmt::Debug for Later {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Later")
        }
    }

    impl Timer for Later {
        fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    impl Runtime for Later {
        fn spawn(&self, _task: BoxFuture<'static, ()>) {}

        fn compute(&self, work: Box<dyn FnOnce() + Send>) {
            self.0.lock().unwrap().push(work);
        }
    }

    impl Later {
        fn work(&self) {
            let kept = std::mem::take(&mut *self.0.lock().unwrap());
            assert!(!kept.is_empty());
            for work in kept {
                work();
            }
        }
    }

    /// Who was cancelled left all pieces of a long answer to be done, and whoever came next waited behind them.
    #[test]
    fn no_piece_is_begun_for_who_is_gone() {
        type Answer = BoxFuture<'static, Result<Vec<usize>>>;
        let later = Arc::new(Later::default());
        let runtime: Arc<dyn Runtime> = Arc::<Later>::clone(&later);
        let (workers, done) = (Workers::of(runtime), Arc::new(AtomicUsize::new(0)));
        let count = |done: &Arc<AtomicUsize>| {
            let done = Arc::clone(done);
            move |_: usize| done.fetch_add(1, Ordering::Relaxed)
        };
        assert!(workers.all(vec![1, 2, 3], count(&done)).now_or_never().is_none());
        let one = count(&done);
        assert!(workers.one(move || one(1)).now_or_never().is_none());
        later.work();
        assert_eq!(done.load(Ordering::Relaxed), 0, "gone before the first");

        // The first piece sees the caller go.
        let asked: Arc<Mutex<Option<Answer>>> = Arc::default();
        let (gone, one) = (Arc::clone(&asked), count(&done));
        let leave = move |piece: usize| {
            drop(gone.lock().unwrap().take());
            one(piece)
        };
        let mut future: Answer = Box::pin(async move { workers.all(vec![1, 2, 3], leave).await });
        assert!(future.as_mut().now_or_never().is_none());
        *asked.lock().unwrap() = Some(future);
        later.work();
        assert_eq!(done.load(Ordering::Relaxed), 1, "gone with the first");
    }

    #[tokio::test]
    async fn answers_come_in_the_order_of_the_pieces_however_many_lanes_there_are() {
        for workers in
            [Workers::default(), Workers::of(Arc::new(Threads(1))), Workers::of(Arc::new(Threads(5)))]
        {
            let squares = workers.all((0..100_u32).collect(), |number| number * number).await.unwrap();
            assert_eq!(squares, (0..100).map(|number| number * number).collect::<Vec<_>>());
            assert_eq!(workers.all(Vec::new(), |number: u32| number).await.unwrap(), [0; 0]);
            assert_eq!(workers.one(|| 7).await.unwrap(), 7);
        }
    }

    /// Each of two pieces ends when both have begun.
    #[tokio::test]
    async fn pieces_run_side_by_side() {
        let met = Arc::new((Mutex::new(0), Condvar::new()));
        let work = move |(): ()| {
            let (count, changed) = &*met;
            let mut count = count.lock().unwrap();
            *count += 1;
            changed.notify_all();
            drop(changed.wait_while(count, |count| *count < 2).unwrap());
        };
        Workers::of(Arc::new(Threads(2))).all(vec![(), ()], work).await.unwrap();
    }

    #[tokio::test]
    async fn work_that_a_runtime_drops_is_an_error() {
        let error = Workers::of(Arc::new(Threads(0))).all(vec![1], |number| number).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}
