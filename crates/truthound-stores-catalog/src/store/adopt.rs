//! Looking now and then for what other programs did, as `adopt_interval` says.

use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::{AbortHandle, abortable};
use truthound_stores_core::{Error, ReindexOptions, Timer};

use super::Inner;

/// What is known of the looking.
#[derive(Debug, Default)]
pub(crate) struct Adopting {
    /// How it is ended, once it was begun.
    handle: Option<AbortHandle>,
    /// What the last look met, if it failed.
    trouble: Option<Error>,
}

impl Inner {
    /// Begins to look, if that was not begun, and the settings ask for it. Called where a runtime runs.
    pub(super) fn adopt_now_and_then(&self) {
        if self.config.adopt_interval == 0 {
            return;
        }
        let mut adopting = self.adopting();
        if adopting.handle.is_some() {
            return;
        }
        let interval = Duration::from_secs(self.config.adopt_interval);
        let (looking, handle) =
            abortable(look(Weak::clone(&self.me), Arc::clone(&self.wire.timer), interval));
        adopting.handle = Some(handle);
        self.runtime.spawn(Box::pin(async move {
            let _aborted = looking.await;
        }));
    }

    /// Ends the looking for good: done or not done, the catalog is whole.
    pub(super) fn stop_adopting(&self) {
        if let Some(handle) = &self.adopting().handle {
            handle.abort();
        }
    }

    /// What the last look met, if it failed.
    pub(super) fn trouble_of_adopting(&self) -> Option<Error> {
        self.adopting().trouble.as_ref().map(Error::repeat)
    }

    fn adopting(&self) -> MutexGuard<'_, Adopting> {
        self.adopting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look(store: Weak<Inner>, timer: Arc<dyn Timer>, interval: Duration) {
    loop {
        timer.sleep(interval).await;
        // Whoever drops the store ends this with it.
        let Some(store) = store.upgrade() else { return };
        // What fails now is looked for the next time.
        let looked = store.reindex(ReindexOptions::default().with_quick(true), &()).await;
        store.adopting().trouble = looked.err();
    }
}
