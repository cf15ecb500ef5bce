//! What a store needs of the program around it: time that passes, and work in the background.

use std::time::Duration;

use truthound_stores_core::{BoxFuture, Timer};

/// Lets time pass, and runs what a store does in the background: folding after saves, and looking for what other programs did.
///
/// Nothing that was acknowledged depends on it: a runtime that drops each task makes a store whose catalog is folded by others, or by
/// `maintain`.
pub trait Runtime: Timer {
    /// Runs a task until it ends.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

/// The Tokio runtime that the caller runs in. Outside of one, nothing runs in the background.
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
}
