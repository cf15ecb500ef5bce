//! Carries progress from a blocking thread to the future that waits for it.

use std::future::Future;
use std::pin::pin;

use futures_util::future::{Either, select};
use tokio::sync::watch;
use truthound_stores_core::Progress;

type Step = Option<(&'static str, u64, Option<u64>)>;

/// The end that works: of steps that come too fast only the latest is seen.
pub(super) struct Relay(watch::Sender<Step>);

/// The end that watches.
pub(super) struct Watcher(watch::Receiver<Step>);

pub(super) fn relay() -> (Relay, Watcher) {
    let (sender, receiver) = watch::channel(None);
    (Relay(sender), Watcher(receiver))
}

impl Progress for Relay {
    fn advance(&self, doing: &'static str, done: u64, total: Option<u64>) {
        self.0.send_replace(Some((doing, done, total)));
    }
}

impl Watcher {
    /// Waits for `working`, and tells `progress` of its steps meanwhile.
    pub(super) async fn watch<T>(
        mut self,
        working: impl Future<Output = T> + Send,
        progress: &dyn Progress,
    ) -> T {
        let mut working = pin!(working);
        loop {
            let ended = {
                let changed = pin!(self.0.changed());
                match select(working.as_mut(), changed).await {
                    Either::Left((done, _)) => return done,
                    Either::Right((changed, _)) => changed.is_err(),
                }
            };
            if ended {
                // The work is done, or about to be.
                return working.await;
            }
            if let Some((doing, done, total)) = *self.0.borrow_and_update() {
                progress.advance(doing, done, total);
            }
        }
    }
}
