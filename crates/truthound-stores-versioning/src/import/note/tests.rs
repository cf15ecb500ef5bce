use truthound_stores_core::ErrorKind;

use super::*;

fn note(checksum: &str) -> VersionNote {
    let text = format!(r#"[{{"item_id":"r","version":1,"checksum":"{checksum}"}}]"#);
    VersionNote::read_all(text.as_bytes(), &Reading::default()).unwrap().remove(0)
}

#[test]
fn documents_are_checked_by_the_hash_that_the_checksum_is_of() {
    // `hashlib` of Python, of `json.dumps({"b": [1.0, {"z": "ß", "a": None}], "a": float("nan")}, sort_keys=True)`.
    let document = r#"{"b":[1.0,{"z":"ß","a":null}],"a":NaN}"#.as_bytes();
    for (checksum, algorithm) in [
        ("22e8358234cccc558a374fd18ac66d01cf18072b0932db554ec5975780818c6b", ChecksumAlgorithm::Sha256),
        ("b856e1c34084530132fb6cb1c462a9f221270c74", ChecksumAlgorithm::Sha1),
        ("31bbdb797c79bc52f1ab8e58eabc30e4", ChecksumAlgorithm::Md5),
    ] {
        assert_eq!(note(checksum).check(document).unwrap(), Some(algorithm));
        assert_eq!(note(checksum).check(b"{}").unwrap_err().kind(), ErrorKind::Corrupt);
    }
    assert_eq!(note("12").check(document).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(note("").check(document).unwrap(), None);
}

#[test]
fn metadata_keeps_what_is_no_string_as_json_and_leaves_the_document_out() {
    let text = br#"[{"item_id":"r","version":1,"metadata":{"a":"b","n":[1,null],"content":{"run_id":"r"}}}]"#;
    let note = VersionNote::read_all(text, &Reading::default()).unwrap().remove(0);
    let facts: Vec<_> = note.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(facts, [("a", "b"), ("n", "[1,null]")]);
}

#[test]
fn what_cannot_be_read_is_named_with_its_entry() {
    for (text, says) in [
        (r#"{"item_id":"r"}"#, "array"),
        (r#"[{"item_id":"r","version":1},{"version":1}]"#, "item_id"),
        (r#"[{"item_id":"r"}]"#, "version"),
        (r#"[{"item_id":"r","version":"x"}]"#, "version"),
        (r#"[{"item_id":"r","version":1,"created_at":"soon"}]"#, "soon"),
        (r#"[{"item_id":"r","version":1,"metadata":[]}]"#, "metadata"),
    ] {
        let error = VersionNote::read_all(text.as_bytes(), &Reading::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{text}");
        assert!(error.report().contains(says), "{text}: {}", error.report());
    }
}
