//! Retention and versions around one store, in either order: what goes, what becomes of its history, and what comes back. The documentation of both layers says
//! which order is for what.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{
    ErrorKind, Layer as _, MaintainOptions, Query, Record, Store, StoreExt as _, VerifyOptions,
};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{
    Applied, RestoreFrom, Retention, RetentionAction, RetentionStore, RetentionTargets,
};
use truthound_stores_testkit::{FragilePlace, ManualClock, Place as _, conformance_tests};
use truthound_stores_versioning::{
    DeletedHistory, History, Origin, SaveOptions, VersionedStore, VersioningConfig, VersioningMode,
};

use crate::conformance::{Memory, layer};
use crate::support::{DAY, RESULTS, daily, documents, ids, key, memory, record_with, retention};
use RetentionAction::{Archive, Delete, Quarantine};

type Inside = Arc<dyn Store>;

/// A store with both wrappers, and what each of them has of its own.
struct Pair {
    clock: Arc<ManualClock>,
    /// What both stand around.
    inside: Inside,
    /// The versions, whichever is outside.
    versions: Arc<VersionedStore<Inside>>,
    /// The retention, whichever is outside.
    retaining: RetentionStore<Inside>,
    archive: MemoryStore,
}

/// Which of the two is outside.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outside {
    Versions,
    Retention,
}

impl Pair {
    async fn new(outside: Outside, action: RetentionAction, versioning: VersioningConfig) -> Self {
        let (clock, memory) = memory();
        let archive = MemoryStore::new().with_clock(Arc::clone(&clock) as _);
        let inside = FragilePlace::new(Memory(memory)).open("default").await;
        let targets = RetentionTargets::none()
            .with_archive(Arc::new(archive.clone()))
            .with_quarantine(Arc::new(archive.clone()));
        let retention = retention(&daily(action).with_grace_days(7.0), targets, &clock);
        Self::around(outside, inside, archive, retention, &versioning, clock)
    }

    fn around(
        outside: Outside,
        inside: Inside,
        archive: MemoryStore,
        retention: Retention,
        versioning: &VersioningConfig,
        clock: Arc<ManualClock>,
    ) -> Self {
        let keeping = |store: Inside| {
            Arc::new(VersionedStore::new(store, versioning.clone(), Arc::clone(&clock) as _).unwrap())
        };
        let (versions, retaining) = match outside {
            Outside::Versions => {
                let retaining = RetentionStore::new(Arc::clone(&inside), retention);
                (keeping(Arc::new(retaining.clone())), retaining)
            }
            Outside::Retention => {
                let versions = keeping(Arc::clone(&inside));
                (Arc::clone(&versions), RetentionStore::new(versions as Inside, retention))
            }
        };
        Self { clock, inside, versions, retaining, archive }
    }

    /// The versions themselves: a shared one offers what every store has first.
    fn versions(&self) -> &VersionedStore<Inside> {
        &self.versions
    }

    /// Saves three versions of a document that is long past its time.
    async fn fill(&self) {
        for note in 1..=3 {
            self.versions
                .put(record_with(&self.clock, "one", "a", 30, &format!(r#""note": {note}"#)))
                .await
                .unwrap();
        }
        self.clock.advance(8 * DAY);
    }

    async fn run(&self) -> Applied {
        let applied = self.retaining.run(&RESULTS).await.unwrap();
        assert_eq!((applied.removed(), applied.failed), (1, 0), "{:?}", applied.errors);
        assert!(ids(&self.versions).await.is_empty());
        applied
    }

    async fn restore(&self, action: RetentionAction) {
        let from = match action {
            Delete => RestoreFrom::Deleted,
            Archive => RestoreFrom::Archive,
            Quarantine => RestoreFrom::Quarantine,
        };
        let restored = self.retaining.restore(&RESULTS, from, &["one".to_owned()]).await.unwrap();
        assert_eq!((restored.restored.records, restored.failed), (1, 0), "{:?}", restored.errors);
    }

    /// Removes what belongs to no document, two days later.
    async fn maintain(&self) {
        self.clock.advance(2 * DAY);
        let keeper = self.versions.upkeep().unwrap();
        keeper.maintain(MaintainOptions::default(), &()).await.unwrap();
    }

    /// The versions of the document, the newest first.
    async fn history(&self) -> Vec<(String, Origin)> {
        let listed = self.versions.list_versions(&key("one"), &History::new()).await.unwrap();
        listed.into_iter().map(|version| (version.version, version.origin)).collect()
    }

    async fn names(&self) -> Vec<String> {
        self.history().await.into_iter().map(|(name, _)| name).collect()
    }

    /// Checks that all versions can be read, and that nothing is damaged.
    async fn assert_whole(&self) {
        for (name, origin) in self.history().await {
            if origin != Origin::Deletion {
                self.versions.get_version(&key("one"), &name).await.unwrap();
            }
        }
        let report = self.versions.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(!report.is_damaged(), "{:?}", report.findings);
    }

    fn again(&self) -> Record {
        record_with(&self.clock, "one", "a", 0, r#""note": 9"#)
    }
}

/// What the layer of versions says of retention inside: what it removes has no history any more, and with the document the history is back.
#[tokio::test]
async fn what_retention_inside_removes_comes_back_with_its_history() {
    for action in RetentionAction::ALL {
        let pair = Pair::new(Outside::Versions, action, VersioningConfig::new()).await;
        pair.fill().await;
        let before = documents(&*pair.versions, &RESULTS).await;
        pair.run().await;
        let error = pair.versions.list_versions(&key("one"), &History::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{action}: {}", error.report());
        pair.restore(action).await;
        assert_eq!(documents(&*pair.versions, &RESULTS).await, before, "{action}");
        assert_eq!(pair.names().await, ["v3", "v2", "v1"], "{action}");
        let expecting = SaveOptions::new().with_expected_version(3);
        assert_eq!(pair.versions().save(pair.again(), expecting).await.unwrap().version, "v4");
        pair.assert_whole().await;
    }
}

/// A document that retention inside had deleted came back after upkeep had removed its history, and named a version that was not there: its history was damaged
/// from then on, whatever was saved, and no upkeep said so.
#[tokio::test]
async fn what_comes_back_after_its_history_went_begins_one_that_goes_on_with_the_numbers() {
    for action in RetentionAction::ALL {
        for mode in [VersioningMode::Incremental, VersioningMode::Semantic, VersioningMode::GitLike] {
            let config = VersioningConfig::new().with_mode(mode);
            let pair = Pair::new(Outside::Versions, action, config).await;
            pair.fill().await;
            let before = documents(&*pair.versions, &RESULTS).await;
            pair.run().await;
            pair.maintain().await;
            pair.restore(action).await;
            assert_eq!(documents(&*pair.versions, &RESULTS).await, before, "{action}");
            // As of a document that was there before there were versions.
            assert_eq!(pair.names().await, [""; 0], "{action}");
            pair.assert_whole().await;
            let saved = pair.versions().save(pair.again(), SaveOptions::new()).await.unwrap();
            assert_eq!(saved.ordinal, 5, "{action}");
            let history = pair.history().await;
            let origins: Vec<Origin> = history.iter().map(|(_, origin)| *origin).collect();
            assert_eq!(origins, [Origin::Save, Origin::Outside], "{action}");
            match mode {
                VersioningMode::Incremental => assert_eq!(pair.names().await, ["v5", "v4"]),
                VersioningMode::Semantic => assert_eq!(pair.names().await, ["1.0.4", "1.0.3"]),
                _ => {}
            }
            let found = pair.versions.get_version(&key("one"), 4).await.unwrap();
            assert_eq!(found.record.body.as_str(), before["one"]);
            let error = pair.versions.get_version(&key("one"), 3).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.report());
            pair.assert_whole().await;
            // Upkeep, and another deletion, find nothing odd.
            pair.maintain().await;
            pair.assert_whole().await;
            assert!(pair.versions().delete(&key("one"), SaveOptions::new()).await.unwrap());
            pair.versions.rollback(&key("one"), 4, SaveOptions::new()).await.unwrap();
            assert_eq!(documents(&*pair.versions, &RESULTS).await, before);
        }
    }
}

/// Of a document that was deleted inside, upkeep once removed the versions that were a day old and left the others: what came back had a history with a hole.
#[tokio::test]
async fn upkeep_removes_a_history_whole_or_not_at_all() {
    let pair = Pair::new(Outside::Versions, Archive, VersioningConfig::new()).await;
    pair.fill().await;
    let old = record_with(&pair.clock, "one", "a", 30, r#""note": 4"#);
    pair.versions.put(old).await.unwrap();
    // At once, as a run without a grace period does.
    pair.inside.delete(&key("one")).await.unwrap();
    let again = pair.versions.upkeep().unwrap();
    again.maintain(MaintainOptions::default(), &()).await.unwrap();
    let hidden =
        Query::new().with_collection(truthound_stores_core::Collection::hidden("versioning").unwrap());
    assert_eq!(pair.inside.count(&hidden).await.unwrap(), 4);
    pair.maintain().await;
    assert_eq!(pair.inside.count(&hidden).await.unwrap(), 0);
}

/// What the layer of retention says of the outermost store: what goes is a version, and what comes back is the next.
#[tokio::test]
async fn what_retention_outside_removes_is_a_version() {
    for action in RetentionAction::ALL {
        let pair = Pair::new(Outside::Retention, action, VersioningConfig::new()).await;
        pair.fill().await;
        let before = documents(&*pair.versions, &RESULTS).await;
        pair.run().await;
        assert_eq!(pair.history().await[0], ("v4".to_owned(), Origin::Deletion), "{action}");
        // The history is kept with the deletion, however long that takes.
        pair.maintain().await;
        assert_eq!(pair.names().await, ["v4", "v3", "v2", "v1"], "{action}");
        pair.restore(action).await;
        assert_eq!(documents(&*pair.versions, &RESULTS).await, before, "{action}");
        assert_eq!(pair.names().await, ["v5", "v4", "v3", "v2", "v1"], "{action}");
        let fifth = pair.versions.get_version(&key("one"), 5).await.unwrap();
        assert_eq!(fifth.record.body.as_str(), before["one"]);
        // Without what retention had noted beside it.
        assert_eq!(fifth.record.attributes.ext.iter().count(), 0, "{action}");
        assert!(ids(&pair.archive).await.is_empty(), "{action}");
        pair.assert_whole().await;
    }
}

/// Where versions want a message for each save, nothing could be brought back: a restore had none to give.
#[tokio::test]
async fn what_comes_back_says_so_where_versions_want_a_message() {
    for (action, message) in [
        (Delete, "restored after its deletion"),
        (Archive, "restored from the archive"),
        (Quarantine, "restored from the quarantine"),
    ] {
        let config = VersioningConfig::new().with_require_message(true);
        let pair = Pair::new(Outside::Retention, action, config).await;
        let mut record = record_with(&pair.clock, "one", "a", 30, r#""note": 1"#);
        record.attributes.ext.set("other.fact", "kept").unwrap();
        let saved = record.clone();
        SaveOptions::new().with_message("first").attach(&mut record).unwrap();
        pair.versions.put(record).await.unwrap();
        pair.clock.advance(8 * DAY);
        pair.run().await;
        pair.restore(action).await;
        let latest = pair.versions.get_version(&key("one"), "latest").await.unwrap();
        assert_eq!(latest.info.message.as_deref(), Some(message), "{action}");
        assert_eq!(pair.versions.read(&key("one")).await.unwrap().into_record().unwrap(), saved, "{action}");
        // A save without a message is refused as before.
        assert_eq!(pair.retaining.put(pair.again()).await.unwrap_err().kind(), ErrorKind::Invalid);
        pair.assert_whole().await;
    }
}

#[tokio::test]
async fn a_history_that_goes_with_its_document_begins_anew() {
    let config = VersioningConfig::new().with_deleted_history(DeletedHistory::Remove);
    let pair = Pair::new(Outside::Retention, Archive, config).await;
    pair.fill().await;
    pair.run().await;
    let error = pair.versions.list_versions(&key("one"), &History::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    pair.restore(Archive).await;
    assert_eq!(pair.names().await, ["v1"]);
    pair.assert_whole().await;
}

/// R-VER-4: neither order plans for versions, and a plan says the same in both.
#[tokio::test]
async fn r_ver_4_plans_are_the_same_in_both_orders() {
    let mut plans = Vec::new();
    for outside in [Outside::Versions, Outside::Retention] {
        let pair = Pair::new(outside, Delete, VersioningConfig::new()).await;
        pair.fill().await;
        let plan = pair.retaining.plan(&RESULTS).await.unwrap();
        let reasons: Vec<String> =
            plan.removals.iter().flat_map(|removal| &removal.reasons).map(ToString::to_string).collect();
        plans.push((plan.totals, reasons));
    }
    assert_eq!(plans[0], plans[1]);
    assert_eq!((plans[0].0.scanned, plans[0].0.removed()), (1, 1));
}

/// The same place under another wrapper is the same place: records would be "archived" onto themselves, and deleted.
#[tokio::test]
async fn r_ret_1_the_store_itself_is_known_through_the_other_wrapper() {
    for outside in [Outside::Versions, Outside::Retention] {
        let (clock, memory) = memory();
        let inside: Inside = Arc::new(memory);
        let bare = Pair::around(
            outside,
            Arc::clone(&inside),
            MemoryStore::new(),
            retention(&daily(Delete), RetentionTargets::none(), &clock),
            &VersioningConfig::new(),
            Arc::clone(&clock),
        );
        bare.fill().await;
        let before = documents(&*bare.versions, &RESULTS).await;
        let targets: [Inside; 2] = [Arc::clone(&inside), Arc::clone(&bare.versions) as _];
        for target in targets {
            let targets = RetentionTargets::none().with_archive(target);
            let onto_itself = retention(&daily(Archive), targets, &clock);
            let sources: [Inside; 3] =
                [Arc::clone(&inside), Arc::clone(&bare.versions) as _, Arc::new(bare.retaining.clone())];
            for source in sources {
                let error = onto_itself.run(&*source, &RESULTS).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Invalid, "{outside:?}");
                assert!(error.report().contains("the store itself"), "{}", error.report());
            }
        }
        assert_eq!(documents(&*bare.versions, &RESULTS).await, before);
    }
}

/// R-VER-6: what is said with a save passes through retention outside.
#[tokio::test]
async fn r_ver_6_message_author_and_expected_version_pass_through_retention() {
    let pair =
        Pair::new(Outside::Retention, Delete, VersioningConfig::new().with_enable_branching(true)).await;
    let said = SaveOptions::new().with_message("why").with_author("ada");
    let with = |options: SaveOptions| {
        let mut record = pair.again();
        options.attach(&mut record).unwrap();
        record
    };
    pair.retaining.put(with(said.clone().with_expected_version(0))).await.unwrap();
    let stale = pair.retaining.put(with(said.clone().with_expected_version(7))).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::Conflict);
    pair.versions.create_branch(&key("one"), "fix", 1, None).await.unwrap();
    pair.retaining.put(with(said.clone().with_branch("fix"))).await.unwrap();
    for version in ["v1", "fix/v2"] {
        let info = pair.versions.get_version(&key("one"), version).await.unwrap().info;
        assert_eq!((info.message.as_deref(), info.created_by.as_deref()), (Some("why"), Some("ada")));
    }
}

/// An archive may keep versions, too: what was archived once and brought back is in its history. One that takes no save without a message once took nothing
/// that was moved to it.
#[tokio::test]
async fn an_archive_may_keep_versions() {
    for requires in [false, true] {
        archive_with_versions(VersioningConfig::new().with_require_message(requires)).await;
    }
}

async fn archive_with_versions(config: VersioningConfig) {
    let said = config.require_message.then_some("archived by retention");
    let (clock, store) = memory();
    store.put(record_with(&clock, "one", "a", 30, r#""note": 1"#)).await.unwrap();
    let before = documents(&store, &RESULTS).await;
    let kept = MemoryStore::new().with_clock(Arc::clone(&clock) as _);
    let archive = Arc::new(VersionedStore::new(kept, config, Arc::clone(&clock) as _).unwrap());
    let targets = RetentionTargets::none().with_archive(Arc::clone(&archive) as _);
    let retention = retention(&daily(Archive), targets, &clock);
    for round in 1..=2_usize {
        assert_eq!(retention.run(&store, &RESULTS).await.unwrap().archived.records, 1);
        assert_eq!(documents(&*archive, &RESULTS).await, before);
        let restored = retention.restore_all(&store, &Query::new(), RestoreFrom::Archive).await.unwrap();
        assert_eq!((restored.restored.records, restored.failed), (1, 0), "{:?}", restored.errors);
        assert_eq!(documents(&store, &RESULTS).await, before);
        let history = archive.list_versions(&key("one"), &History::new()).await.unwrap();
        assert_eq!(history.len(), 2 * round);
        let messages = history.iter().filter_map(|info| info.message.as_deref());
        assert_eq!(messages.filter(|message| Some(*message) == said).count(), said.map_or(0, |_| round));
    }
}

/// Retention outside of versions.
#[derive(Default)]
struct OverVersions(FragilePlace<Memory>);

#[async_trait]
impl truthound_stores_testkit::Place for OverVersions {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let inside = self.0.open(namespace).await;
        let clock = Arc::new(truthound_stores_core::SystemClock::new());
        Arc::new(layer().layer(VersionedStore::new(inside, VersioningConfig::new(), clock).unwrap()))
    }

    fn persists(&self) -> bool {
        self.0.persists()
    }

    async fn damage(&self, namespace: &str, key: &truthound_stores_core::Key) -> bool {
        self.0.damage(namespace, key).await
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.0.set_outage(on).await
    }
}

conformance_tests!(retention_over_versions, OverVersions::default);
