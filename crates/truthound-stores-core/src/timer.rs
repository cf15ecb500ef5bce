//! Waiting as a component, so that tests can decide when it ends.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A future that may be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Lets time pass; what code that must wait is given, because this crate knows no runtime.
///
/// A program gives the timer of its runtime; tests give the testkit's manual clock, whose sleepers wake when it is
/// moved past them, or the timer of a simulation.
///
/// # Examples
/// A timer for `tokio`:
/// ```
/// use std::time::Duration;
/// use truthound_stores_core::{BoxFuture, Timer};
///
/// #[derive(Debug)]
/// struct TokioTimer;
///
/// impl Timer for TokioTimer {
///     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
///         // Made inside the future: a timer may be asked before the runtime runs.
///         Box::pin(async move { tokio::time::sleep(duration).await })
///     }
/// }
/// # let timer = TokioTimer;
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(timer.sleep(Duration::ZERO));
/// ```
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// Completes once `duration` has passed since this call, by the monotonic time of the clock that goes with the timer.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the sleeper.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

impl<T: Timer + ?Sized> Timer for Arc<T> {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(duration)
    }
}
