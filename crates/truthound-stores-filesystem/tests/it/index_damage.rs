//! R-FS-3: an index or a log that is cut or flipped at any byte costs no settled document, is reported and never hidden, and is mended by
//! `verify --repair`.
//!
//! `TRUTHOUND_DAMAGE_SEED` repeats a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use truthound_stores_core::{
    ErrorKind, Finding, Grouping, Level, MaintainOptions, OrderBy, Query, RecordMeta, Report, Store,
    StoreExt, SystemClock, VerifyOptions, random_u64,
};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
use truthound_stores_testkit::SeededRandom;

use crate::child::{self, say};
use crate::model::{assert_sound, document, everything, key, version_of};
use crate::support::{files, long_tests, number_from_env, open};

const DOCUMENTS: u64 = 50;

/// What one kind of damage does to the bytes of a file.
#[derive(Debug)]
enum Damage {
    Cut(usize),
    Flip(usize, u8),
    /// A page of zeros, as a disk leaves it that lost a write.
    Blank(usize),
    Gone,
}

impl Damage {
    fn apply(&self, path: &Path, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        match *self {
            Self::Cut(length) => bytes.truncate(length),
            Self::Flip(at, bits) => bytes[at] ^= bits,
            Self::Blank(at) => {
                let end = bytes.len().min(at + 4096);
                bytes[at..end].fill(0);
            }
            Self::Gone => return fs::remove_file(path).unwrap(),
        }
        fs::write(path, bytes).unwrap();
    }
}

/// Many lengths and places: the header, the borders of pages, and anywhere.
fn damages(length: usize, number: usize, random: &mut SeededRandom) -> Vec<Damage> {
    let anywhere = |random: &mut SeededRandom| usize::try_from(random.below(length as u64)).unwrap();
    let mut all = vec![Damage::Gone, Damage::Cut(0), Damage::Cut(1), Damage::Cut(length - 1)];
    for at in [15, 16, 17, 24, 31, 32, 99, 100, 511, 512, 4095, 4096, 4097, 8192, length / 2] {
        all.extend((at < length).then_some(Damage::Cut(at)));
    }
    for at in (0..100).step_by(3) {
        // The number of the format is left alone: what it is flipped to may be that of a later version.
        all.extend((at < length && !(60..64).contains(&at)).then_some(Damage::Flip(at, 0xff)));
    }
    // Every page of a small database, some of a large one.
    let pages = length / 4096 / 40 + 1;
    all.extend((0..length).step_by(pages * 4096).map(Damage::Blank));
    while all.len() < number {
        let at = anywhere(random);
        all.push(if random.chance(30) || at < 100 {
            Damage::Cut(at)
        } else {
            Damage::Flip(at, 1 << random.below(8))
        });
    }
    all
}

/// The files of a catalog as they were, to be damaged again and again.
struct Catalog {
    folder: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
}

impl Catalog {
    fn of(base: &Path) -> Self {
        let folder = base.join("default/validations/_catalog");
        let read = |name: String| (name.clone(), fs::read(folder.join(name)).unwrap());
        let files: BTreeMap<_, _> = files(&folder).into_iter().map(read).collect();
        assert!(files.contains_key("index.db"), "the store has no index: {:?}", files.keys());
        Self { folder, files }
    }

    /// Puts everything back. The folder itself stays, so that nothing looks as if documents had come or gone.
    fn restore(&self) {
        for name in files(&self.folder) {
            fs::remove_file(self.folder.join(name)).unwrap();
        }
        for (name, bytes) in &self.files {
            fs::write(self.folder.join(name), bytes).unwrap();
        }
    }
}

fn seed() -> u64 {
    let seed = number_from_env("TRUTHOUND_DAMAGE_SEED").unwrap_or_else(|| random_u64(&SystemClock::new()));
    // Shown if the test fails.
    println!("TRUTHOUND_DAMAGE_SEED={seed}");
    seed
}

async fn quick(base: &Path) -> FileSystemStore {
    let config = FileSystemConfig::new(base).with_durability(Durability::Os);
    FileSystemStore::open(config).await.unwrap_or_else(|error| {
        panic!("a store with a damaged index cannot be opened, and so not be repaired: {}", error.report())
    })
}

/// What must be there, by id.
type Expected = BTreeMap<String, RecordMeta>;

/// What was heard of damage while a store answered.
#[derive(Debug, PartialEq)]
struct Heard {
    /// Some answer was an error, or named something damaged.
    reported: bool,
    /// All answers were as they should be.
    right: bool,
}

const WELL: Heard = Heard { reported: false, right: true };

impl Heard {
    fn error(&mut self, error: &truthound_stores_core::Error, what: &str) {
        names_the_index(error, what);
        *self = Self { reported: true, right: false };
    }
}

/// Asks for everything, by every index that there may be, and reads it.
async fn look(store: &dyn Store, expected: &Expected, what: &str) -> Heard {
    let mut heard = ask(store, expected, what).await;
    for id in expected.keys() {
        match store.read(&key(id)).await {
            Ok(stored) => _ = version_of(&stored.into_record().unwrap()),
            Err(error) => heard.error(&error, &format!("{what}: {id}")),
        }
    }
    heard
}

/// Asks for everything, by every index that there may be.
async fn ask(store: &dyn Store, expected: &Expected, what: &str) -> Heard {
    let mut heard = WELL;
    let all = Query::new();
    let far = "2027-01-01T00:00:00Z".parse().unwrap();
    for query in [
        all.clone(),
        all.clone().with_data_asset("orders"),
        all.clone().with_status("success").with_page_size(20),
        all.clone().with_end_time(far).with_ascending(true),
        all.clone().with_order_by(OrderBy::DataAsset),
        all.clone().with_order_by(OrderBy::Status).with_data_asset("ord*"),
    ] {
        match store.list_runs(&query).await {
            Ok(listed) => {
                heard.reported |= !listed.damaged.is_empty();
                heard.right &= same(&listed.items, expected);
            }
            Err(error) => heard.error(&error, what),
        }
    }
    match store.count(&all).await {
        Ok(count) => heard.right &= count == expected.len() as u64,
        Err(error) => heard.error(&error, what),
    }
    match store.summarize(&all, Grouping::new()).await {
        Ok(sums) => heard.right &= sums.iter().map(|sum| sum.runs).sum::<u64>() == expected.len() as u64,
        Err(error) => heard.error(&error, what),
    }
    heard
}

#[track_caller]
fn names_the_index(error: &truthound_stores_core::Error, what: &str) {
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {}", error.report());
    let named = error.key().is_some() || error.report().contains("index");
    assert!(named, "{what}: the error names neither a document nor the index: {}", error.report());
}

/// Compares all but what a rebuilt index may not know any more: the revision, and when it was saved.
fn same(listed: &[RecordMeta], expected: &Expected) -> bool {
    listed.len() == expected.len()
        && listed.iter().all(|meta| {
            expected.get(meta.key.id()).is_some_and(|known| {
                (&meta.attributes, meta.size, &meta.checksum)
                    == (&known.attributes, known.size, &known.checksum)
            })
        })
}

/// A store before it was damaged.
struct Sound {
    base: PathBuf,
    expected: Expected,
    ordinary: Ordinary,
}

/// What is found in a store that is sound: more than that is news.
struct Ordinary(BTreeSet<String>);

impl Ordinary {
    async fn of(store: &dyn Store) -> Self {
        let upkeep = store.upkeep().unwrap();
        let verified = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
        let diagnosed = upkeep.diagnose().await.unwrap();
        Self(verified.findings.iter().chain(&diagnosed.findings).map(Self::gist).collect())
    }

    /// What a finding says but for its numbers.
    fn gist(finding: &Finding) -> String {
        let text = format!("{:?} {} {}", finding.level, finding.subject, finding.message);
        text.chars().filter(|letter| !letter.is_ascii_digit()).collect()
    }

    fn is_exceeded_by(&self, report: &Report) -> bool {
        report
            .findings
            .iter()
            .any(|finding| finding.level != Level::Good && !self.0.contains(&Self::gist(finding)))
    }
}

/// Looks at a damaged store, repairs it, and checks that it is whole. Answers whether anybody was told.
async fn survives(sound: &Sound, what: &str) -> bool {
    let Sound { base, expected, ordinary } = sound;
    let store = quick(base).await;
    let Heard { reported, right } = look(&store, expected, what).await;
    let upkeep = store.upkeep().unwrap();
    let told = match upkeep.verify(VerifyOptions::default(), &()).await {
        Ok(report) => {
            let diagnosed = upkeep.diagnose().await.unwrap();
            ordinary.is_exceeded_by(&report) || ordinary.is_exceeded_by(&diagnosed)
        }
        Err(error) => {
            names_the_index(&error, what);
            true
        }
    };
    assert!(right || reported || told, "{what}: answers are wrong, and nothing says so");
    assert!(right || told, "{what}: verify does not find what is wrong");
    let repair = VerifyOptions::default().with_repair(true);
    let mended = upkeep.verify(repair, &()).await;
    let mended = mended.unwrap_or_else(|error| panic!("{what}: repair: {}", error.report()));
    assert!(!mended.is_damaged(), "{what}: not mended: {:?}", mended.findings);
    assert_eq!(ask(&store, expected, what).await, WELL, "{what}: after repair, by the same handle");
    store.close().await.unwrap_or_else(|error| panic!("{what}: close: {}", error.report()));

    let store = quick(base).await;
    assert_eq!(look(&store, expected, what).await, WELL, "{what}: after repair, opened again");
    store.close().await.unwrap();
    reported || told
}

/// Checks that a store that was mended is as good as any other.
async fn goes_on(base: &Path, what: &str) {
    let store = quick(base).await;
    store.put(document("new", 1)).await.unwrap_or_else(|error| panic!("{what}: save: {}", error.report()));
    assert!(store.delete(&key("new")).await.unwrap());
    assert_sound(&store).await;
    store.close().await.unwrap();
}

async fn expected(store: &dyn Store) -> Expected {
    let listed = store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap();
    listed.into_iter().map(|meta| (meta.key.id().to_owned(), meta)).collect()
}

#[tokio::test]
async fn an_index_that_is_cut_or_flipped_anywhere_costs_no_document_and_is_mended() {
    let dir = tempfile::tempdir().unwrap();
    let store = quick(dir.path()).await;
    for number in 0..DOCUMENTS {
        store.put(document(&format!("run-{number:02}"), number)).await.unwrap();
    }
    store.flush().await.unwrap();
    // All is moved from the log into the index.
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    let (expected, ordinary) = (expected(&store).await, Ordinary::of(&store).await);
    store.close().await.unwrap();
    drop(store);
    let mut catalog = Catalog::of(dir.path());
    // What has been moved into the index may still stand in the log as well, and would be taken from there.
    catalog.files.retain(|name, _| !name.starts_with("index.db-"));
    let bytes = &catalog.files["index.db"];
    let number = if long_tests() { 3_000 } else { 160 };
    let sound = Arc::new(Sound { base: dir.path().to_owned(), expected, ordinary });
    assert!(!survives(&sound, "no damage").await, "a sound index is reported");
    let (mut told, mut wrong) = (0, Vec::new());
    for (number, damage) in
        damages(bytes.len(), number, &mut SeededRandom::new(seed())).into_iter().enumerate()
    {
        catalog.restore();
        damage.apply(&catalog.folder.join("index.db"), bytes);
        let what = format!("index.db of {} bytes, {damage:?}", bytes.len());
        // A part of a page, or a flipped byte, may lie where nothing is.
        let must_be_told = match damage {
            Damage::Cut(length) => length > 0 && length.div_ceil(4096) < bytes.len() / 4096,
            _ => false,
        };
        // All that goes wrong is named, not only the first.
        let (sound, name) = (Arc::clone(&sound), what.clone());
        let outcome = tokio::spawn(async move {
            let heard = survives(&sound, &name).await;
            if number % 5 == 0 {
                goes_on(&sound.base, &name).await;
            }
            heard
        });
        match outcome.await {
            Ok(false) if must_be_told => wrong.push(format!("{what}: rebuilt without a word")),
            Ok(heard) => told += usize::from(heard),
            Err(error) => wrong.push(format!("{what}: {error}")),
        }
    }
    println!("{told} damages were reported");
    assert!(wrong.is_empty(), "{} damages: {wrong:#?}", wrong.len());
}

#[tokio::test]
async fn a_log_that_a_killed_process_left_may_be_cut_or_flipped_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("store");
    let mut child = child::start("save plainly", &[base.to_str().unwrap()]);
    let mut acknowledged: Vec<String> = (0..DOCUMENTS).map(|_| child.hear().unwrap()).collect();
    acknowledged.extend(child.kill());
    let catalog = Catalog::of(&base);
    let Some(log) = catalog.files.get("index.db-wal").filter(|log| log.len() > 32) else {
        panic!("the process that was killed left no log: {:?}", catalog.files.keys())
    };
    // What has a file is settled enough to be found again without any log.
    let written = Written::of(&base);
    let number = if long_tests() { 1_000 } else { 60 };
    for damage in damages(log.len(), number, &mut SeededRandom::new(seed())) {
        catalog.restore();
        written.restore();
        damage.apply(&catalog.folder.join("index.db-wal"), log);
        let what = format!("index.db-wal of {} bytes, {damage:?}", log.len());
        let store = quick(&base).await;
        let upkeep = store.upkeep().unwrap();
        let repaired = upkeep.verify(VerifyOptions::default().with_repair(true), &()).await;
        let repaired = repaired.unwrap_or_else(|error| panic!("{what}: repair: {}", error.report()));
        let all = everything(&store).await;
        let missing: Vec<&String> = acknowledged.iter().filter(|id| !all.contains_key(*id)).collect();
        // That something was lost is no success; of what was cut off nothing is left that could tell, and a blank in the last write looks
        // as one that a power cut has torn.
        let is_last = missing.iter().all(|id| Some(*id) == acknowledged.last());
        let is_cut =
            matches!(damage, Damage::Cut(_) | Damage::Gone) || matches!(damage, Damage::Blank(_)) && is_last;
        assert!(
            missing.is_empty() || is_cut || repaired.is_damaged(),
            "{what}: {missing:?} are missing, and nobody says so"
        );
        assert!(is_cut || missing.len() < 10, "{what}: {missing:?} are missing of {}", acknowledged.len());
        let after = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(!after.is_damaged(), "{what}: it is said once more: {:?}", after.findings);
        for id in written.ids() {
            assert!(all.contains_key(id), "{what}: {id} has a file and is not listed");
        }
        store.close().await.unwrap();
        let again = everything(&open(&base).await).await;
        assert!(again.keys().eq(all.keys()), "{what}: opening again shows other documents");
    }
    // With the whole log, all is there.
    catalog.restore();
    written.restore();
    let all = everything(&open(&base).await).await;
    for id in &acknowledged {
        assert!(all.contains_key(id), "{id} was acknowledged");
    }
}

/// The documents' files as a process that was killed left them.
struct Written {
    folder: PathBuf,
    files: BTreeMap<String, (Vec<u8>, SystemTime)>,
}

impl Written {
    fn of(base: &Path) -> Self {
        let folder = base.join("default/validations");
        let files = files(&folder).into_iter().map(|name| (name.clone(), Self::read(&folder.join(name))));
        Self { files: files.collect(), folder }
    }

    fn read(path: &Path) -> (Vec<u8>, SystemTime) {
        (fs::read(path).unwrap(), fs::metadata(path).unwrap().modified().unwrap())
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(|name| name.trim_end_matches(".json"))
    }

    /// Undoes what recovery did. Times stay: else each file would look like somebody's rewrite.
    fn restore(&self) {
        for name in files(&self.folder).iter().filter(|name| !self.files.contains_key(*name)) {
            fs::remove_file(self.folder.join(name)).unwrap();
        }
        for (name, as_it_was) in &self.files {
            let path = self.folder.join(name);
            if Self::read(&path) != *as_it_was {
                fs::write(&path, &as_it_was.0).unwrap();
                fs::File::options().write(true).open(path).unwrap().set_modified(as_it_was.1).unwrap();
            }
        }
    }
}

/// A child that saves one document after the other until it is killed.
pub(crate) async fn save(base: &Path) {
    let store = open(base).await;
    for number in 0..100_000 {
        let id = format!("run-{number:06}");
        store.put(document(&id, number)).await.unwrap();
        say(&id);
    }
}
