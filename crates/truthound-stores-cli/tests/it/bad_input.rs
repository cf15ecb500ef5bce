//! Wrong and hostile input: a clear error that names the culprit, the right exit code, no panic, nothing written
//! (R-ANY-10, R-ANY-14, R-ANY-17).

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::harness::{Place, four, result};

#[test]
fn a_wrong_command_line_is_refused_before_anything_is_done() {
    let place = Place::new();
    for (line, culprit) in [
        ("list --limit -1", "-1"),
        ("list --limit ten", "ten"),
        ("list --limit 99999999999999999999", "99999999999999999999"),
        ("count --offset -5", "-5"),
        ("list --order-by colour", "colour"),
        ("query --since yesterday", "yesterday"),
        ("query --until 2026-02-30", "2026-02-30"),
        ("list --since -7d", "-7d"),
        ("list --since 2026-02-01 --until 2026-01-01", "2026-02-01"),
        ("list --tag environment", "environment"),
        ("list --tag a=1 --tag a=2", "\"a\""),
        ("list --status=", "--status"),
        ("list --format xml", "xml"),
        ("list --collection Results", "Results"),
        ("list --colour", "--colour"),
        ("sve x.json", "sve"),
        ("list --store a --config b", "--config"),
        ("--store s.d?namespcae=x list", "namespcae"),
        ("--store nowhere://x list", "nowhere"),
        ("--store memory:?max_items=many list", "max_items"),
        ("--store memory:?namespace=a --namespace b list", "namespace"),
        ("list --namespace ../up", "../up"),
        ("--config absent.toml list", "absent.toml"),
        ("diff a b --format csv", "table, json or jsonl"),
        ("backends --format ids", "table, json or jsonl"),
        ("demo --format json", "--format"),
        ("demo --collection reports", "--collection"),
    ] {
        place.run(line).fails(2, culprit);
    }
    for words in [
        &["--store", "", "list"][..],
        &["get", ""],
        &["get", "a\nb"],
        &["exists", &"x".repeat(513)],
        &["save"],
        &[],
    ] {
        assert_eq!(place.run_words(words).code, 2, "{words:?}");
    }
    assert!(place.files().is_empty(), "{:?}", place.files());
}

#[test]
fn what_cannot_be_read_as_documents_is_refused_and_nothing_is_written() {
    let place = Place::new();
    let deep = format!("{{\"run_id\":{}", "[".repeat(10_000));
    let closed = format!("{{\"run_id\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let whole = result("x", "a", "2026-01-01", "success");
    for (name, bytes, reason) in [
        ("truncated", whole.as_bytes()[..30].to_vec(), "not JSON"),
        ("deep", deep.into_bytes(), "nested deeper"),
        ("deep and closed", closed.into_bytes(), "nested deeper"),
        ("not JSON", b"hello, world\n".to_vec(), "not JSON"),
        ("a pickle", b"\x80\x04c__builtin__\neval\n.".to_vec(), "not JSON"),
        ("a scalar", b"42".to_vec(), "not JSON"),
        ("an array of numbers", b"[1,2]".to_vec(), "not JSON"),
        ("not UTF-8", b"{\"run_id\":\"\xff\xfe\"}".to_vec(), "not JSON"),
        ("truncated gzip", gzip(whole.as_bytes())[..20].to_vec(), "cannot read"),
        ("zstd", b"\x28\xb5\x2f\xfd\x00".to_vec(), "not JSON"),
        ("an object of another kind", b"{\"a\":1}".to_vec(), "run_id"),
        ("an id that is no text", whole.replace("\"x\"", "7").into_bytes(), "run_id"),
        ("an id that is empty", whole.replace("\"x\"", "\"\"").into_bytes(), "id is empty"),
        ("an id with a line break", whole.replace("\"x\"", "\"a\\nb\"").into_bytes(), "control character"),
        (
            "an id that is too long",
            whole.replace("\"x\"", &format!("\"{}\"", "x".repeat(513))).into_bytes(),
            "513",
        ),
        ("a time that is none", whole.replace("2026-01-01", "soon").into_bytes(), "soon"),
    ] {
        place.write("input", bytes);
        let ended = place.run("save input");
        ended.fails(1, reason);
        ended.fails(1, "input");
        assert_eq!(ended.out, "", "{name}");
        assert!(!place.path(".truthound").exists(), "{name}: something was written");
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// 64 MiB is the stated limit of a document; what lies beyond it is not even unpacked.
#[test]
fn a_gzip_bomb_is_refused() {
    let place = Place::new();
    // Members of gzip may be joined: a thousand of 1 MiB each unpack to 1 GiB.
    let bomb = [gzip(b"{\"run_id\":\""), gzip(&vec![b'x'; 1 << 20]).repeat(1000)].concat();
    assert!(bomb.len() < 2 << 20);
    place.write("bomb.json.gz", bomb);
    place.run("save bomb.json.gz").fails(1, "bomb.json.gz:1: document 1: the document has more than 64 MiB");
    assert!(!place.path(".truthound").exists());
}

#[test]
fn files_that_cannot_be_read_do_not_stop_the_others() {
    let place = Place::new();
    std::fs::create_dir(place.path("folder")).unwrap();
    place.write("good.json", &four()[0]);
    let ended = place.run("save absent.json folder good.json");
    ended.fails(1, "absent.json");
    ended.fails(1, "folder");
    assert_eq!(ended.out, "a\n");
}

/// R-ANY-10: ids that look like paths, or like the store's own files, are ordinary ids.
#[test]
fn hostile_ids_stay_inside_and_apart() {
    let ids =
        ["../up", "a/b", "a_b", "_index", "_catalog", "con", ".", "..", "A", "%2e", "데이터", "🦀", "-x"];
    let documents: Vec<String> = ids.iter().map(|id| result(id, "a", "2026-01-01", "success")).collect();
    let place = Place::holding(&documents);
    for (id, document) in ids.iter().zip(&documents) {
        assert_eq!(place.run_words(["get", "--format", "jsonl", "--", id]).ok().trim_end(), document, "{id}");
    }
    let root = place.path(".truthound/store/default/validations");
    assert!(place.files().iter().all(|file| file.starts_with(&root)), "{:?}", place.files());
    assert_eq!(place.run("count").ok(), format!("{}\n", ids.len()));
}

/// R-ANY-16.
#[test]
fn a_password_is_not_repeated() {
    let place = Place::new();
    for line in ["--store postgres://ann:hunter2@db/x list", "--store file:x?password=hunter2 list"] {
        let ended = place.run(line);
        assert_ne!(ended.code, 0);
        assert!(!ended.err.contains("hunter2"), "{ended:?}");
    }
    let help =
        place.command(["--help"]).env("TRUTHOUND_STORE", "postgres://ann:hunter2@db/x").output().unwrap();
    assert!(!String::from_utf8(help.stdout).unwrap().contains("hunter2"));
}
