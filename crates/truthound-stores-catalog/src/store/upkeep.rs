//! What the store does for its own health, one collection after the other.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use truthound_stores_core::{
    Collection, Error, ErrorKind, Finding, Level, MaintainOptions, Progress, Query, ReindexOptions, Report,
    Result, Timestamp, Upkeep, VerifyOptions,
};

use super::{CatalogStore, Inner};
use crate::clean_up::Keep;
use crate::doctor::{Conditions, Facts, of_the_catalog, of_the_place};
use crate::live::Live;
use crate::maintain::{Maintained, maintain};
use crate::query::At;
use crate::reindex::found::{counted, of};
use crate::verify::verify;

/// Truthound's own index, beside the documents of a namespace's results.
const HINT: &str = "_index.json";

/// A collection as upkeep finds it.
struct Tended {
    live: Arc<Live>,
    /// Whether a root is there that can be read.
    has_root: bool,
    /// Why the root cannot be read, if one is there.
    damage: Option<String>,
}

#[async_trait]
impl Upkeep for CatalogStore {
    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report> {
        self.inner.verify(options, progress).await.map_err(|error| error.during("verify"))
    }

    async fn reindex(&self, options: ReindexOptions, progress: &dyn Progress) -> Result<Report> {
        self.inner.reindex(options, progress).await.map_err(|error| error.during("reindex"))
    }

    async fn maintain(&self, options: MaintainOptions, progress: &dyn Progress) -> Result<Report> {
        self.inner.maintain(options, progress).await.map_err(|error| error.during("maintain"))
    }

    async fn diagnose(&self) -> Result<Report> {
        self.inner.diagnose().await.map_err(|error| error.during("diagnose"))
    }
}

impl Inner {
    async fn tended(&self, collection: &Collection) -> Result<Tended> {
        let (live, _) = self.as_known(collection)?;
        match live.index.current_root().await {
            Ok(Some(root)) => {
                let live = self.learn(collection, live, &root).await?;
                Ok(Tended { live, has_root: true, damage: None })
            }
            Ok(None) => Ok(Tended { live, has_root: false, damage: None }),
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                Ok(Tended { live, has_root: false, damage: Some(error.report()) })
            }
            Err(error) => Err(error),
        }
    }

    /// Returns a collection whose catalog is to be made anew, by what the bucket can do. `None` if there is nothing to make one of.
    async fn to_rebuild(&self, collection: &Collection, tended: &Tended) -> Result<Option<Arc<Live>>> {
        if tended.has_root || !tended.live.is_shared {
            return Ok(Some(Arc::clone(&tended.live)));
        }
        let place = self.layout.collection(collection);
        if tended.damage.is_none() && !self.has_documents(&place).await? {
            return Ok(None);
        }
        let abilities = self.probe(&place).await?;
        self.live(collection, abilities, None).map(Arc::new).map(Some)
    }

    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report> {
        self.enter("verify")?;
        let mut report = Report::new();
        for collection in self.collections().await? {
            let tended = self.tended(&collection).await?;
            let live = if options.repair {
                self.to_rebuild(&collection, &tended).await?
            } else {
                Some(Arc::clone(&tended.live))
            };
            let Some(live) = live else { continue };
            if !live.is_shared {
                report.add(read_only(&collection));
            } else if options.repair && tended.has_root {
                // What rows of the tail say of documents is mended in segments only.
                live.fold().await?;
            }
            report.merge(verify(&self.rebuilder(&live, progress), options.repair).await?);
            live.index.forget();
        }
        Ok(report)
    }

    pub(super) async fn reindex(&self, options: ReindexOptions, progress: &dyn Progress) -> Result<Report> {
        self.enter("reindex")?;
        let mut report = Report::new();
        for collection in self.collections().await? {
            let tended = self.tended(&collection).await?;
            let Some(live) = self.to_rebuild(&collection, &tended).await? else { continue };
            let rebuilder = self.rebuilder(&live, progress);
            let quick = options.quick && tended.damage.is_none();
            if !quick && tended.has_root && live.is_shared {
                // A rebuild leaves the tail as it is; a row of a document that another program deleted may still be in it.
                live.fold().await?;
            }
            report.merge(if quick { rebuilder.adopt().await? } else { rebuilder.reindex().await? });
            live.index.forget();
        }
        Ok(report)
    }

    /// Takes up what other programs did, folds everything, and removes what is not needed any more.
    async fn maintain(&self, options: MaintainOptions, progress: &dyn Progress) -> Result<Report> {
        self.enter("maintain")?;
        let keep = Keep::within(options.grace);
        if keep != Keep::NOTHING && self.config.history_days == 0 {
            return Err(Error::invalid(
                "a grace keeps earlier states of the catalog, and history_days = 0 says that none may be kept: leave the grace out, or set \
                 history_days to 1 or more",
            ));
        }
        let mut report = Report::new();
        for collection in self.collections().await? {
            let tended = self.tended(&collection).await?;
            let Some(live) = self.to_rebuild(&collection, &tended).await? else { continue };
            if !live.is_shared {
                report.add(read_only(&collection));
                continue;
            }
            report.merge(self.rebuilder(&live, progress).adopt().await?);
            let done = maintain(&live.folder, keep).await?;
            live.index.forget();
            report.findings.extend(told(&collection, &done));
        }
        Ok(report)
    }

    async fn diagnose(&self) -> Result<Report> {
        self.enter("diagnose")?;
        let mut report = Report::new();
        let (mut of_all, mut skew) = (Vec::new(), None);
        for collection in self.collections().await? {
            let tended = self.tended(&collection).await?;
            let live = &tended.live;
            let seen = live.index.last_root().filter(|_| tended.has_root);
            let mut facts = Facts { damage: tended.damage.clone(), ..Facts::default() };
            if let Some(seen) = &seen {
                let query = Query::new().with_collection(collection.clone());
                facts.root_bytes = seen.root.to_bytes()?.len() as u64;
                facts.root_changed = Some(Timestamp::from_micros(seen.modified.saturating_mul(1_000)));
                facts.documents = live.index.count(At::Now, &query).await?;
                facts.tail = live.index.library().shelf().tail().await?.len();
                // The store's clock cannot be asked; but it is no earlier than what it has written.
                let behind = self.wire.clock.now().as_micros() - seen.modified.saturating_mul(1_000);
                skew = skew.or(Some(behind).filter(|behind| *behind < 0));
                report.documents += facts.documents;
            } else if facts.damage.is_none() {
                facts.has_documents = self.has_documents(&self.layout.collection(&collection)).await?;
            }
            if collection == Collection::RESULTS {
                facts.hint_changed = self.hint_changed().await?;
            }
            let detours = live.documents.names.detours();
            if detours > 0 {
                let text = format!(
                    "this process has made {}{} only because documents have several endings",
                    counted(detours, "request"),
                    of(&collection)
                );
                of_all.push(Finding::new(Level::Note, "documents", text));
            }
            facts.root = seen.as_ref().map(|seen| &*seen.root);
            of_all.extend(of_the_catalog(&collection, &facts));
            if let Some(error) = live.trouble() {
                let text =
                    format!("the last fold in the background{} failed: {}", of(&collection), error.report());
                of_all.push(
                    Finding::new(Level::Warning, "index", text)
                        .with_remedy("`maintain` folds, or says what keeps it from it"),
                );
            }
        }
        if let Some(error) = self.trouble_of_adopting() {
            let text = format!("the last look for what other programs did failed: {}", error.report());
            of_all.push(
                Finding::new(Level::Warning, "documents", text)
                    .with_remedy("`reindex --quick` looks, or says what keeps it from it"),
            );
        }
        let found = self.found();
        let conditions = Conditions {
            excludes: found.abilities.are_enough_to_share(),
            compares_and_deletes: self.objects.compare_and_delete.is_some()
                || !found.abilities.are_enough_to_share(),
            writable: found.is_shared,
        };
        report.findings.extend(of_the_place(conditions, skew));
        report.findings.extend(of_all);
        Ok(report)
    }

    /// Says when Truthound last wrote its index, if it is there.
    async fn hint_changed(&self) -> Result<Option<Timestamp>> {
        let folder = self.layout.collection(&Collection::RESULTS);
        let folder = folder.folder().trim_end_matches('/').trim_end_matches(Collection::RESULTS.as_str());
        let path = Path::parse(format!("{folder}{HINT}")).map_err(|cause| {
            Error::invalid("the store's folder is no name that stores take").caused_by(cause)
        })?;
        match self
            .wire
            .again("look for Truthound's index", path.as_ref(), || self.objects.store.head(&path))
            .await
        {
            Ok(meta) => Ok(Some(Timestamp::from_micros(meta.last_modified.timestamp_micros()))),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Denied) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn read_only(collection: &Collection) -> Finding {
    let text = format!(
        "the collection{} cannot be written by these credentials: its index is in this process's memory, as its documents were when it was made",
        of(collection)
    );
    Finding::new(Level::Note, "index", text)
}

fn told(collection: &Collection, done: &Maintained) -> Vec<Finding> {
    let mut findings = Vec::new();
    if done.objects > 0 {
        let text = format!("folded {}{}", counted(done.objects as u64, "change"), of(collection));
        findings.push(Finding::new(Level::Good, "index", text));
    }
    if done.marks > 0 {
        let text =
            format!("removed {} of deleted documents{}", counted(done.marks as u64, "mark"), of(collection));
        findings.push(Finding::new(Level::Good, "documents", text));
    }
    let files = done.cleaned.files + done.cleaned.roots;
    if files > 0 {
        let text = format!("removed {} that nothing needs{}", counted(files as u64, "file"), of(collection));
        findings.push(Finding::new(Level::Good, "index", text));
    }
    findings
}
