//! R-ANY-10 on disk: ids stay inside the folder, apart from each other and from the store's own files.

use std::fs;

use truthound_stores_core::{Key, MaintainOptions, Query, Store, StoreExt};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use crate::support::{files, ids, open, record};

#[tokio::test]
async fn no_id_leaves_the_folder_or_meets_the_stores_own_files() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("a/b/c");
    let store = open(&base).await;
    let hostile =
        ["../x", "../../../x", "/etc/passwd", ".", "..", "_index", "_catalog", "_catalog/lock", "x/../../y"];
    for id in hostile {
        store.put(record(id, 1)).await.unwrap();
    }
    assert_eq!(ids(&store).await.len(), hostile.len());
    store.flush().await.unwrap();
    let results = base.join("default/validations");
    assert_eq!(files(&results).len(), hostile.len());
    for folder in [dir.path(), &dir.path().join("a"), &dir.path().join("a/b"), &base, &base.join("default")] {
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "{}", folder.display());
    }
}

/// Truthound wrote `a%2Fb.json` for the id `a%2Fb`; ours for `a/b` would have the same name. Once the second save
/// overwrote the first document.
#[tokio::test]
async fn a_name_that_another_id_has_taken_is_left_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let results = dir.path().join("default/validations");
    fs::create_dir_all(&results).unwrap();
    let theirs = record("a%2Fb", 1);
    fs::write(results.join("a%2Fb.json"), theirs.body.as_bytes()).unwrap();

    store.put(record("a/b", 2)).await.unwrap();
    let mut both = ids(&store).await;
    both.sort();
    assert_eq!(both, ["a%2Fb", "a/b"]);
    let read = async |id: &str| store.read(&Key::result(id).unwrap()).await.unwrap().into_body().unwrap();
    assert_eq!(read("a%2Fb").await, theirs.body);
    assert_eq!(read("a/b").await, record("a/b", 2).body);
    assert!(store.delete(&Key::result("a/b").unwrap()).await.unwrap());
    assert_eq!(read("a%2Fb").await, theirs.body);
}

#[tokio::test]
async fn files_that_are_no_documents_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let results = dir.path().join("default/validations");
    for name in [
        "notes.txt",
        "_index.json",
        "_index.json.wal",
        ".x.json.lock",
        "README",
        ".hidden.json",
        "x.json.bak.17",
    ] {
        fs::write(results.join(name), "not a result").unwrap();
    }
    assert_eq!(ids(&store).await, ["x"]);
    // A folder in a document's place is named: nothing can be saved there.
    fs::create_dir(results.join("folder.json")).unwrap();
    let found = open(dir.path()).await.list_ids(&Query::new()).await.unwrap();
    assert_eq!((found.items.as_slice(), found.damaged.len()), (["x".to_owned()].as_slice(), 1));
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_not_followed_out_of_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let (outside, base) = (dir.path().join("outside"), dir.path().join("base"));
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("secret.json"), record("secret", 1).body.as_bytes()).unwrap();
    let store = open(&base).await;
    store.put(record("x", 1)).await.unwrap();
    let results = base.join("default/validations");
    std::os::unix::fs::symlink(outside.join("secret.json"), results.join("secret.json")).unwrap();
    store.flush().await.unwrap();
    let found = open(&base).await.list_ids(&Query::new()).await.unwrap();
    assert_eq!((found.items.as_slice(), found.damaged.len()), (["x".to_owned()].as_slice(), 1));
    assert!(
        store.read(&Key::result("secret").unwrap()).await.unwrap_err().to_string().contains("symbolic link")
    );
    // A write over the link replaces the link, not what it points to.
    let before = fs::read(outside.join("secret.json")).unwrap();
    store.put(record("secret", 2)).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(fs::read(outside.join("secret.json")).unwrap(), before);
    // A whole folder that is a link is refused.
    std::os::unix::fs::symlink(&outside, base.join("linked")).unwrap();
    let shared = truthound_stores_core::StoreConfig::default().with_namespace("linked").with_prefix("");
    let config = FileSystemConfig::new(&base).with_store(shared);
    let error = FileSystemStore::open(config).await.unwrap_err();
    assert!(error.to_string().contains("symbolic link"), "{error}");
}

/// The first write through a link whose target was not there yet, or through a linked catalog, once left the store.
#[cfg(unix)]
#[tokio::test]
async fn no_write_follows_a_link_out_of_the_store() {
    use truthound_stores_core::{Collection, ErrorKind, Reading, Record};

    let dir = tempfile::tempdir().unwrap();
    let (outside, base) = (dir.path().join("outside"), dir.path().join("base"));
    let results = base.join("default/validations");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(&results).unwrap();
    fs::write(outside.join("tmp-precious"), "mine").unwrap();
    let reports = Collection::new("reports").unwrap();
    let report = Record::parse(reports, br#"{"id": "a"}"#, &Reading::default()).unwrap();
    for (link, record) in [("_collections", report), ("_catalog", record("x", 1))] {
        std::os::unix::fs::symlink(&outside, results.join(link)).unwrap();
        let outcome = match FileSystemStore::open(FileSystemConfig::new(&base)).await {
            Ok(store) => store.put(record).await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Invalid, "{link}");
        assert_eq!(files(&outside), ["tmp-precious"]);
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
        fs::remove_file(results.join(link)).unwrap();
    }
}

/// Truthound writes names up to the file system's limit; ours are shortened earlier.
#[tokio::test]
async fn the_longest_names_of_truthound_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("default/validations");
    fs::create_dir_all(&results).unwrap();
    let id = "x".repeat(245);
    fs::write(results.join(format!("{id}.json")), record(&id, 1).body.as_bytes()).unwrap();
    let store = open(dir.path()).await;
    let key = Key::result(&id).unwrap();
    assert!(!store.put(record(&id, 2)).await.unwrap().is_new());
    assert!(store.delete(&key).await.unwrap());
    assert!(ids(&store).await.is_empty() && !store.exists(&key).await.unwrap());
}

/// A file whose name is no text has no id, but must not be passed over in silence.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_that_is_no_text_is_named() {
    use std::os::unix::ffi::OsStrExt;

    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let name = std::ffi::OsStr::from_bytes(b"\xff\xfe.json");
    fs::write(dir.path().join("default/validations").join(name), record("y", 1).body.as_bytes()).unwrap();
    store.flush().await.unwrap();
    let found = open(dir.path()).await.list_ids(&Query::new()).await.unwrap();
    assert_eq!((found.items.as_slice(), found.damaged.len()), (["x".to_owned()].as_slice(), 1));
    assert!(found.damaged[0].to_string().contains("not UTF-8"), "{}", found.damaged[0]);
}

/// A link in the lock's place once made the lock's file outside the store, and a pipe there let a save wait for ever.
#[cfg(unix)]
#[tokio::test]
async fn the_lock_is_a_plain_file_of_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let lock = dir.path().join("default/validations/_catalog/lock");
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(dir.path().join("outside"), &lock).unwrap();
    assert!(store.put(record("y", 1)).await.is_err());
    assert!(!dir.path().join("outside").exists());
    fs::remove_file(&lock).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&lock).status().unwrap();
    assert!(made.success());
    assert!(store.put(record("y", 1)).await.is_err());
    fs::remove_file(&lock).unwrap();
    store.put(record("y", 1)).await.unwrap();
}

/// One file with such a name was told twice, by two ways of finding it, and counted as two cases of damage.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_that_is_no_text_is_one_case_of_damage() {
    use std::os::unix::ffi::OsStrExt;

    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.json");
    fs::write(dir.path().join("default/validations").join(name), "{}").unwrap();
    let upkeep = store.upkeep().unwrap();
    let told = |report: truthound_stores_core::Report| {
        report.findings.iter().filter(|finding| finding.level == truthound_stores_core::Level::Damage).count()
    };
    assert_eq!(told(upkeep.verify(truthound_stores_core::VerifyOptions::default(), &()).await.unwrap()), 1);
    assert_eq!(told(upkeep.maintain(MaintainOptions::default(), &()).await.unwrap()), 1);
    assert_eq!(told(upkeep.verify(truthound_stores_core::VerifyOptions::default(), &()).await.unwrap()), 1);
}
