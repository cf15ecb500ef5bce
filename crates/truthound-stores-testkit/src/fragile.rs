//! A place whose documents can be damaged and whose backend can be cut off.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use truthound_stores_core::{Collection, ErrorKind, Key, Store};

use crate::{Faults, FaultyStore, Place};

mod store;
mod upkeep;

use store::DamageableStore;

/// Adds to a place what a store that keeps everything in memory lacks: documents that can be damaged, an upkeep that finds them, and
/// an outage.
///
/// The conformance suite of a wrapper runs over a [`WrappedPlace`](crate::WrappedPlace) of such a place, so that its cases about damage and
/// outages apply.
#[derive(Debug, Default)]
pub struct FragilePlace<P> {
    inner: P,
    faults: Faults,
    damaged: Damaged,
    collections: Collections,
}

/// The collections that something was written into, by namespace; shared by all handles on a place.
#[derive(Clone, Debug, Default)]
struct Collections(Arc<Mutex<BTreeSet<(String, Collection)>>>);

impl Collections {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeSet<(String, Collection)>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The documents that are damaged, by namespace; shared by all handles on a place.
#[derive(Clone, Debug, Default)]
struct Damaged(Arc<Mutex<BTreeSet<(String, Key)>>>);

impl Damaged {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeSet<(String, Key)>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<P: Place> FragilePlace<P> {
    /// Makes `inner` fragile.
    pub fn new(inner: P) -> Self {
        Self {
            inner,
            faults: Faults::new(),
            damaged: Damaged::default(),
            collections: Collections::default(),
        }
    }

    /// Returns the script by which all stores of this place fail.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }
}

#[async_trait]
impl<P: Place> Place for FragilePlace<P> {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let inner = self.inner.open(namespace).await;
        let store = DamageableStore::new(inner, namespace, self.damaged.clone(), self.collections.clone());
        Arc::new(FaultyStore::new(store, &self.faults))
    }

    fn persists(&self) -> bool {
        self.inner.persists()
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        self.damaged.with(|damaged| damaged.insert((namespace.to_owned(), key.clone())))
    }

    async fn set_outage(&self, on: bool) -> bool {
        if on {
            self.faults.outage(ErrorKind::Unavailable);
        } else {
            self.faults.heal();
        }
        true
    }
}
