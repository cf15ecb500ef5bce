//! Versions that Truthound wrote lay beside documents as documents of their own, with nothing that said which was whose: whoever changed stores lost the histories.
//! An import makes histories of them, over the stores that Truthound itself wrote.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use truthound_stores_core::json::Json;
use truthound_stores_core::{
    Collection, CopyIssue, CopyOptions, CopyProblem, CopyWatch, ErrorKind, OnConflict, Progress, Query,
    Reading, Store, StoreExt, copy,
};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
use truthound_stores_memory::MemoryStore;
use truthound_stores_versioning::{
    ChecksumAlgorithm, ImportOptions, ImportReport, Origin, SaveOptions, VersionNote, VersionedStore,
    VersioningConfig, VersioningMode,
};

use crate::support::{assert_whole, key, names, notes, run, versioned, versions};

const ITEM: &str = "run_20260101_000100_00000001";

/// Remembers what it is told.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Vec<(CopyProblem, ErrorKind, String)>>);

impl Heard {
    pub(crate) fn take(&self) -> Vec<(CopyProblem, ErrorKind, String)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Progress for Heard {
    fn advance(&self, _: &'static str, _: u64, _: Option<u64>) {}
}

impl CopyWatch for Heard {
    fn issue(&self, issue: CopyIssue) {
        self.0.lock().unwrap().push((issue.problem, issue.error.kind(), issue.error.report()));
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A store as Truthound left it.
struct Left {
    folder: tempfile::TempDir,
    store: VersionedStore<FileSystemStore>,
}

async fn left(mode: &str) -> Left {
    left_with(mode, |_| {}).await
}

async fn left_with(mode: &str, alter: impl FnOnce(&Path)) -> Left {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&fixtures.join(format!("fs_versioned_{mode}")), folder.path());
    alter(&folder.path().join("default/validations"));
    let mut config = FileSystemConfig::default().with_durability(Durability::Os);
    config.base_path = folder.path().to_owned();
    let store = FileSystemStore::open(config).await.unwrap();
    Left { folder, store: versioned(store, VersioningConfig::new(), 1) }
}

/// What Truthound knew of the versions of a mode.
fn known(mode: &str) -> Vec<VersionNote> {
    let text = include_bytes!("../fixtures/versioning_info_in_memory_only.json");
    let json = Json::parse(text).unwrap();
    let history = json.get(mode).and_then(|mode| mode.get("history")).unwrap();
    VersionNote::read_all(history.to_string().as_bytes(), &Reading::default()).unwrap()
}

fn into(memory: &MemoryStore, mode: VersioningMode) -> VersionedStore<MemoryStore> {
    versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new().with_mode(mode), 2)
}

async fn import<S: Store, T: Store>(
    target: &VersionedStore<S>,
    source: &VersionedStore<T>,
    options: &ImportOptions,
) -> (ImportReport, Vec<(CopyProblem, ErrorKind, String)>) {
    let heard = Heard::default();
    let report = target.import(source, &Collection::RESULTS, options, &heard).await.unwrap();
    (report, heard.take())
}

/// The revision that each version has in its tags, the newest first.
async fn revs(store: &VersionedStore<MemoryStore>) -> Vec<String> {
    let mut revs = Vec::new();
    for version in versions(store, ITEM).await {
        let version = store.get_version(&key(ITEM), version.ordinal).await.unwrap();
        assert_eq!(version.record.key, key(ITEM));
        revs.push(version.record.attributes.tags["rev"].clone());
    }
    revs
}

#[tokio::test(flavor = "multi_thread")]
async fn the_versions_of_each_mode_become_histories_with_all_that_is_known_of_them() {
    let wanted = [
        (
            "incremental",
            VersioningMode::Incremental,
            vec!["v6", "v5", "v4"],
            vec![6, 5, 4],
            vec!["3", "4", "3"],
        ),
        (
            "semantic",
            VersioningMode::Semantic,
            vec!["2.0.2", "2.0.1", "2.0.0", "1.1.0", "1.0.0"],
            vec![5, 4, 3, 2, 1],
            vec!["4", "3", "2", "1", "0"],
        ),
        (
            "timestamp",
            VersioningMode::Timestamp,
            vec![
                "2026-11-22T19:05:34.721000",
                "2026-11-22T19:05:34.695000",
                "2026-11-22T19:05:34.660000",
                "2026-11-22T19:05:34.637000",
                "2026-11-22T19:05:34.609000",
            ],
            vec![5, 4, 3, 2, 1],
            vec!["4", "3", "2", "1", "0"],
        ),
        ("git_like", VersioningMode::GitLike, Vec::new(), vec![5, 4, 3, 2, 1], vec!["4", "3", "2", "1", "0"]),
    ];
    for (name, mode, shown, ordinals, contents) in wanted {
        let (left, memory) = (left(name).await, MemoryStore::new());
        let target = into(&memory, mode);
        let options = ImportOptions::new().with_notes(known(name));
        let (report, issues) = import(&target, &left.store, &options).await;
        assert_eq!(issues, [], "{name}");
        assert_eq!((report.items, report.imported, report.damaged, report.missing), (5, 5, 0, 0), "{name}");
        assert_eq!(report.versions, contents.len() as u64 + 4, "{name}");
        assert!(report.is_complete(), "{name}");

        let all = versions(&target, ITEM).await;
        assert_eq!(all.iter().map(|version| version.ordinal).collect::<Vec<_>>(), ordinals, "{name}");
        if mode == VersioningMode::GitLike {
            assert!(all.iter().all(|version| version.version.len() == 40));
            assert_eq!(
                target.get_version(&key(ITEM), all[2].version.get(..9).unwrap()).await.unwrap().info,
                all[2]
            );
        } else {
            assert_eq!(names(&target, ITEM).await, shown, "{name}");
        }
        assert_eq!(revs(&target).await, contents, "{name}");
        for (version, note) in all.iter().zip(known(name)) {
            assert_eq!(version.message, note.message, "{name}");
            assert_eq!(version.created_by, note.created_by, "{name}");
            assert_eq!(version.origin, Origin::Import);
            assert_eq!(version.metadata["truthound.version"], note.number.to_string());
            let checksum = format!("sha256:{}", note.checksum.clone().unwrap());
            assert_eq!(version.metadata["truthound.checksum"], checksum);
            assert!(note.metadata.iter().all(|(name, value)| version.metadata.get(name) == Some(value)));
            if mode != VersioningMode::Timestamp {
                assert_eq!(Some(version.created_at), note.created_at, "{name}");
            }
        }
        for pair in all.windows(2) {
            assert_eq!(pair[0].parent.as_ref(), Some(&pair[1].version));
        }
        assert_whole(&memory, ITEM).await;
        // The document is what Truthound's current one was, text and all.
        let document = target.read(&key(ITEM)).await.unwrap();
        assert_eq!(document.body, left.store.read(&key(ITEM)).await.unwrap().body);
        assert!(document.meta.attributes.ext.is_empty());
        // Truthound's documents stay where they are, and a save goes on from the history.
        assert_eq!(left.store.count(&Query::new()).await.unwrap(), report.versions + 5);
        target.save(run(ITEM, "next"), SaveOptions::new()).await.unwrap();
        assert_eq!(versions(&target, ITEM).await.len(), contents.len() + 1);
        drop(left.folder);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_import_writes_nothing_and_a_later_one_takes_over_the_rest() {
    let (old, memory) = (left("semantic").await, MemoryStore::new());
    let target = into(&memory, VersioningMode::Semantic);
    let (first, _) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((first.imported, first.versions), (5, 9));
    let before = versions(&target, ITEM).await;
    // Also if it knows more by now, or would do it otherwise.
    for options in [ImportOptions::new(), ImportOptions::new().with_notes(known("semantic"))] {
        let (again, issues) = import(&target, &old.store, &options).await;
        assert_eq!((again.equal, again.imported, again.versions, issues.len()), (5, 0, 0, 0));
    }
    assert_eq!(versions(&target, ITEM).await, before);

    // Truthound goes on: one more version, and the document.
    for id in [format!("{ITEM}__v20100"), ITEM.to_owned()] {
        old.store.inner().put(run(&id, "of Truthound")).await.unwrap();
    }
    let (more, issues) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((more.equal, more.continued, more.versions, issues.len()), (4, 1, 1, 0));
    assert_eq!(names(&target, ITEM).await[..2], ["2.1.0", "2.0.2"]);
    assert_whole(&memory, ITEM).await;

    // The target goes on: nothing is to be done, and no copy writes over it.
    target.save(run(ITEM, "ours"), SaveOptions::new()).await.unwrap();
    let (ahead, issues) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((ahead.equal, ahead.versions, issues.len()), (5, 0, 0));
    assert!(ahead.left_out.contains(&key(ITEM)));

    // Both go on: two histories.
    old.store.inner().put(run(&format!("{ITEM}__v20101"), "of Truthound again")).await.unwrap();
    let (apart, issues) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((apart.conflicts, apart.equal, apart.versions), (1, 4, 0));
    assert_eq!((issues[0].0, issues[0].1), (CopyProblem::Conflict, ErrorKind::Conflict));
    assert!(issues[0].2.contains(ITEM) && !apart.is_complete(), "{issues:?}");
    let keep = ImportOptions::new().with_on_conflict(OnConflict::Keep);
    let (kept, issues) = import(&target, &old.store, &keep).await;
    assert_eq!((kept.kept, kept.equal, issues.len()), (1, 4, 0));
    let overwrite = ImportOptions::new().with_on_conflict(OnConflict::Overwrite);
    let refused = target.import(&old.store, &Collection::RESULTS, &overwrite, &()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_and_damaged_versions_are_named_and_the_others_are_imported() {
    let old = left_with("git_like", |folder| {
        fs::remove_file(folder.join(format!("{ITEM}__v2.json"))).unwrap();
        fs::write(folder.join(format!("{ITEM}__v4.json")), "{\"run_id\": \"").unwrap();
        // A document of somebody else's that only looks like a version.
        let text = fs::read_to_string(folder.join("run_20260101_000200_00000002__v1.json")).unwrap();
        let ordinary = text.replace("run_20260101_000200_00000002__v1", "model__v2");
        fs::write(folder.join("model__v2.json"), ordinary).unwrap();
    })
    .await;
    let memory = MemoryStore::new();
    let target = into(&memory, VersioningMode::Incremental);
    let (report, issues) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((report.imported, report.damaged, report.missing, report.versions), (5, 1, 1, 7));
    assert!(report.is_complete());
    assert!(
        issues
            .iter()
            .any(|(problem, _, text)| *problem == CopyProblem::Missing && text.contains("version 2 of it")),
        "{issues:?}"
    );
    assert!(
        issues.iter().any(|(problem, kind, text)| *problem == CopyProblem::Unreadable
            && *kind == ErrorKind::Corrupt
            && text.contains(&format!("{ITEM}__v4"))),
        "{issues:?}"
    );
    assert_eq!(names(&target, ITEM).await, ["v5", "v3", "v1"]);
    assert_eq!(revs(&target).await, ["4", "2", "0"]);
    for missing in ["2", "v4"] {
        let error = target.get_version(&key(ITEM), missing).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{missing}");
    }
    assert_eq!(target.get_version(&key(ITEM), 3).await.unwrap().info.parent.as_deref(), Some("v1"));
    // The ordinary document is one of those that a copy takes.
    let options = CopyOptions::new().with_leave_out(report.left_out.clone());
    let copied = copy(&old.store, &target, &Query::new(), &options, &()).await.unwrap();
    assert_eq!((copied.documents, copied.copied, copied.equal, copied.unreadable), (6, 1, 5, 0));
    assert!(copied.is_complete(), "{copied:?}");
    assert!(target.exists(&key("model__v2")).await.unwrap());
    assert!(!target.exists(&key(&format!("{ITEM}__v1"))).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_checked_by_the_checksum_that_truthound_knew() {
    for (length, algorithm) in
        [(64, ChecksumAlgorithm::Sha256), (40, ChecksumAlgorithm::Sha1), (32, ChecksumAlgorithm::Md5)]
    {
        let (old, memory) = (left("incremental").await, MemoryStore::new());
        let target = into(&memory, VersioningMode::Incremental);
        let mut told = known("incremental");
        // That of version 4 is another document's.
        told.retain(|note| note.number == 4);
        told[0].checksum = Some("0".repeat(length));
        let (report, issues) = import(&target, &old.store, &ImportOptions::new().with_notes(told)).await;
        assert_eq!((report.imported, report.damaged), (5, 1));
        assert!(
            issues
                .iter()
                .any(|(_, kind, text)| *kind == ErrorKind::Corrupt && text.contains(algorithm.as_str())),
            "{issues:?}"
        );
        assert_eq!(names(&target, ITEM).await, ["v6", "v5"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_the_latest_version_also_where_numbers_say_otherwise() {
    // Truthound counts from 1 again in each process: what stands as the document is then no longer the greatest number.
    let (old, memory) = (left("git_like").await, MemoryStore::new());
    for id in [format!("{ITEM}__v1"), ITEM.to_owned()] {
        old.store.inner().put(run(&id, "of a new process")).await.unwrap();
    }
    let target = into(&memory, VersioningMode::Incremental);
    let (report, issues) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((report.imported, issues.len()), (5, 0));
    assert_eq!(names(&target, ITEM).await, ["v6", "v5", "v4", "v3", "v2", "v1"]);
    let all = notes(&target, ITEM).await;
    assert_eq!((all[0].as_str(), all[5].as_str()), ("of a new process", "of a new process"));
    assert_eq!(versions(&target, ITEM).await[0].origin, Origin::Outside);
    let (again, _) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((again.equal, again.versions), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_target_has_of_its_own_is_left_alone_unless_it_is_one_of_the_versions() {
    let (old, memory) = (left("incremental").await, MemoryStore::new());
    let target = into(&memory, VersioningMode::Incremental);
    // A copy without versions was made before.
    let document = old.store.read(&key(ITEM)).await.unwrap().into_record().unwrap();
    memory.put(document).await.unwrap();
    target.save(run("run_20260101_000200_00000002", "mine"), SaveOptions::new()).await.unwrap();
    memory.put(run("run_20260101_000300_00000003", "mine, without versions")).await.unwrap();
    let dry = ImportOptions::new().with_dry_run(true);
    for (options, is_dry) in [(dry, true), (ImportOptions::new(), false)] {
        let (report, issues) = import(&target, &old.store, &options).await;
        assert_eq!((report.imported, report.continued, report.conflicts, report.versions), (2, 1, 2, 5));
        assert_eq!(issues.len(), 2, "{issues:?}");
        assert_eq!(versions(&target, ITEM).await.len(), if is_dry { 0 } else { 3 });
    }
    assert_eq!(names(&target, ITEM).await, ["v6", "v5", "v4"]);
    assert_eq!(notes(&target, "run_20260101_000200_00000002").await, ["mine"]);
    assert_whole(&memory, ITEM).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_max_versions_would_remove_at_once_is_not_written() {
    let (old, memory) = (left("semantic").await, MemoryStore::new());
    let config = VersioningConfig::new().with_mode(VersioningMode::Semantic).with_max_versions(2);
    let target = versioned(memory.in_namespace("default").unwrap(), config, 2);
    let (report, issues) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((report.imported, report.versions, issues.len()), (5, 6, 0));
    assert_eq!(names(&target, ITEM).await, ["2.0.2", "2.0.1"]);
    assert_eq!(revs(&target).await, ["4", "3"]);
    let (again, issues) = import(&target, &old.store, &ImportOptions::new()).await;
    assert_eq!((again.equal, again.versions, issues.len()), (5, 0, 0));
}

#[tokio::test]
async fn other_collections_have_no_versions_of_truthounds_and_hidden_ones_none_at_all() {
    let (old, target) = (
        versioned(MemoryStore::new(), VersioningConfig::new(), 1),
        versioned(MemoryStore::new(), VersioningConfig::new(), 2),
    );
    let none = target.import(&old, &Collection::EXPECTATIONS, &ImportOptions::new(), &()).await.unwrap();
    assert_eq!(none, ImportReport::default());
    let hidden = Collection::hidden("versioning").unwrap();
    let error = target.import(&old, &hidden, &ImportOptions::new(), &()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
