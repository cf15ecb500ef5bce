//! R-FS-3: the index loses its end, its log or the word of the last publisher. Every settled document is there all the same, every deleted
//! one stays deleted, listings tell of the latest states, and that something was lost is said.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use truthound_stores_core::{ErrorKind, Query, Store, StoreExt, Upkeep, VerifyOptions};

use super::disk::Chance;
use super::story::Story;
use super::{Allowed, folder, noted, open, open_copy, record, same, stored, temp_dir, value};
use crate::index::{self, Profile};
use crate::store::FileSystemStore;

/// A log's header, and that of each page in it (<https://sqlite.org/fileformat2.html#walformat>).
const HEAD: usize = 32;
const FRAME: usize = 24 + 4096;

/// A folder in which everything is settled, and what it holds.
struct Settled {
    dir: TempDir,
    allowed: Allowed,
    listed: Vec<String>,
    last: i64,
    log: Vec<u8>,
}

async fn settled() -> Settled {
    let dir = temp_dir();
    let (store, history) = (open(dir.path()).await, Story::default());
    for id in ["a", "b", "c", "d"] {
        history.put(&store, record(id, 1)).await.unwrap();
    }
    store.flush().await.unwrap();
    history.put(&store, record("a", 2)).await.unwrap();
    history.put(&store, noted("b", 1, "one")).await.unwrap();
    history.delete(&store, &["c"]).await.pop().unwrap().unwrap();
    store.flush().await.unwrap();
    let batch = (0..10).map(|number| record(&format!("e{number}"), 1)).collect();
    history.put_many(&store, batch).await.into_iter().for_each(Result::unwrap);
    history.delete(&store, &["d", "e0"]).await.into_iter().for_each(|outcome| assert!(outcome.unwrap()));
    store.flush().await.unwrap();
    let listed = listing(&store).await;
    store.close().await.unwrap();
    let log = fs::read(catalog(dir.path()).join("index.db-wal")).unwrap();
    let last = last_of(dir.path());
    assert!(log.len() > 20 * FRAME, "{}", log.len());
    Settled { dir, allowed: history.now(), listed, last, log }
}

fn catalog(base: &Path) -> PathBuf {
    folder(base).join(crate::layout::CATALOG)
}

fn last_of(base: &Path) -> i64 {
    let index = index::open(&catalog(base).join(index::FILE), Profile::Read).unwrap();
    index::last_seq(&index).unwrap()
}

/// What listings tell of each document.
async fn listing(store: &FileSystemStore) -> Vec<String> {
    let runs = store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap();
    let mut lines: Vec<String> = runs
        .iter()
        .map(|meta| format!("{} {} {}", meta.key.id(), meta.checksum, meta.attributes.data_asset))
        .collect();
    lines.sort();
    lines
}

impl Settled {
    /// Copies the folder; `change` is done to its catalog.
    fn damaged(&self, change: impl FnOnce(&Path)) -> TempDir {
        let copy = temp_dir();
        copy_dir(self.dir.path(), copy.path());
        // As the folder was when its names were last known.
        let time = fs::metadata(folder(self.dir.path())).unwrap().modified().unwrap();
        change(&catalog(copy.path()));
        fs::File::open(folder(copy.path())).unwrap().set_modified(time).unwrap();
        copy
    }

    /// What there may be. A log that was cut between a save and its settling does not tell whether the file is missing because it was never
    /// written, or because the document was deleted later: what was acknowledged then is kept rather than lost.
    fn allowed(&self, has_lost: bool) -> Allowed {
        let mut allowed = self.allowed.clone();
        for (id, states) in allowed.iter_mut().filter(|(_, states)| has_lost && states.contains(&None)) {
            states.push(Some(value(&record(id, 1))));
        }
        allowed
    }

    /// Leaves out lines of documents that were deleted.
    fn of_settled(&self, mut lines: Vec<String>) -> Vec<String> {
        let is_deleted = |id: &str| self.allowed.get(id).is_some_and(|states| states.contains(&None));
        lines.retain(|line| !line.split(' ').next().is_some_and(is_deleted));
        lines
    }

    /// Checks that nothing is missing, and that it is said if the index had lost something.
    async fn is_whole(&self, copy: &TempDir, what: &str) {
        let looked_at = temp_dir();
        copy_dir(copy.path(), looked_at.path());
        let has_lost = last_of(looked_at.path()) < self.last;
        let store = open_copy(copy.path()).await;
        same(&store, &self.allowed(has_lost), what).await;
        assert_eq!(self.of_settled(listing(&store).await), self.listed, "{what}");
        let report = store.verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(!report.is_damaged(), "{what}: {:#?}", report.findings);
        let says = |text: &str| report.findings.iter().any(|finding| finding.message.contains(text));
        let is_said = says("had lost its latest entries");
        assert!(is_said == has_lost || says("log is damaged"), "{what}: {:#?}", report.findings);
        store.close().await.unwrap();
    }
}

/// Checks that a damaged log is told of until it is repaired; then nothing is left to say but that it was.
async fn is_said(copy: &TempDir, what: &str) {
    let store = open_copy(copy.path()).await;
    assert_eq!(store.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Corrupt, "{what}");
    assert!(
        store.verify(VerifyOptions::default().with_repair(true), &()).await.unwrap().is_damaged(),
        "{what}"
    );
    store.close().await.unwrap();
}

pub(super) fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(entry.path(), &target).unwrap();
            let time = entry.metadata().unwrap().modified().unwrap();
            fs::File::options().write(true).open(&target).unwrap().set_modified(time).unwrap();
        }
    }
}

#[tokio::test]
async fn a_log_cut_at_any_page_loses_no_settled_document() {
    let settled = settled().await;
    let pages = (settled.log.len() - HEAD) / FRAME;
    for page in 0..=pages {
        let end = HEAD + page * FRAME;
        let copy = settled.damaged(|catalog| {
            fs::write(catalog.join("index.db-wal"), &settled.log[..end]).unwrap();
        });
        settled.is_whole(&copy, &format!("cut after {page} of {pages} pages")).await;
    }
}

#[tokio::test]
async fn a_log_cut_or_changed_at_any_byte_loses_no_settled_document() {
    let settled = settled().await;
    let mut chance = Chance(17);
    for round in 0..40 {
        let at = chance.below(settled.log.len());
        let mut log = settled.log.clone();
        if round % 2 == 0 {
            log.truncate(at);
        } else {
            log[at] ^= 0x40;
        }
        let copy = settled.damaged(|catalog| fs::write(catalog.join("index.db-wal"), &log).unwrap());
        let what = format!("round {round} at byte {at} of {}", settled.log.len());
        if round % 2 != 0 {
            is_said(&copy, &what).await;
        }
        settled.is_whole(&copy, &what).await;
    }
}

#[tokio::test]
async fn a_log_or_a_last_word_that_is_gone_loses_no_settled_document() {
    let settled = settled().await;
    let copy = settled.damaged(|catalog| fs::remove_file(catalog.join("index.db-wal")).unwrap());
    settled.is_whole(&copy, "without its log").await;
    let copy = settled.damaged(|catalog| fs::remove_file(catalog.join("publish")).unwrap());
    settled.is_whole(&copy, "without the last word").await;
    for word in ["", "torn", "0123 4567"] {
        let copy = settled.damaged(|catalog| fs::write(catalog.join("publish"), word).unwrap());
        settled.is_whole(&copy, "with a torn last word").await;
    }
}

/// Both at once: the index cannot know that it lost something. No document's text is read as it was, and verification mends the listing.
/// What a wrapper keeps of a text that stayed the same may be that of before.
#[tokio::test]
async fn without_log_and_last_word_no_document_is_read_as_it_was_before() {
    let settled = settled().await;
    let pages = (settled.log.len() - HEAD) / FRAME;
    for page in (0..=pages).step_by(3) {
        let what = format!("cut after {page} of {pages} pages");
        let copy = settled.damaged(|catalog| {
            fs::write(catalog.join("index.db-wal"), &settled.log[..HEAD + page * FRAME]).unwrap();
            fs::remove_file(catalog.join("publish")).unwrap();
        });
        let store = open_copy(copy.path()).await;
        let mut all = settled.allowed(true);
        all.entry("b".to_owned()).or_default().push(Some(value(&record("b", 1))));
        for (id, allowed) in &all {
            match stored(&store, id).await {
                Ok(found) => assert!(allowed.contains(&found), "{what}: {id} is {found:?}"),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {id}: {}", error.report());
                    assert!(allowed.contains(&None), "{what}: {id}: {}", error.report());
                }
            }
        }
        store.verify(VerifyOptions::default().with_repair(true), &()).await.unwrap();
        same(&store, &all, &what).await;
        assert_eq!(settled.of_settled(listing(&store).await), settled.listed, "{what}");
        store.close().await.unwrap();
    }
}
