//! What the store does for its own health.

use async_trait::async_trait;
use truthound_stores_core::{
    Error, Finding, Level, MaintainOptions, Progress, ReindexOptions, Report, Result, Upkeep, VerifyOptions,
};

use crate::feed;
use crate::store::{DatabaseStore, call};

mod changes;
mod doctor;
mod server;
mod tags;
mod walk;

#[cfg(test)]
pub(crate) use tags::among_entries;

#[async_trait]
impl Upkeep for DatabaseStore {
    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report> {
        let mut report = self.walk(true, options.repair, progress).await?;
        self.stale_tags(options.repair, Level::Damage, &mut report).await?;
        self.check_feed(options.repair, progress, &mut report).await?;
        self.check_file(&mut report).await?;
        Ok(report)
    }

    async fn reindex(&self, _: ReindexOptions, progress: &dyn Progress) -> Result<Report> {
        // The index of tags is all that can be rebuilt, and it is compared with the documents either way: names alone say nothing of it.
        let mut report = self.walk(false, true, progress).await?;
        self.stale_tags(true, Level::Note, &mut report).await?;
        Ok(report)
    }

    async fn maintain(&self, options: MaintainOptions, progress: &dyn Progress) -> Result<Report> {
        self.refuse_if_closed().map_err(|error| error.during("maintain"))?;
        if !options.grace.is_zero() {
            let message = "a database keeps no earlier states of the store: leave the grace out";
            return Err(Error::unsupported(message).during("maintain"));
        }
        let mut report = Report::new();
        progress.advance("dropping old changes", 0, None);
        let (clock, place) = (self.clock(), self.place());
        call!(self, write, "maintain", lease => feed::give_places(lease, place, clock))?;
        let dropped = call!(self, write, "maintain", lease => feed::trim(lease, place, clock, feed::KEPT))?;
        if dropped > 0 {
            report.add(Finding::new(
                Level::Note,
                "feed",
                format!("dropped {dropped} old changes: readers that are further behind compare listings"),
            ));
        }
        self.stale_tags(true, Level::Note, &mut report).await?;
        progress.advance("gathering statistics", 0, None);
        self.refresh_statistics().await?;
        Ok(report)
    }

    async fn diagnose(&self) -> Result<Report> {
        self.doctor().await
    }
}
