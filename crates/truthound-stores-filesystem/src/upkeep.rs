//! What the store does for its own health.

use async_trait::async_trait;
use truthound_stores_core::{
    Collection, Error, MaintainOptions, Progress, ReindexOptions, Report, Result, Upkeep, VerifyOptions,
};

use crate::live::Live;
use crate::store::{FileSystemStore, Inner, blocking};

mod below;
mod doctor;
mod found;
mod maintain;
mod rebuild;
mod relay;
mod rescue;
mod verify;

pub(crate) use rebuild::{DOUBT, Why, doubt, rebuild_at_turn};
#[cfg(test)]
#[cfg(test)]
pub(crate) use rescue::{Held, held_against};
pub(crate) use rescue::{Rescue, rescue};

#[async_trait]
impl Upkeep for FileSystemStore {
    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report> {
        self.tend("verify", progress, move |inner, collection, watch| {
            verify::verify(inner, collection, options, watch)
        })
        .await
    }

    async fn reindex(&self, options: ReindexOptions, progress: &dyn Progress) -> Result<Report> {
        self.tend("reindex", progress, move |inner, collection, watch| {
            maintain::reindex(inner, collection, options, watch)
        })
        .await
    }

    async fn maintain(&self, options: MaintainOptions, progress: &dyn Progress) -> Result<Report> {
        if !options.grace.is_zero() {
            self.refuse_if_closed("maintain")?;
            return Err(no_earlier_states());
        }
        self.tend("maintain", progress, maintain::maintain).await
    }

    async fn diagnose(&self) -> Result<Report> {
        self.tend("diagnose", &(), doctor::diagnose).await
    }
}

impl FileSystemStore {
    /// Does blocking work for each collection, one after the other, and reports all of it.
    async fn tend<F>(&self, operation: &'static str, progress: &dyn Progress, work: F) -> Result<Report>
    where
        F: Fn(&Inner, &Collection, &dyn Progress) -> Result<Report> + Send + 'static,
    {
        self.refuse_if_closed(operation)?;
        let inner = self.shared();
        let (relay, watcher) = relay::relay();
        let working = blocking(move || {
            inner.check_folder()?;
            let mut report = Report::new();
            for collection in inner.collections()? {
                report.merge(work(&inner, &collection, &relay)?);
            }
            Ok(report)
        });
        watcher.watch(working, progress).await.map_err(|error| error.during(operation))
    }
}

/// Refuses a grace: what a save replaces is gone with it, on disk.
fn no_earlier_states() -> Error {
    Error::unsupported(
        "a store in files keeps no earlier states, so there is nothing that a grace could keep: leave it out",
    )
    .during("maintain")
}

/// Tells whether a collection that cannot be written is read by an index of our own.
fn is_read_only(live: &Live) -> bool {
    !live.identity.path().starts_with(live.folder.catalog())
}

/// Refuses work on a collection that cannot be written, and says why it cannot.
fn refuse_if_read_only(live: &Live) -> Result<()> {
    if is_read_only(live) { live.begin() } else { Ok(()) }
}
