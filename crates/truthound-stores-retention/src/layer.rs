//! The recipe of stores with retention.

use truthound_stores_core::{Layer, Store};

use crate::{Retention, RetentionStore};

/// Makes [`RetentionStore`]s.
///
/// **Order.** Inside of versioning and caching, outside of replication, so that what is moved or deleted reaches all replicas. What an outer
/// wrapper keeps of a record does not go with it then: hand the outermost store to [`Retention`] instead where it should.
#[derive(Clone, Debug)]
pub struct RetentionLayer(Retention);

impl RetentionLayer {
    /// Makes stores with this retention.
    pub fn new(retention: Retention) -> Self {
        Self(retention)
    }
}

impl<S: Store> Layer<S> for RetentionLayer {
    type Store = RetentionStore<S>;

    fn layer(self, inner: S) -> RetentionStore<S> {
        RetentionStore::new(inner, self.0)
    }
}
