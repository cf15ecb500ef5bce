//! A store may hold a mixture of files, and a name may say something else than the bytes (R-ANY-11).

use super::*;
use crate::ErrorKind;
use crate::codec::Codec;

const JSON: &[u8] = br#"{"rows":1.50}"#;

fn found(name: &str, bytes: &[u8]) -> (Format, String) {
    let decoded = decode(name, bytes, &Limits::default()).unwrap();
    (decoded.format, String::from_utf8(decoded.json).unwrap())
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    let error = decode(name, bytes, &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert_eq!(error.context("file"), Some(name));
    error.message().to_owned()
}

#[test]
fn names_are_split_into_stem_format_and_compression() {
    use Compression::{Gzip, Lz4, None as Plain, Zstd};
    for (name, expected) in [
        ("run.json", ("run", Some(Format::Json), Plain)),
        ("run.json.gz", ("run", Some(Format::Json), Gzip)),
        ("run.yaml.lz4", ("run", Some(Format::Yaml), Lz4)),
        ("run.yml", ("run", Some(Format::Yaml), Plain)),
        ("a.b.pickle.zst", ("a.b", Some(Format::Pickle), Zstd)),
        ("run.pkl", ("run", Some(Format::Pickle), Plain)),
        ("run.json.json", ("run.json", Some(Format::Json), Plain)),
        ("run.gz.json", ("run.gz", Some(Format::Json), Plain)),
        ("run.gz", ("run", None, Gzip)),
        ("run.JSON", ("run.JSON", None, Plain)),
        ("run", ("run", None, Plain)),
        (".json", ("", Some(Format::Json), Plain)),
        ("", ("", None, Plain)),
    ] {
        assert_eq!(known_suffixes(name), expected, "{name}");
    }
    for format in Format::ALL {
        for compression in Compression::ALL {
            let name = format!("run{}", Codec::new(format, compression).extension());
            assert_eq!(known_suffixes(&name), ("run", Some(format), compression));
        }
    }
}

#[test]
fn json_is_found_under_any_name() {
    for name in ["x.json", "x.json.gz", "x.pkl", "x.txt", "x", "x.gz.json.zst"] {
        assert_eq!(found(name, JSON), (Format::Json, r#"{"rows":1.50}"#.into()), "{name}");
        assert_eq!(found(name, b"\xef\xbb\xbf \n[ 1 ]").0, Format::Json, "{name}");
    }
    for name in ["x.json", "x"] {
        for scalar in ["1", "\"a\"", "null", " true ", "NaN"] {
            assert_eq!(found(name, scalar.as_bytes()), (Format::Json, scalar.trim().into()));
        }
    }
}

#[test]
fn files_of_no_known_format_are_corrupt() {
    assert_eq!(refusal("x.json", b""), "empty file");
    assert_eq!(refusal("x", b"a: 1"), "neither JSON, YAML nor pickle");
    assert_eq!(refusal("x", &[0; 100]), "neither JSON, YAML nor pickle");
    assert!(refusal("x.json", b"a: 1").starts_with("not JSON: "));
    assert!(refusal("x.json", &[0; 100]).starts_with("not JSON: "));
    assert!(refusal("x", b"{\"a\":").starts_with("not JSON: "));
    assert!(refusal("x.json", b"\x80\x09N.").starts_with("not JSON: "));
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_is_read_where_the_name_says_so() {
    assert_eq!(found("x.yaml", b"a: 1"), (Format::Yaml, r#"{"a":1}"#.into()));
    assert_eq!(found("x.yml.gz", b"- yes"), (Format::Yaml, r#"["yes"]"#.into()));
    assert_eq!(found("x.yaml", b"{a: b}"), (Format::Yaml, r#"{"a":"b"}"#.into()));
    // JSON that YAML has no escape for.
    assert_eq!(found("x.yaml", br#"["\ud83d\ude00"]"#), (Format::Yaml, "[\"😀\"]".into()));
    // Words that are numbers to JSON's dialect, and strings to YAML.
    assert_eq!(found("x.yaml", b"[NaN]"), (Format::Yaml, r#"["NaN"]"#.into()));
}

#[cfg(feature = "pickle")]
#[test]
fn pickles_are_found_by_their_first_bytes_or_their_name() {
    for name in ["x.pkl", "x.json", "x.yaml", "x"] {
        assert_eq!(found(name, b"\x80\x04]."), (Format::Pickle, "[]".into()), "{name}");
    }
    assert_eq!(found("x.pickle", b"(lp0\nI1\na."), (Format::Pickle, "[1]".into()));
    assert!(refusal("x.json", b"(lp0\nI1\na.").starts_with("not JSON"));
}

#[cfg(feature = "gzip")]
#[test]
fn compression_is_found_by_its_first_bytes_and_undone_once() {
    use crate::codec::compress::compress;
    let once = compress(Compression::Gzip, JSON.to_vec()).unwrap();
    for name in ["x.json.gz", "x.json", "x.json.zst", "x"] {
        let decoded = decode(name, &once, &Limits::default()).unwrap();
        assert_eq!((decoded.json.as_slice(), decoded.compression), (JSON, Compression::Gzip));
    }
    let twice = compress(Compression::Gzip, once).unwrap();
    assert!(refusal("x.json.gz", &twice).starts_with("not JSON"));
    let nothing = compress(Compression::Gzip, Vec::new()).unwrap();
    assert_eq!(refusal("x.json.gz", &nothing), "empty file inside gzip");
}

/// The first byte of a zstd file is a parenthesis: as YAML, a text.
#[test]
fn a_stump_of_a_compressed_file_is_no_text() {
    assert_eq!(refusal("x.yaml.zst", b"("), "truncated zstd file");
    assert_eq!(refusal("x.json.lz4", b"\x04\x22"), "truncated lz4 file");
    assert_eq!(refusal("x.pkl.gz", b"\x1f"), "truncated gzip file");
}

#[test]
fn what_was_not_compiled_in_is_named() {
    let unavailable = |name: &str, bytes: &[u8], feature: &str, compiled_in: bool| {
        let result = decode(name, bytes, &Limits::default());
        if compiled_in {
            return assert_ne!(result.map_err(|error| error.kind()), Err(ErrorKind::Unsupported));
        }
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains(&format!("feature `{feature}`")), "{error}");
    };
    unavailable("x", b"\x1f\x8b\x08", "gzip", cfg!(feature = "gzip"));
    unavailable("x", b"\x04\x22\x4d\x18", "lz4", cfg!(feature = "lz4"));
    unavailable("x", b"\x28\xb5\x2f\xfd", "zstd", cfg!(feature = "zstd"));
    unavailable("x.yaml", b"a: 1", "yaml", cfg!(feature = "yaml"));
    unavailable("x", b"\x80\x04N.", "pickle", cfg!(feature = "pickle"));
}
