//! Time and background tasks of `tokio`.

use std::time::Duration;

use tokio::runtime::Handle;
use truthound_stores_core::{BoxFuture, Timer};

use crate::Spawn;

/// Sleeps and spawns on the `tokio` runtime that calls are made in.
///
/// A runtime with its timer enabled must be running where a sleeper is awaited.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::SystemClock;
/// use truthound_stores_resilience::{RetryConfig, RetryLayer, TokioRuntime};
///
/// let retries = RetryLayer::new(RetryConfig::new(), Arc::new(SystemClock::new()), Arc::new(TokioRuntime))?;
/// # let _ = retries;
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioRuntime;

impl Timer for TokioRuntime {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // Made inside the future: a timer may be asked before the runtime runs.
        Box::pin(async move { tokio::time::sleep(duration).await })
    }
}

/// Outside a runtime nothing can be run: the task is dropped.
impl Spawn for TokioRuntime {
    fn spawn(&self, _: &'static str, task: BoxFuture<'static, ()>) {
        if let Ok(runtime) = Handle::try_current() {
            drop(runtime.spawn(task));
        }
    }
}
