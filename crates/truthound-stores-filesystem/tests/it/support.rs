//! What the tests share.

use std::fs;
use std::path::Path;

use truthound_stores_core::{Collection, Query, Reading, Record, StoreExt};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

/// Copies one of the folders that Truthound wrote.
pub(crate) fn fixture(name: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name), copy.path());
    copy
}

pub(crate) fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(crate) async fn open(path: &Path) -> FileSystemStore {
    FileSystemStore::open(FileSystemConfig::new(path)).await.unwrap()
}

/// A small result.
pub(crate) fn record(id: &str, day: u32) -> Record {
    let text = format!(
        r#"{{"run_id": {id:?}, "run_time": "2026-01-{day:02}T00:00:00", "data_asset": "orders", "status": "success"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

pub(crate) async fn ids(store: &FileSystemStore) -> Vec<String> {
    store.list_ids(&Query::new()).await.unwrap().into_complete().unwrap()
}

/// The names of a folder's files, sorted; folders and our catalog left out.
pub(crate) fn files(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = entries.filter(|path| path.is_file()).map(|path| name_of(&path)).collect();
    names.sort();
    names
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Tells whether tests may take their time.
pub(crate) fn long_tests() -> bool {
    std::env::var_os("TRUTHOUND_LONG_TESTS").is_some_and(|value| !value.is_empty())
}

/// Reads a number that repeats a run.
pub(crate) fn number_from_env(name: &str) -> Option<u64> {
    std::env::var_os(name).map(|value| value.to_str().unwrap().parse().unwrap())
}

/// Reports that this machine cannot do what a test needs.
pub(crate) fn skip(reason: &str) {
    truthound_stores_testkit::skip("filesystem", reason);
}
