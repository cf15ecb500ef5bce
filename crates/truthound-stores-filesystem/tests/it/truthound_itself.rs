//! R-FS-4: Truthound 3.2.0 itself and this store use one directory at once, and each reads, overwrites and deletes what the other wrote.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use truthound_stores_core::{
    MaintainOptions, Query, ReindexOptions, Store, StoreExt, ValidationResult, VerifyOptions,
};
use truthound_stores_filesystem::FileSystemStore;
use truthound_stores_testkit::python_packages;

use crate::model::key;
use crate::support::{fixture, ids, long_tests, open, skip};

/// A Python that has a store of Truthound's open.
struct Truthound {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Truthound {
    /// `None` where Truthound cannot be had: then that is reported.
    fn start(base: &Path, template: &str) -> Option<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let packages =
            match python_packages(&here.join("../../target/tools"), "truthound", &["truthound==3.2.0"]) {
                Ok(packages) => packages,
                Err(reason) => {
                    skip(&format!("a test beside Truthound itself needs it: {reason}"));
                    return None;
                }
            };
        let mut process = Command::new("python3")
            .arg(here.join("tests/it/truthound_itself.py"))
            .arg(base)
            .arg(template)
            .env("PYTHONPATH", packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Some(Self { process, answers })
    }

    fn tell(&mut self, command: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{command}").unwrap();
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        assert!(self.answers.read_line(&mut line).unwrap() > 0, "Truthound has ended");
        line.trim_end().to_owned()
    }

    fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer()
    }
}

impl Drop for Truthound {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn result(template: &ValidationResult, id: &str, asset: &str) -> ValidationResult {
    let mut result = template.clone();
    id.clone_into(&mut result.run_id);
    asset.clone_into(&mut result.data_asset);
    result
}

async fn count_of(store: &FileSystemStore, asset: &str) -> u64 {
    store.count(&Query::new().with_data_asset(asset)).await.unwrap()
}

/// Looks for what other programs have done, and says what there is.
async fn looked(store: &FileSystemStore) -> Vec<String> {
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    let mut all = ids(store).await;
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn truthound_and_this_store_use_one_directory_at_once() {
    let count: u64 = if long_tests() { 3_000 } else { 100 };
    let folder = fixture("fs_default");
    let store = open(folder.path()).await;
    let before = ids(&store).await;
    let template = store.get::<ValidationResult>(&before[0]).await.unwrap();
    let Some(mut truthound) = Truthound::start(folder.path(), &before[0]) else { return };

    // Both save at once.
    assert_eq!(truthound.ask("save 0 1"), "saved");
    truthound.tell(&format!("save 1 {count}"));
    let mut expected = before.clone();
    for number in 0..count {
        let id = format!("rust-{number:05}");
        store.save(&result(&template, &id, "ours")).await.unwrap();
        if number % 10 == 9 {
            store.delete(&key(&id)).await.unwrap();
            assert!(!looked(&store).await.contains(&id));
        } else {
            expected.push(id);
        }
    }
    assert_eq!(truthound.answer(), "saved");
    expected.extend((0..count).map(|number| format!("python-{number:05}")));
    expected.sort();
    assert_eq!(looked(&store).await, expected);
    // One that Truthound rewrote after it was taken up is known as it was until somebody reads it: a count once missed it.
    for id in &expected {
        store.get::<ValidationResult>(id).await.unwrap_or_else(|error| panic!("{}", error.report()));
    }
    let (ours, theirs) = (count * 9 / 10, count);
    for (asset, number) in [("ours", ours), ("again", theirs / 5), ("größe", theirs * 4 / 5)] {
        assert_eq!(count_of(&store, asset).await, number, "{asset}");
    }

    // Each reads what the other wrote, by id and by a query.
    store.flush().await.unwrap();
    assert_eq!(truthound.ask("get rust-00003"), "ours");
    assert_eq!(truthound.ask("rebuild"), expected.len().to_string());
    for (asset, number) in [("ours", ours), ("again", theirs / 5)] {
        assert_eq!(truthound.ask(&format!("count {asset}")), number.to_string(), "{asset}");
    }

    // Each overwrites and deletes what the other wrote.
    store.save(&result(&template, "python-00002", "taken over")).await.unwrap();
    store.delete(&key("python-00003")).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(truthound.ask("get python-00002"), "taken over");
    assert_eq!(truthound.ask("get python-00003"), "absent");
    assert_eq!(truthound.ask("delete rust-00004"), "True");
    let verify = |repair| VerifyOptions::default().with_repair(repair);
    let report = store.upkeep().unwrap().verify(verify(true), &()).await.unwrap();
    assert!(report.findings.iter().any(|found| found.key.as_ref() == Some(&key("rust-00004"))), "{report:?}");
    expected.retain(|id| id != "python-00003" && id != "rust-00004");

    // A handle that has seen nothing of this, and one that has no index, find the same.
    let fresh = open(folder.path()).await;
    assert_eq!(looked(&fresh).await, expected);
    fresh.upkeep().unwrap().reindex(ReindexOptions::default(), &()).await.unwrap();
    assert_eq!(looked(&fresh).await, expected);
    let report = fresh.upkeep().unwrap().verify(verify(false), &()).await.unwrap();
    assert!(!report.is_damaged(), "{report:?}");
    assert_eq!(count_of(&fresh, "taken over").await, 1);
}
