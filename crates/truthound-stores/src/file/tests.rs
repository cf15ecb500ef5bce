//! R-ANY-14 and R-ANY-16: every mistake in a file is named with the file, and no value of it is shown.

use serde_json::json;

use super::*;

const NAME: &str = "truthound-stores.toml";

fn lookup(name: &str) -> Option<String> {
    (name == "TEAM").then(|| "quality".to_owned())
}

fn parsed(text: &str) -> Result<StoreFile> {
    StoreFile::parse(text, NAME, &lookup)
}

#[test]
fn a_file_gives_url_backend_and_options_of_every_type() {
    let file = parsed(
        r#"
        layers = []
        [store]
        url = "file:${TEAM}/results?namespace=nightly"
        backend = "filesystem"
        count = 12
        rate = 0.5
        on = true
        day = 2026-01-02
        names = ["${TEAM}", "$${TEAM}"]
        metadata = { team = "${TEAM}" }
        "#,
    );
    let file = file.unwrap();
    assert_eq!(
        file.url().map(ToString::to_string).as_deref(),
        Some("file:quality/results?namespace=nightly")
    );
    assert_eq!((file.backend(), file.name()), (Some("filesystem"), NAME));
    let expected = json!({
        "count": 12, "rate": 0.5, "on": true, "day": "2026-01-02",
        "names": ["quality", "${TEAM}"], "metadata": {"team": "quality"}
    });
    assert!(*file.options() == Options::from_value(expected).unwrap());
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_the_file() {
    for (text, part) in [
        ("", "has no table [store]"),
        ("[store]", "[store] names no store: give it a url or a backend"),
        ("[stor]\nurl = 'memory:'", "unknown key \"stor\" of the configuration: did you mean \"store\"?"),
        ("[store]\nurl = 'memory:'\n[logging]", "unknown key \"logging\""),
        ("store = 'secret'", "store is not a table"),
        ("[store]\nurl = 5", "store.url is not a text"),
        ("[store]\nbackend = ['secret']", "store.backend is not a text"),
        ("[store]\nurl = ''", "store.url: the store's URL is empty"),
        ("[store]\nurl = 'memory:?x'", "store.url: the URL's option \"x\" has no value"),
        ("[store]\nurl = 's3://${BUCKET}/secret'", "store.url needs the environment variable BUCKET"),
        (
            "[store]\nbackend = 'a'\nmetadata = { a = ['secret', '${GONE}'] }",
            "store.metadata.a[1] needs the environment",
        ),
        ("[store]\nurl = 'memory:'\nrate = nan", "store.rate is not a finite number"),
        ("[store]\nurl = 'memory:'\npassword = 'secret", "not TOML, line 3, column"),
        ("[store]\npassword = 'secret'\npassword = 'secret'", "not TOML, line 3, column"),
        ("[store]\nurl = 'memory:'\n[layers]", "layers is a list of tables: write [[layers]]"),
        ("layers = ['secret']\n[store]\nurl = 'memory:'", "layer 1 is not a table"),
        ("[store]\nurl = 'memory:'\n[[layers]]\nmax_size = 1", "layer 1 has no type"),
        ("[store]\nurl = 'memory:'\n[[layers]]\ntype = 1", "layer 1: type is not a text"),
        (
            "[store]\nurl = 'memory:'\n[[layers]]\ntype = 'cachin'",
            "layer 1: unknown type \"cachin\"; available: ",
        ),
    ] {
        let error = parsed(text).unwrap_err();
        let shown = format!("{} {error:?}", error.report());
        assert!(shown.contains(part) && shown.contains("file: truthound-stores.toml"), "{text:?}: {shown}");
        assert!(!shown.contains("secret"), "{text:?}: {shown}");
        assert_eq!(error.kind(), ErrorKind::Invalid, "{text:?}");
    }
}

#[test]
fn a_layer_of_the_design_is_unsupported_not_unknown() {
    let error = parsed("[store]\nurl = 'memory:'\n[[layers]]\ntype = 'caching'\nmax_size = 1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let said = "layer 1: the type \"caching\" is not part of this build; available: ";
    assert!(error.message().starts_with(said), "{error}");
}

#[test]
fn hostile_files_are_refused_without_a_panic() {
    for text in [
        format!("[store]\nx = {}", "[".repeat(100_000)),
        format!("[store]\nx = {}1{}", "{a=".repeat(50_000), "}".repeat(50_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        "\u{feff}\0".to_owned(),
    ] {
        assert_eq!(parsed(&text).unwrap_err().kind(), ErrorKind::Invalid);
    }
}

#[test]
fn debug_shows_no_values() {
    let file = parsed("[store]\nurl = 'postgres://ann:secret@db?token=secret'\npassword = 'secret'").unwrap();
    assert!(!format!("{file:?}").contains("secret"), "{file:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let absent = folder.path().join("absent.toml");
    let long = write("long.toml", &vec![b'#'; 1 + (1 << 20)]);
    let binary = write("binary.toml", b"\xff\xfe");
    for (path, part) in [
        (absent.as_path(), "there is no such configuration file"),
        (folder.path(), "the configuration file is a folder"),
        (long.as_path(), "longer than 1048576 bytes"),
        (binary.as_path(), "not text in UTF-8"),
    ] {
        let error = StoreFile::read(path, &lookup).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.context("file"), Some(&*path.display().to_string()));
        assert!(error.to_string().contains(part), "{error}");
    }
    let good = write("good.toml", b"[store]\nbackend = 'memory'\n");
    assert_eq!(StoreFile::read(good, &lookup).unwrap().backend(), Some("memory"));
}
