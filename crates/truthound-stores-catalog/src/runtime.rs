//! What a store needs of the program around it: time that passes, and work in the background.

use std::sync::OnceLock;
use std::thread::available_parallelism;
use std::time::Duration;

use truthound_stores_core::{BoxFuture, Timer};

/// Lets time pass, and runs what a store does in the background: folding after saves, and looking for what other programs did.
///
/// Nothing that was acknowledged depends on it: a runtime that drops each task makes a store whose catalog is folded by others, or by
/// `maintain`.
pub trait Runtime: Timer {
    /// Runs a task until it ends.
    fn spawn(&self, task: BoxFuture<'static, ()>);

    /// Runs work that keeps a processor busy for milliseconds, where it keeps no task waiting. What is dropped unrun fails what waits for
    /// it with [`Unavailable`](truthound_stores_core::ErrorKind::Unavailable).
    ///
    /// By default it runs at once, on the caller's thread.
    fn compute(&self, work: Box<dyn FnOnce() + Send>) {
        work();
    }

    /// Says how many pieces of such work gain by running side by side: 1 by default.
    fn lanes(&self) -> usize {
        1
    }
}

/// So many pieces of work of one fold run side by side at the most: the program has other things to do.
const LANES: usize = 4;

/// The Tokio runtime that the caller runs in. Outside of one, nothing runs in the background. What keeps a processor busy runs on its blocking
/// threads, on as many as there are processors and on four at the most.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioRuntime;

impl Timer for TokioRuntime {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // Made inside the future: a timer may be asked before the runtime runs.
        Box::pin(async move { tokio::time::sleep(duration).await })
    }
}

impl Runtime for TokioRuntime {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(task));
        }
    }

    fn compute(&self, work: Box<dyn FnOnce() + Send>) {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(work)),
            Err(_outside) => work(),
        }
    }

    fn lanes(&self) -> usize {
        // Asking the system anew each time costs more than it tells.
        static PROCESSORS: OnceLock<usize> = OnceLock::new();
        *PROCESSORS.get_or_init(|| available_parallelism().map_or(1, usize::from).min(LANES))
    }
}
