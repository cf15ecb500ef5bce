//! Bugs of upkeep.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, Collection, DeleteOptions, ErrorKind, Ext, Finding, Level, MaintainOptions,
    Progress, PutOptions, Query, ReindexOptions, Report, Result, Store, StoreExt, VerifyOptions,
};

use super::behaviour::{Behaviour, upkeep_of};
use crate::listing::all_of;

/// Does what it should, and says something else.
#[derive(Debug)]
pub(super) struct Reports(pub(super) fn(&mut Report));

#[async_trait]
impl Behaviour for Reports {
    async fn verified(&self, _: &dyn Store, _: VerifyOptions, report: &mut Report) -> Result<()> {
        (self.0)(report);
        Ok(())
    }
}

pub(super) fn no_damage(report: &mut Report) {
    report.findings.retain(|finding| finding.level != Level::Damage);
}

pub(super) fn no_names(report: &mut Report) {
    for finding in &mut report.findings {
        finding.key = None;
    }
}

/// Takes an index that was never written for one that is gone.
pub(super) fn empty_is_damage(report: &mut Report) {
    if report.documents == 0 {
        report.add(Finding::new(Level::Damage, "index", "there is no index"));
    }
}

/// Takes what is not yet in its place for what is missing.
#[derive(Debug)]
pub(super) struct DistrustsTheUnflushed;

#[async_trait]
impl Behaviour for DistrustsTheUnflushed {
    async fn verified(&self, inner: &dyn Store, _: VerifyOptions, report: &mut Report) -> Result<()> {
        if let Some(meta) = all_of(inner, &Collection::RESULTS).await?.metas.into_iter().next() {
            report.add(Finding::new(Level::Damage, "document", "its file is missing").at(meta.key));
        }
        Ok(())
    }
}

/// Looks at one collection of several.
#[derive(Debug)]
pub(super) struct CountsResultsOnly;

#[async_trait]
impl Behaviour for CountsResultsOnly {
    async fn verified(&self, inner: &dyn Store, _: VerifyOptions, report: &mut Report) -> Result<()> {
        report.documents = inner.list_runs(&Query::new()).await?.len() as u64;
        Ok(())
    }
}

/// Mends a store by taking out whatever is damaged.
#[derive(Debug)]
pub(super) struct RepairDeletes;

#[async_trait]
impl Behaviour for RepairDeletes {
    async fn verified(&self, inner: &dyn Store, options: VerifyOptions, report: &mut Report) -> Result<()> {
        for finding in report.findings.iter_mut().filter(|_| options.repair) {
            if let (Level::Damage, Some(key)) = (finding.level, &finding.key) {
                finding.repaired = inner.delete(key).await?;
            }
        }
        Ok(())
    }
}

/// Gives space back that is still needed.
#[derive(Debug)]
pub(super) struct MaintainRemovesOldest;

#[async_trait]
impl Behaviour for MaintainRemovesOldest {
    async fn maintain(
        &self,
        inner: &dyn Store,
        options: MaintainOptions,
        progress: &dyn Progress,
    ) -> Result<Report> {
        let metas = all_of(inner, &Collection::RESULTS).await?.metas;
        if let Some(oldest) = metas.iter().min_by_key(|meta| meta.attributes.run_time) {
            inner.delete_opts(&oldest.key, DeleteOptions::default()).await?;
        }
        upkeep_of(inner)?.maintain(options, progress).await
    }
}

/// Knows after rebuilding only what the documents themselves say.
#[derive(Debug)]
pub(super) struct ReindexForgetsExt;

#[async_trait]
impl Behaviour for ReindexForgetsExt {
    async fn reindex(
        &self,
        inner: &dyn Store,
        options: ReindexOptions,
        progress: &dyn Progress,
    ) -> Result<Report> {
        for meta in all_of(inner, &Collection::RESULTS).await?.metas {
            if !options.quick && !meta.attributes.ext.is_empty() {
                let mut record = inner.read(&meta.key).await?.into_record()?;
                record.attributes.ext = Ext::default();
                inner.put_opts(record, PutOptions::default()).await?;
            }
        }
        upkeep_of(inner)?.reindex(options, progress).await
    }
}

/// Tries out whether it can write, on a document that is there.
#[derive(Debug)]
pub(super) struct DiagnoseWrites;

#[async_trait]
impl Behaviour for DiagnoseWrites {
    async fn diagnose(&self, inner: &dyn Store) -> Result<Report> {
        let metas = all_of(inner, &Collection::RESULTS).await?.metas;
        if let Some(meta) = metas.first() {
            let record = inner.read(&meta.key).await?.into_record()?;
            inner.put_opts(record, PutOptions::default()).await?;
        }
        upkeep_of(inner)?.diagnose().await
    }
}

/// Gives the space of a feed back that somebody still reads, and does not tell them.
#[derive(Debug, Default)]
pub(super) struct MaintainCutsTheFeed(AtomicBool);

#[async_trait]
impl Behaviour for MaintainCutsTheFeed {
    async fn maintain(
        &self,
        inner: &dyn Store,
        options: MaintainOptions,
        progress: &dyn Progress,
    ) -> Result<Report> {
        self.0.store(true, Ordering::SeqCst);
        upkeep_of(inner)?.maintain(options, progress).await
    }

    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        let mut page = inner.changes(after, limit).await?;
        if self.0.load(Ordering::SeqCst) {
            page.changes.drain(..page.changes.len().saturating_sub(1));
        }
        Ok(page)
    }
}

/// Writes a copy of what it read at the beginning over what is there at the end.
#[derive(Debug)]
pub(super) struct MaintainPutsBack;

#[async_trait]
impl Behaviour for MaintainPutsBack {
    async fn maintain(
        &self,
        inner: &dyn Store,
        options: MaintainOptions,
        progress: &dyn Progress,
    ) -> Result<Report> {
        let before = all_of(inner, &Collection::RESULTS).await?.metas;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        for meta in all_of(inner, &Collection::RESULTS).await?.metas {
            if !before.iter().any(|known| known.key == meta.key) {
                inner.delete_opts(&meta.key, DeleteOptions::default()).await?;
            }
        }
        upkeep_of(inner)?.maintain(options, progress).await
    }
}

/// Forgets to look in one method.
#[derive(Debug)]
pub(super) struct MaintainsAfterClose;

#[async_trait]
impl Behaviour for MaintainsAfterClose {
    async fn maintain(
        &self,
        inner: &dyn Store,
        options: MaintainOptions,
        progress: &dyn Progress,
    ) -> Result<Report> {
        match upkeep_of(inner)?.maintain(options, progress).await {
            Err(error) if error.kind() == ErrorKind::Closed => Ok(Report::new()),
            answer => answer,
        }
    }
}

/// Reports documents that cannot be reached as damaged.
#[derive(Debug)]
pub(super) struct OutageAsDamage;

#[async_trait]
impl Behaviour for OutageAsDamage {
    async fn verified(&self, inner: &dyn Store, _: VerifyOptions, report: &mut Report) -> Result<()> {
        if let Err(error) = inner.count(&Query::new()).await
            && error.kind() == ErrorKind::Unavailable
        {
            report.add(Finding::new(Level::Damage, "document", error.to_string()));
        }
        Ok(())
    }
}
