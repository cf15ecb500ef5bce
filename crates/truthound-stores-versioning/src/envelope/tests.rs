//! A version's record gives back what was put in, byte by byte, and notices every byte that was altered.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

use std::collections::BTreeMap;

use truthound_stores_core::{Checksum, Collection, ErrorKind, Key, Reading, RecordMeta, Revision, Timestamp};

use super::*;
use crate::checksum::ChecksumAlgorithm;
use crate::facts::short_sum;
use crate::info::{Origin, VersionInfo};
use crate::number::VersionId;

fn place() -> Place {
    Place::of(&Key::result("odd__v1 \"id\"").unwrap())
}

fn sheet(document: &str) -> Sheet {
    let body = Body::parse(document.as_bytes()).unwrap();
    let id = VersionId { ordinal: 12, nonce: 0xabc };
    let info = VersionInfo {
        item: place().item,
        ordinal: 12,
        version: "v12".to_owned(),
        created_at: Timestamp::from_micros(5),
        created_by: Some("größe".to_owned()),
        message: Some("line\nbreak".to_owned()),
        parent: Some("v11".to_owned()),
        metadata: BTreeMap::from([("a".to_owned(), String::new())]),
        checksum: ChecksumAlgorithm::Sha256.hex(body.as_bytes()),
        algorithm: ChecksumAlgorithm::Sha256,
        size: body.as_bytes().len() as u64,
        branch: "main".to_owned(),
        origin: Origin::Save,
    };
    let facts = Facts {
        info,
        id,
        parent: Some(VersionId { ordinal: 11, nonce: 1 }),
        merged: None,
        holder: id,
        sum: short_sum(&body.checksum()),
        floor: 1,
        semantic: None,
        over: Some("r0".to_owned()),
        extra: None,
    };
    let changes = vec![ChangedPath { path: "$.a['b']".to_owned(), kind: ChangeKind::Added }];
    Sheet { facts, attributes: None, changes: Some(changes), document: Some(body) }
}

fn stored(record: Record) -> Stored {
    let checksum = Checksum::of(b"");
    let meta = RecordMeta::new(
        record.key,
        record.attributes,
        Revision::new("r"),
        1,
        checksum,
        Timestamp::UNIX_EPOCH,
    );
    Stored::new(meta, Some(record.body))
}

#[test]
fn a_record_gives_back_what_was_put_in_and_its_text_says_it_all() {
    let deep = format!("{}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    for document in
        [r#"{"rate":1.50,"worst":NaN,"a":1,"a":2,"document":"\ud800"}"#, "[]", deep.as_str(), "\"text\""]
    {
        let sheet = sheet(document);
        let record = sheet.to_record(&place()).unwrap();
        assert!(record.speaks_for_itself(&Reading::default()), "no sidecar is needed");
        let again =
            Record::parse(record.key.collection().clone(), record.body.as_bytes(), &Reading::default())
                .unwrap();
        assert_eq!(again.attributes, record.attributes);
        let mut opened = Sheet::of(&place(), stored(again)).unwrap();
        opened.facts.extra = None;
        assert_eq!(opened, sheet);
    }
}

#[test]
fn attributes_that_the_text_does_not_say_are_kept() {
    let mut sheet = sheet("{}");
    let mut attributes = Attributes::new("orders", Timestamp::UNIX_EPOCH, Status::FAILURE);
    attributes.ext.set("x", "y").unwrap();
    sheet.attributes = Some(attributes.clone());
    let opened = Sheet::of(&place(), stored(sheet.to_record(&place()).unwrap())).unwrap();
    assert_eq!(opened.attributes, Some(attributes));
}

#[test]
fn every_altered_byte_of_facts_and_changes_is_noticed() {
    let record = sheet(r#"{"a":1}"#).to_record(&place()).unwrap();
    let text = record.body.as_bytes();
    let document = text.windows(12).position(|window| window == b",\"document\":").unwrap();
    for at in 0..document {
        let mut altered = text.to_vec();
        altered[at] ^= 1;
        let Ok(other) =
            Record::parse(Collection::hidden("versioning").unwrap(), &altered, &Reading::default())
        else {
            continue;
        };
        // The place in order and the status are not the version's: they only find it.
        let (mut one, two) = (other.attributes.clone(), &record.attributes);
        (one.run_time, one.status, one.data_asset) =
            (two.run_time, two.status.clone(), two.data_asset.clone());
        let same = one == *two && other.key == record.key;
        match Sheet::of(&place(), stored(other)) {
            Err(error) => assert_eq!(error.kind(), ErrorKind::Corrupt, "{}", error.report()),
            Ok(opened) if same => {
                // A name that nobody reads.
                let (mut opened, mut given) = (opened, sheet(r#"{"a":1}"#));
                (opened.facts.extra, given.facts.extra) = (None, None);
                assert_eq!(opened, given, "byte {at} was altered");
            }
            Ok(_) => panic!("byte {at} was altered, and nobody noticed"),
        }
    }
}

#[test]
fn depth_counts_brackets_outside_of_strings() {
    assert_eq!(depth(br#"{"a[[\"{":[1,[2]],"b":{}}"#), 3);
    assert_eq!(depth(b"1"), 0);
}
