//! R-ANY-6 and R-ANY-17: what is damaged is named, and stops or hides nothing else.

use std::fs;
use std::path::Path;

use truthound_stores_core::codec::{Codec, Compression, Format};
use truthound_stores_core::{
    ErrorKind, Finding, Key, Level, Query, Store, StoreExt, ValidationResult, VerifyOptions,
};

use crate::support::{files, fixture, ids, open, record};

async fn damaged_file(name: &str, bytes: &[u8]) -> truthound_stores_core::Error {
    let folder = fixture("fs_default");
    let path = folder.path().join("default/validations").join(name);
    fs::write(&path, bytes).unwrap();
    let store = open(folder.path()).await;
    let id = name.split('.').next().unwrap();

    let found = store.query::<ValidationResult>(&Query::new()).await.unwrap();
    assert_eq!(found.len(), 19, "{name}: the others are all there");
    assert_eq!(found.damaged.len(), 1, "{name}");
    assert!(found.damaged[0].to_string().contains(name), "{}", found.damaged[0]);
    // Small pages report it once.
    let small = store.list_ids(&Query::new().with_page_size(3)).await.unwrap();
    assert_eq!((small.len(), small.damaged.len()), (19, 1));
    assert_eq!(
        store.count(&Query::new()).await.unwrap_err().kind(),
        ErrorKind::Corrupt,
        "the number is uncertain"
    );

    let key = Key::result(id).unwrap();
    let error = store.read(&key).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{name}: {error}");
    assert!(error.to_string().contains(name), "{error}");
    assert!(store.exists(&key).await.unwrap(), "damaged is not absent");
    assert_eq!(fs::read(&path).unwrap(), bytes, "reading repairs nothing");
    assert!(store.delete(&key).await.unwrap(), "it can be deleted");
    assert_eq!(ids(&store).await.len(), 19);
    error
}

#[tokio::test]
async fn unreadable_documents_are_named_and_hide_nothing() {
    let whole = record("bad", 1).body.as_bytes().to_vec();
    for (name, bytes) in [
        ("bad.json", b"".to_vec()),
        ("bad.json", whole[..whole.len() - 1].to_vec()),
        ("bad.json", b"{}".to_vec()),
        ("bad.json", b"[1, 2]".to_vec()),
        ("bad.json", b"\xff\xfe{}".to_vec()),
        ("bad.json", "[".repeat(10_000).into_bytes()),
        ("bad.json.gz", whole.clone()[..20].to_vec()),
        ("bad.json.zst", b"\x28\xb5\x2f\xfd".to_vec()),
        ("bad.yaml", b"a: [b".to_vec()),
        ("bad.pkl", b"\x80\x04cos\nsystem\n(S'true'\ntR.".to_vec()),
        (
            "bad.json",
            br#"{"run_id": "bad", "run_time": "noon", "data_asset": "a", "status": "success"}"#.to_vec(),
        ),
    ] {
        damaged_file(name, &bytes).await;
    }
}

/// `verify` without `--repair` looked at no document where the index was damaged, and so named none that was.
#[tokio::test]
async fn a_damaged_index_keeps_no_document_from_being_verified() {
    let folder = fixture("fs_default");
    let path = folder.path().join("default/validations");
    ids(&open(folder.path()).await).await;
    let name = files(&path).into_iter().find(|name| name.starts_with("run_")).unwrap();
    for cut in [0, 5000] {
        let index = path.join("_catalog/index.db");
        let bytes = fs::read(&index).unwrap();
        fs::write(&index, &bytes[..cut]).unwrap();
        fs::write(path.join(&name), "{").unwrap();
        let store = open(folder.path()).await;
        let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
        let damage = |what: &str| {
            let of = |found: &&Finding| found.level == Level::Damage && found.message.contains(what);
            report.findings.iter().filter(of).count()
        };
        assert_eq!((damage("the index is damaged"), damage(&name)), (1, 1), "{report:?}");
        // With two suites, which are in a collection of their own.
        assert_eq!(report.documents, 21, "{report:?}");
        assert!(fs::read(&index).unwrap().len() == cut, "verifying changed something");
        store.close().await.unwrap();
        fs::write(&index, &bytes).unwrap();
    }
}

/// A hostile pickle is refused and runs nothing.
#[tokio::test]
async fn a_pickle_that_would_call_is_refused_by_name() {
    let marker = tempfile::tempdir().unwrap();
    let file = marker.path().join("called");
    let pickle = format!("cos\nsystem\n(S'touch {}'\ntR.", file.display());
    let error = damaged_file("evil.pkl", pickle.as_bytes()).await;
    assert!(error.to_string().contains("os.system"), "{error}");
    assert!(!file.exists());
}

/// A gzip file that unpacks to more than any document may be.
#[tokio::test]
async fn a_gzip_bomb_stops_at_the_stated_limit() {
    let mut bomb = br#"{"run_id": "bad", "x": ""#.to_vec();
    bomb.resize(70 << 20, b'a');
    bomb.extend_from_slice(br#""}"#);
    // The encoder of documents has the same limit, so the bomb is made of its parts.
    let packed = gzip(&bomb);
    assert!(packed.len() < 1 << 20);
    let error = damaged_file("bad.json.gz", &packed).await;
    assert!(error.to_string().contains("67108864"), "{error}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let mut child = Command::new("gzip")
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip is part of every system that these tests run on");
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.stdout
}

/// Where the format has a checksum, no flipped bit goes unseen; elsewhere nothing panics.
#[tokio::test]
async fn flipped_bytes_are_corrupt_wherever_the_format_can_tell() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let folder = dir.path().join("default/validations");
    fs::create_dir_all(&folder).unwrap();
    let original = record("x", 1);
    let key = Key::result("x").unwrap();
    for compression in [Compression::Gzip, Compression::Lz4, Compression::Zstd] {
        let bytes = Codec::new(Format::Json, compression).encode(original.body.as_bytes()).unwrap();
        let name = match compression {
            Compression::Gzip => "x.json.gz",
            Compression::Lz4 => "x.json.lz4",
            _ => "x.json.zst",
        };
        let path = folder.join(name);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            fs::write(&path, &flipped).unwrap();
            match store.read(&key).await {
                Ok(stored) => {
                    assert_eq!(stored.into_body().unwrap(), original.body, "{name} at {at}: wrong data");
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Corrupt, "{name} at {at}: {error}"),
            }
        }
        fs::remove_file(&path).unwrap();
    }
}

/// A disk that flips bits changes no time and no size; a program that writes to the file does.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_bit_that_flips_in_a_saved_file_is_corrupt_and_a_rewrite_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let (key, path) = (Key::result("x").unwrap(), dir.path().join("default/validations/x.json"));
    store.put(record("x", 1)).await.unwrap();
    store.flush().await.unwrap();
    let (bytes, time) = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        fs::write(&path, &flipped).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert_eq!(store.read(&key).await.unwrap_err().kind(), ErrorKind::Corrupt, "byte {at}");
    }
    let later = time + std::time::Duration::from_secs(1);
    let edited = String::from_utf8(bytes).unwrap().replace("orders", "people");
    fs::write(&path, edited).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    assert_eq!(store.read(&key).await.unwrap().meta.attributes.data_asset, "people");
    // From then on the index says so, too.
    assert_eq!(store.list_runs(&Query::new()).await.unwrap().items[0].attributes.data_asset, "people");
}

/// R-ANY-4: a failed overwrite leaves the old value readable.
#[tokio::test]
async fn a_document_that_the_format_cannot_hold_leaves_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    store.close().await.unwrap();
    let yaml = dir.path().join("default/validations/x.json");
    let target = dir.path().join("default/validations/x.yaml");
    fs::rename(&yaml, &target).unwrap();
    let before = fs::read(&target).unwrap();
    let text = r#"{"run_id":"x","run_time":"2026-01-01","data_asset":"\ud800","status":"success"}"#;
    let reading = truthound_stores_core::Reading::default();
    let collection = truthound_stores_core::Collection::RESULTS;
    let lone = truthound_stores_core::Record::parse(collection, text.as_bytes(), &reading).unwrap();
    fs::remove_dir_all(dir.path().join("default/validations/_catalog")).unwrap();
    let store = open(dir.path()).await;
    let error = store.put(lone).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    assert_eq!(fs::read(&target).unwrap(), before);
    assert!(leftovers(dir.path()).is_empty());
}

fn leftovers(base: &Path) -> Vec<String> {
    let catalog = base.join("default/validations/_catalog");
    let names = fs::read_dir(catalog).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with("tmp-")).collect()
}

/// R-ANY-3: what a writer that died has left is no document, and the next writer sweeps it.
#[tokio::test]
async fn leftovers_of_a_dead_writer_are_invisible_and_swept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let catalog = dir.path().join("default/validations/_catalog");
    fs::write(catalog.join("tmp-0123456789abcdef"), "{\"run_id\": \"half").unwrap();
    assert_eq!(ids(&store).await, ["x"]);
    let next = open(dir.path()).await;
    next.put(record("y", 1)).await.unwrap();
    next.flush().await.unwrap();
    assert!(leftovers(dir.path()).is_empty());
}

/// A torn file that another program left beside a document is named; what was acknowledged goes on being the document, for `get` as for
/// listings.
#[tokio::test]
async fn a_damaged_file_beside_a_document_is_named_and_hides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let newer = dir.path().join("default/validations/x.json.gz");
    fs::write(&newer, "torn").unwrap();
    let later = fs::metadata(&newer).unwrap().modified().unwrap() + std::time::Duration::from_mins(1);
    fs::File::options().write(true).open(&newer).unwrap().set_modified(later).unwrap();
    for again in [false, true] {
        if again {
            store.close().await.unwrap();
            fs::remove_dir_all(dir.path().join("default/validations/_catalog")).unwrap();
        }
        let fresh = open(dir.path()).await;
        let found = fresh.list_ids(&Query::new()).await.unwrap();
        assert_eq!((found.items.len(), found.damaged.len()), (1, 1), "{:?}", found.damaged);
        assert!(found.damaged[0].to_string().contains("x.json.gz"), "{}", found.damaged[0]);
        fresh.read(&Key::result("x").unwrap()).await.unwrap();
        fresh.close().await.unwrap();
    }
    // The next save leaves one file.
    let fresh = open(dir.path()).await;
    fresh.put(record("x", 2)).await.unwrap();
    fresh.flush().await.unwrap();
    assert!(!newer.exists());
    assert!(fresh.list_ids(&Query::new()).await.unwrap().damaged.is_empty());
}

/// Of two files with one time, `get` gave the one and the listing either.
#[tokio::test]
async fn of_two_files_with_one_time_all_answers_give_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("default/validations");
    fs::create_dir_all(&results).unwrap();
    fs::write(results.join("q.json"), record("q", 1).body.as_bytes()).unwrap();
    let time = fs::metadata(results.join("q.json")).unwrap().modified().unwrap();
    let yaml = Codec::new(Format::Yaml, Compression::None).encode(record("q", 2).body.as_bytes()).unwrap();
    fs::write(results.join("q.yaml"), yaml).unwrap();
    fs::File::options().write(true).open(results.join("q.yaml")).unwrap().set_modified(time).unwrap();
    for _ in 0..20 {
        let store = open(dir.path()).await;
        let listed = store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap();
        assert_eq!(listed, [store.head(&Key::result("q").unwrap()).await.unwrap()]);
    }
}

/// A socket in the folder once failed every listing.
#[cfg(unix)]
#[tokio::test]
async fn a_socket_is_named_and_hides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.put(record("x", 1)).await.unwrap();
    let path = dir.path().join("default/validations/q.json");
    let _socket = std::os::unix::net::UnixListener::bind(path).unwrap();
    let found = open(dir.path()).await.list_ids(&Query::new()).await.unwrap();
    assert_eq!((found.items.as_slice(), found.damaged.len()), (["x".to_owned()].as_slice(), 1));
}

/// Truthound writes a file in its place. A reader in the middle of that once took the new bytes for flipped ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_rewritten_in_its_place_is_never_taken_for_flipped() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut large = record("x", 1);
    let text = large.body.as_str().trim_end_matches('}').to_owned();
    let text = format!("{text},\"pad\":\"{}\"}}", "a".repeat(1 << 20));
    large.body = truthound_stores_core::Body::parse(text.as_bytes()).unwrap();
    store.put(large.clone()).await.unwrap();
    let path = dir.path().join("default/validations/x.json");
    let writing = std::thread::spawn(move || {
        for letter in 'b'..='z' {
            fs::write(&path, text.replace("aaaa", &letter.to_string().repeat(4))).unwrap();
        }
    });
    while !writing.is_finished() {
        if let Err(error) = store.read(&large.key).await {
            assert!(!error.to_string().contains("not those that were saved"), "{error}");
        }
    }
    writing.join().unwrap();
    store.read(&large.key).await.unwrap();
}
