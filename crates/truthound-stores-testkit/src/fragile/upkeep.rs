//! An upkeep that reads every document and so finds those that are damaged.

use async_trait::async_trait;
use truthound_stores_core::{
    Finding, Level, MaintainOptions, Progress, ReindexOptions, Report, Result, Store, StoreExt, Upkeep,
    VerifyOptions,
};

use super::store::DamageableStore;
use crate::listing::all_of;

impl DamageableStore {
    /// Reads all that there is.
    async fn look(&self, progress: &dyn Progress) -> Result<Report> {
        let mut report = Report::new();
        for collection in self.collections() {
            for meta in all_of(&self.inner, &collection).await?.metas {
                match self.inner.read(&meta.key).await {
                    Ok(_) => report.documents += 1,
                    // It was deleted since it was listed.
                    Err(error) if error.kind() == truthound_stores_core::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
                progress.advance("reading documents", report.documents, None);
            }
            for key in self.damaged_in(&collection) {
                let finding =
                    Finding::new(Level::Damage, "document", format!("{key} was damaged on purpose"));
                report.add(finding.at(key));
            }
        }
        Ok(report)
    }
}

#[async_trait]
impl Upkeep for DamageableStore {
    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report> {
        let mut report = self.look(progress).await?;
        if let Some(inside) = self.inner.upkeep() {
            report.findings.extend(inside.verify(options, progress).await?.findings);
        }
        Ok(report)
    }

    async fn reindex(&self, options: ReindexOptions, progress: &dyn Progress) -> Result<Report> {
        let mut report = self.look(progress).await?;
        if let Some(inside) = self.inner.upkeep() {
            report.findings.extend(inside.reindex(options, progress).await?.findings);
        }
        Ok(report)
    }

    async fn maintain(&self, options: MaintainOptions, progress: &dyn Progress) -> Result<Report> {
        match self.inner.upkeep() {
            Some(inside) => inside.maintain(options, progress).await,
            None => self.inner.flush().await.map(|()| Report::new()),
        }
    }

    async fn diagnose(&self) -> Result<Report> {
        match self.inner.upkeep() {
            Some(inside) => inside.diagnose().await,
            None => self.inner.check().await.map(|()| Report::new()),
        }
    }
}
