//! Work in the background as a component: this crate needs no runtime.

use std::fmt;
use std::sync::Arc;

use truthound_stores_core::BoxFuture;

/// Carries out work in the background; what code that has such work is given, because it knows no runtime.
///
/// A program gives what its runtime has (with the feature `tokio`, `TokioRuntime`); a test gives the one of
/// a simulation.
///
/// # Examples
/// ```
/// use truthound_stores_core::BoxFuture;
/// use truthound_stores_resilience::Spawn;
///
/// #[derive(Debug)]
/// struct OnTokio(tokio::runtime::Handle);
///
/// impl Spawn for OnTokio {
///     fn spawn(&self, _: &'static str, task: BoxFuture<'static, ()>) {
///         drop(self.0.spawn(task));
///     }
/// }
/// ```
pub trait Spawn: fmt::Debug + Send + Sync + 'static {
    /// Runs `task` until it ends; `name` is for whoever looks at what is running. A task that cannot be run is dropped.
    fn spawn(&self, name: &'static str, task: BoxFuture<'static, ()>);
}

impl<T: Spawn + ?Sized> Spawn for Arc<T> {
    fn spawn(&self, name: &'static str, task: BoxFuture<'static, ()>) {
        (**self).spawn(name, task);
    }
}
