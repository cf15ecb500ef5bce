//! Recipes that wrap one store in another.

use crate::Store;

/// Wraps a store in another one that adds something: a cache, versions, metrics.
///
/// A layer holds settings and components; [`layer`](Self::layer) makes the wrapped store, with state of its own. The layer
/// that is added last is outermost, and the stack prints itself outermost first:
/// observability › backpressure › caching › versioning › retention › replication › backend.
///
/// A wrapper is a full [`Store`]: it forwards what it does not change, adds no new meaning to errors, and derives its
/// capabilities from the store inside.
pub trait Layer<S: Store> {
    /// The wrapped store.
    type Store: Store;

    /// Wraps `inner`.
    fn layer(self, inner: S) -> Self::Store;
}
