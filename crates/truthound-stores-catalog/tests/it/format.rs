//! `docs/catalog-format.md` is true, and says enough: a reader in Python that was written from it alone finds what the store finds.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use object_store::{Attribute, ObjectStore, ObjectStoreExt};
use serde_json::{Value, json};
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects, TailRow, TokioRuntime};
use truthound_stores_core::codec::{Compression, Format};
use truthound_stores_core::{
    Attributes, Body, Clock, Collection, DeleteOptions, ErrorKind, Key, MaintainOptions, Page, PageToken,
    PutOptions, Query, Reading, Record, RecordMeta, Status, Store, StoreConfig, StoreExt, Timestamp,
};
use truthound_stores_testkit::object::{SimulatedStore, StoreOptions};

use crate::libraries::{libraries, skip};
use crate::place::Simulated;

mod kills;

const RESULTS: &str = "truthound/default/results";
const DAY: i64 = 24 * 3_600_000_000;

/// The reader, and the page that it was written from.
struct Reader {
    libraries: PathBuf,
    page: PathBuf,
}

impl Reader {
    /// `None` where the libraries that it needs cannot be had: then that is reported.
    fn new() -> Option<Self> {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/catalog-format.md");
        match libraries() {
            Ok(libraries) => Some(Self { libraries, page }),
            Err(why) => {
                skip(&format!("pyarrow and DuckDB, for a reader of the catalog, cannot be installed: {why}"));
                None
            }
        }
    }

    fn run(&self, arguments: &[&str], input: &Value) -> Value {
        let mut reader = Command::new("python3")
            .env("PYTHONPATH", &self.libraries)
            .env("PYTHONIOENCODING", "utf-8")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/reader.py"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A reader that needs no input may be gone by now.
        drop(reader.stdin.take().unwrap().write_all(input.to_string().as_bytes()));
        let output = reader.wait_with_output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn list(&self, bucket: &Copied, tail: Option<&Copied>) -> Value {
        let mut arguments = vec!["list", bucket.path(), RESULTS];
        arguments.extend(tail.map(Copied::path));
        self.run(&arguments, &Value::Null)
    }
}

/// The objects of a bucket as files: contents in one folder, user metadata in another.
struct Copied(tempfile::TempDir);

impl Copied {
    async fn of(bucket: &dyn ObjectStore) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listed: Vec<_> = bucket.list(None).try_collect().await.unwrap();
        for meta in listed {
            let got = bucket.get(&meta.location).await.unwrap();
            let said: BTreeMap<String, String> = got
                .attributes
                .iter()
                .filter_map(|(name, value)| match name {
                    Attribute::Metadata(name) => Some((name.to_string(), value.as_ref().to_owned())),
                    _ => None,
                })
                .collect();
            let content = got.bytes().await.unwrap();
            for (kind, bytes) in
                [("objects", content.to_vec()), ("metadata", serde_json::to_vec(&said).unwrap())]
            {
                let file = folder.path().join(kind).join(meta.location.as_ref());
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, bytes).unwrap();
            }
        }
        Self(folder)
    }

    fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

/// What the reader prints of documents, from what the store says of them.
fn shown(metas: &[RecordMeta]) -> Value {
    let one = |meta: &RecordMeta| {
        let facts = &meta.attributes;
        let counts = &facts.statistics;
        json!({
            "id": meta.key.id(),
            "revision": meta.revision.as_str(),
            "run_time": facts.run_time.as_micros(),
            "data_asset": facts.data_asset,
            "status": facts.status.as_str(),
            "tags": facts.tags,
            "suite_name": facts.suite_name,
            "ext": facts.ext,
            "counts": [
                counts.total_validators, counts.passed_validators, counts.failed_validators,
                counts.error_validators, counts.total_rows, counts.total_columns, counts.total_issues,
                counts.critical_issues, counts.high_issues, counts.medium_issues, counts.low_issues,
            ],
            "ms": format!("{:016x}", counts.execution_time_ms.to_bits()),
            "size": meta.size,
            "checksum": meta.checksum.to_string().get(..16),
            "saved_at": meta.saved_at.as_micros(),
        })
    };
    metas.iter().map(one).collect()
}

async fn all<F>(page: impl Fn(Option<PageToken>) -> F) -> Vec<RecordMeta>
where
    F: Future<Output = Page>,
{
    let (mut metas, mut after) = (Vec::new(), None);
    loop {
        let page = page(after).await;
        assert!(page.damaged.is_empty(), "{:?}", page.damaged);
        metas.extend(page.metas);
        after = page.next;
        if after.is_none() {
            return metas;
        }
    }
}

async fn listed(store: &CatalogStore) -> Vec<RecordMeta> {
    all(async |after| store.list_page(&Query::new(), after).await.unwrap()).await
}

async fn maintain(store: &CatalogStore) {
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
}

/// An id: most spell themselves in names, some do not.
fn id(number: u64) -> String {
    match number {
        3 => "Lauf 3 vom 1. März/日本".to_owned(),
        4 => "x".repeat(300),
        5 => "con".to_owned(),
        6 => "_hidden".to_owned(),
        7 => "ends.".to_owned(),
        8 => "Com1.run".to_owned(),
        _ => format!("run_{number:05}"),
    }
}

/// A document in one of its versions; it differs from others in everything.
fn document(number: u64, version: u64) -> Record {
    let mixed = number * 7 + version;
    let status = ["success", "failure", "error", "warning", "skipped"];
    let status = status.get(usize::try_from(mixed % 5).unwrap()).unwrap();
    // Together the names are too long to be listed: a filter takes their place.
    let asset = format!("warehouse.table_{:02}{}", mixed % 60, "_with_a_name".repeat(2));
    let minute = mixed * 97 % 4_320;
    let run_time = Timestamp::from_micros(1_767_225_600_000_000)
        .plus_micros(60_000_000 * i64::try_from(minute).unwrap());
    let tags = match mixed % 3 {
        0 => json!({}),
        1 => json!({"env": "prod"}),
        _ => json!({"env": "staging", "Größe": "ein \"Wort\"\nund mehr", "leer": ""}),
    };
    let spent = [0.0, 12.5, 1.0 / 3.0, 1e300, 0.007].get(usize::try_from(mixed % 5).unwrap()).copied();
    let text = json!({
        "run_id": id(number),
        "run_time": run_time.to_string(),
        "data_asset": asset,
        "status": status,
        "tags": tags,
        "suite_name": mixed.is_multiple_of(2).then(|| format!("suite_{}", mixed % 4)),
        "statistics": {
            "total_validators": 10 + mixed % 5,
            "passed_validators": mixed % 10,
            "failed_validators": mixed % 4,
            "total_rows": (1_u64 << 52) + mixed,
            "total_columns": 300,
            "total_issues": mixed % 3,
            "critical_issues": mixed % 2,
            "low_issues": number % 2,
            "execution_time_ms": spent,
        },
    });
    let text = text.to_string();
    let mut record = Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap();
    if mixed.is_multiple_of(4) {
        record.attributes.ext.set("versioning.parent", format!("v{version}")).unwrap();
    }
    if mixed.is_multiple_of(16) {
        // More than metadata have room for.
        record.attributes.ext.set("note", "ä".repeat(480)).unwrap();
    }
    record
}

fn config(compression: Compression, tail_row: TailRow) -> CatalogConfig {
    let store = StoreConfig::default().with_serialization_format(Format::Json).with_compression(compression);
    CatalogConfig::new().with_store(store).with_tail_row(tail_row)
}

/// Saves, one after the other, while time passes.
struct Writer<'s> {
    bucket: &'s Simulated,
    store: CatalogStore,
}

impl Writer<'_> {
    async fn save(&self, numbers: impl IntoIterator<Item = u64>, version: u64) {
        for number in numbers {
            self.bucket.clock.advance(Duration::from_micros(1_500));
            self.store.put(document(number, version)).await.unwrap();
        }
    }

    async fn delete(&self, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            self.bucket.clock.advance(Duration::from_micros(1_500));
            let key = Key::result(&id(number)).unwrap();
            assert!(self.store.delete_opts(&key, DeleteOptions::default()).await.unwrap());
        }
    }

    /// Lists, which begins a fold in the background, and waits until that is done.
    async fn fold(&self) {
        self.bucket.clock.advance(Duration::from_secs(2));
        let generation = generation(&self.store).await;
        listed(&self.store).await;
        let mut turns = 0;
        while generation == self::generation(&self.store).await {
            turns += 1;
            assert!(turns < 100_000, "no fold took place");
            tokio::task::yield_now().await;
        }
    }
}

async fn generation(store: &CatalogStore) -> u64 {
    store.states(&Collection::RESULTS).await.unwrap().last().unwrap().generation
}

/// Holds the reader against the store: by its listing, and by each document.
async fn agree(reader: &Reader, bucket: &dyn ObjectStore, store: &CatalogStore) -> Copied {
    let copied = Copied::of(bucket).await;
    let metas = listed(store).await;
    assert_eq!(reader.list(&copied, None), shown(&metas));
    copied
}

async fn agree_on_documents(
    reader: &Reader,
    copied: &Copied,
    store: &CatalogStore,
    collection: &str,
    keys: &[Key],
) {
    let ids: Vec<&str> = keys.iter().map(Key::id).collect();
    let read = reader.run(&["get", copied.path(), collection], &json!(ids));
    for (key, read) in keys.iter().zip(read.as_array().unwrap()) {
        let stored = match store.read(key).await {
            Ok(stored) => stored,
            Err(error) => {
                assert_eq!((error.kind(), read), (ErrorKind::NotFound, &Value::Null), "{key}");
                continue;
            }
        };
        let facts = stored.meta.attributes.clone();
        assert_eq!(read["revision"], stored.meta.revision.as_str(), "{key}");
        assert_eq!(read["text"], stored.into_body().unwrap().as_str(), "{key}");
        assert_eq!(read.get("ext").cloned().unwrap_or_else(|| json!({})), json!(facts.ext), "{key}");
        if *key.collection() != Collection::RESULTS {
            let unsaid = (&read["data_asset"], &read["run_time"], &read["status"], &read["tags"]);
            let run_time = json!(facts.run_time.as_micros());
            let expected =
                (&json!(facts.data_asset), &run_time, &json!(facts.status.as_str()), &json!(facts.tags));
            assert_eq!(unsaid, expected, "{key}");
        }
    }
}

#[tokio::test]
async fn a_reader_that_was_written_from_the_page_finds_what_the_store_finds() {
    let Some(reader) = Reader::new() else { return };
    let simulated = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let bucket = simulated.bucket.backdoor();
    let names =
        Writer { bucket: &simulated, store: simulated.store(config(Compression::None, TailRow::Name)) };

    // Nothing is folded yet.
    names.save(0..70, 1).await;
    names.save((0..70).step_by(4), 2).await;
    names.delete((0..70).step_by(9)).await;
    names.save([9, 18], 3).await;
    let unfolded = agree(&reader, &bucket, &names.store).await;

    // All is folded; who has listed the tail before it was finds the same.
    maintain(&names.store).await;
    let folded = agree(&reader, &bucket, &names.store).await;
    assert_eq!(reader.list(&folded, Some(&unfolded)), reader.list(&folded, None));
    agree_with_sql(&reader, &folded, &listed(&names.store).await);

    // The tail changes what is folded. Another handle writes rows in bodies, under another suffix.
    names.save((1..70).step_by(10), 4).await;
    names.delete([2, 4, 20]).await;
    let bodies =
        Writer { bucket: &simulated, store: simulated.store(config(Compression::Gzip, TailRow::Body)) };
    bodies.save(60..95, 5).await;
    bodies.delete([61, 71, 81]).await;
    let batch: Vec<Record> = (90..110).map(|number| document(number, 6)).collect();
    for written in bodies.store.put_many(batch, PutOptions::default()).await {
        written.unwrap();
    }
    bodies.save([71, 200], 7).await;
    let before = agree(&reader, &bucket, &names.store).await;
    let keys: Vec<Key> = (0..201).map(|number| Key::result(&id(number)).unwrap()).collect();
    agree_on_documents(&reader, &before, &bodies.store, RESULTS, &keys).await;

    // Folds leave history.
    bodies.fold().await;
    let after = agree(&reader, &bucket, &names.store).await;
    assert_eq!(reader.list(&after, Some(&before)), reader.list(&after, None));
    bodies.save(40..75, 8).await;
    bodies.delete([41, 100, 101]).await;
    bodies.fold().await;
    names.save([1, 2, 3], 9).await;
    names.delete([5, 6]).await;
    let copied = agree(&reader, &bucket, &names.store).await;
    let states = names.store.states(&Collection::RESULTS).await.unwrap();
    assert!(states.len() >= 3, "{states:?}");
    for state in states {
        let at = state.generation;
        let metas =
            all(async |after| names.store.list_page_as_of(at, &Query::new(), after).await.unwrap()).await;
        let read = reader.run(&["past", copied.path(), RESULTS, &at.to_string()], &Value::Null);
        assert_eq!(read, shown(&metas), "generation {at}");
    }

    maintain(&names.store).await;
    let folded = agree(&reader, &bucket, &names.store).await;
    for tail in [&unfolded, &before, &copied] {
        assert_eq!(
            reader.list(&folded, Some(tail)),
            reader.list(&folded, None),
            "an old listing of the tail"
        );
    }
    agree_with_sql(&reader, &folded, &listed(&names.store).await);
    agree_on_documents(&reader, &folded, &names.store, RESULTS, &keys).await;
}

/// The query of the page counts what the store counts.
fn agree_with_sql(reader: &Reader, folded: &Copied, metas: &[RecordMeta]) {
    let mut days: BTreeMap<i64, (u64, u64, u64, u64)> = BTreeMap::new();
    for meta in metas {
        let facts = &meta.attributes;
        let day = days.entry(facts.run_time.as_micros().div_euclid(DAY)).or_default();
        day.0 += 1;
        day.1 += u64::from(facts.status == Status::SUCCESS);
        day.2 += facts.statistics.passed_validators;
        day.3 += facts.statistics.total_validators;
    }
    assert_eq!(days.len(), 3);
    let read = reader.run(&["sql", reader.page.to_str().unwrap(), folded.path(), RESULTS], &Value::Null);
    let number = |text: &Value| text.as_str().unwrap().parse::<f64>().unwrap();
    let read: Vec<[f64; 3]> =
        read.as_array().unwrap().iter().map(|row| [&row[1], &row[2], &row[3]].map(number)).collect();
    #[allow(clippy::cast_precision_loss, reason = "samples are small")]
    let expected: Vec<[f64; 3]> = days
        .values()
        .map(|(runs, good, passed, total)| {
            [*runs as f64, *good as f64 / *runs as f64, *passed as f64 / *total as f64]
        })
        .collect();
    for (read, expected) in read.iter().zip(&expected) {
        for (read, expected) in read.iter().zip(expected) {
            assert!((read - expected).abs() < 1e-9, "{read} in place of {expected}");
        }
    }
    assert_eq!(read.len(), expected.len());
}

#[tokio::test]
async fn the_page_tells_where_attributes_are_that_no_text_says() {
    let Some(reader) = Reader::new() else { return };
    let simulated = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let store = simulated.store(config(Compression::Gzip, TailRow::Name));
    let collection = Collection::new("profiles").unwrap();
    let keys = ["first", "Zweite Ü"].map(|id| Key::new(collection.clone(), id).unwrap());
    for key in &keys {
        let mut facts =
            Attributes::new("orders", Timestamp::from_micros(1_767_225_600_123_456), Status::from("done"))
                .with_tag("env", "prod");
        facts.ext.set("note", "ö").unwrap();
        let body = Body::parse(br#"{"columns": [1, 2, 3]}"#).unwrap();
        store.put(Record::new(key.clone(), facts, body)).await.unwrap();
    }
    let copied = Copied::of(&simulated.bucket.backdoor()).await;
    agree_on_documents(&reader, &copied, &store, "truthound/default/_collections/profiles", &keys).await;
}

/// The page named the states of what other programs write by other bits of the hash than the store does.
#[tokio::test]
async fn the_page_tells_how_the_state_of_a_foreign_document_is_named() {
    let Some(reader) = Reader::new() else { return };
    let simulated = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let store = simulated.store(config(Compression::None, TailRow::Name));
    let bucket = simulated.bucket.backdoor();
    for number in 0..4 {
        // As Truthound writes them: a file without any metadata of ours.
        let place = object_store::path::Path::from(format!("{RESULTS}/foreign{number}.json"));
        let text = format!(
            r#"{{"run_id":"foreign{number}","run_time":"2026-01-01T00:00:00","data_asset":"orders","status":"success"}}"#
        );
        bucket.put(&place, text.into_bytes().into()).await.unwrap();
        let object = bucket.head(&place).await.unwrap();
        let seconds = object.last_modified.timestamp().to_string();
        let read = reader.run(&["foreign", &object.e_tag.unwrap(), &seconds], &Value::Null);
        let stored = store.read(&Key::result(&format!("foreign{number}")).unwrap()).await.unwrap();
        assert_eq!(read, stored.meta.revision.as_str());
    }
}

/// Time that stands still, and chance that always gives the same: what is written does not depend on how often either was asked for.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_767_225_600_000_000)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        bytes.fill(0x2a);
    }
}

/// The examples of the page are what is written. A change here is a change of the format.
#[tokio::test]
async fn the_page_shows_what_is_written() {
    let bucket = SimulatedStore::new(StoreOptions::s3(), Arc::new(Still), 1);
    let open = |tail_row| {
        let objects = Objects::new(Arc::new(bucket.clone()), "simulated", "simulated");
        CatalogStore::open_with(
            objects,
            config(Compression::None, tail_row),
            Arc::new(Still),
            Arc::new(TokioRuntime),
        )
        .unwrap()
    };
    let text = br#"{"run_id": "run_1", "run_time": "2026-01-01T00:00:00", "data_asset": "orders", "status": "failure", "tags": {"env": "prod"}, "statistics": {"total_validators": 3, "passed_validators": 2, "failed_validators": 1, "execution_time_ms": 12.5}}"#;
    let record = |text: &[u8]| Record::parse(Collection::RESULTS, text, &Reading::default()).unwrap();
    let store = open(TailRow::Name);
    store.put(record(text)).await.unwrap();
    let first = Copied::of(&bucket.backdoor()).await;
    store.delete_opts(&Key::result("run_1").unwrap(), DeleteOptions::default()).await.unwrap();
    let batch = ["a", "b"].map(|id| {
        record(format!(r#"{{"run_id": "{id}", "run_time": "2026-01-01T00:00:00", "data_asset": "orders", "status": "success"}}"#).as_bytes())
    });
    for written in open(TailRow::Body).put_many(batch.to_vec(), PutOptions::default()).await {
        written.unwrap();
    }
    let last = Copied::of(&bucket.backdoor()).await;

    let catalog = |copied: &Copied, name: &str| {
        copied.0.path().join("objects").join(RESULTS).join("_catalog").join(name)
    };
    let names: Vec<String> = fs::read_dir(catalog(&last, "tail"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let of = |kind: &str| {
        names.iter().find(|name| name.split('~').nth(1).unwrap().starts_with(kind)).unwrap().clone()
    };
    let object = fs::read(first.0.path().join("objects").join(RESULTS).join("run_1.json")).unwrap();
    let metadata = fs::read(first.0.path().join("metadata").join(RESULTS).join("run_1.json")).unwrap();
    let metadata: BTreeMap<String, String> = serde_json::from_slice(&metadata).unwrap();
    let metadata: Vec<String> = metadata.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let examples = [
        ("a document", hexadecimal(&object)),
        ("the metadata of a document", metadata.join("\n")),
        ("the name of a put", of("p")),
        ("the name of a delete", of("d")),
        (
            "the content of a batch",
            hexadecimal(&fs::read(catalog(&last, &format!("tail/{}", of("b")))).unwrap()),
        ),
        ("a root", fs::read_to_string(catalog(&first, "root")).unwrap()),
    ];
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/catalog-format.md");
    let page = fs::read_to_string(page).unwrap();
    for (label, example) in examples {
        let (_, rest) = page.split_once(&format!("*{label}*")).unwrap_or(("", ""));
        let shown = rest
            .split_once("```text\n")
            .and_then(|(_, rest)| rest.split_once("\n```"))
            .map(|(shown, _)| shown);
        assert_eq!(
            shown,
            Some(example.as_str()),
            "the page shows another example of {label}; written is\n{example}"
        );
    }
    // What is said of a segment depends on its bytes, which another encoder may write otherwise: the page shows what it once was.
    maintain(&open(TailRow::Name)).await;
    let folded = Copied::of(&bucket.backdoor()).await;
    println!("{}", fs::read_to_string(catalog(&folded, "root")).unwrap());
}

/// Bytes in lines that a page has room for.
fn hexadecimal(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap());
    let line = |bytes: &[u8]| bytes.iter().flat_map(digits).collect::<String>();
    bytes.chunks(48).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_can_be_read_by_its_own_reader() {
    let Some(reader) = Reader::new() else { return };
    let read = reader.run(&["page", reader.page.to_str().unwrap()], &Value::Null);
    assert_eq!(read["put"]["id"], "run_1");
    assert_eq!(read["put"]["status"], "failure");
    assert_eq!(read["put"]["counts"], json!([3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(read["put"]["tags"], json!({"env": "prod"}));
    assert_eq!(read["delete"]["op"], "delete");
    let batch: Vec<&str> =
        read["batch"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(batch, ["a", "b"]);
    assert_eq!(read["root"]["gen"], 0);
    let stats = &read["stats"];
    assert_eq!((&stats["puts"], &stats["deletes"], &stats["gens"]), (&json!(2), &json!(1), &json!([1, 1])));
    assert_eq!((&stats["ids"], &stats["assets"]), (&json!(["a", "run_1"]), &json!(["orders"])));
    for kills in read["kills"].as_object().unwrap().values() {
        let kills: Vec<u64> = serde_json::from_value(kills.clone()).unwrap();
        assert!(kills.is_sorted_by(|one, other| one < other) && !kills.is_empty());
    }
}
