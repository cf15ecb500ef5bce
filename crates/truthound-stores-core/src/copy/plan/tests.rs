//! What becomes of a document, by what the target has and what the caller wants.

use super::*;
use crate::{Collection, Reading, Record, Timestamp};

fn record(status: &str) -> Record {
    let text = format!(
        r#"{{"run_id":"a","run_time":"2026-01-01T00:00:00","data_asset":"orders","status":"{status}"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

fn meta(record: &Record) -> RecordMeta {
    let (key, facts) = (record.key.clone(), record.attributes.clone());
    RecordMeta::new(key, facts, Revision::new("7"), 10, record.body.checksum(), Timestamp::UNIX_EPOCH)
}

fn step(there: &There, policy: OnConflict) -> Step {
    let record = record("success");
    decide(&record.body.checksum(), &record.attributes, there, policy)
}

#[test]
fn what_is_not_there_is_created_and_what_is_equal_is_left_alone_whatever_the_policy() {
    for policy in OnConflict::ALL {
        assert_eq!(step(&There::Nothing, policy), Step::Create);
        assert_eq!(step(&There::Document(Box::new(meta(&record("success")))), policy), Step::Equal);
    }
}

#[test]
fn a_listing_that_knows_only_the_start_of_a_checksum_is_enough() {
    let mut listed = meta(&record("success"));
    listed.checksum = Checksum::abbreviated(&listed.checksum.as_bytes()[..Checksum::SHORTEST]).unwrap();
    assert_eq!(step(&There::Document(Box::new(listed)), OnConflict::Refuse), Step::Equal);
}

#[test]
fn another_text_or_other_attributes_or_damage_are_a_conflict() {
    let mut relabelled = meta(&record("success"));
    relabelled.attributes.tags.insert("team".to_owned(), "data".to_owned());
    for (there, revision) in [
        (There::Document(Box::new(meta(&record("failure")))), Some(Revision::new("7"))),
        (There::Document(Box::new(relabelled)), Some(Revision::new("7"))),
        (There::Damaged, None),
    ] {
        assert_eq!(step(&there, OnConflict::Refuse), Step::Refuse);
        assert_eq!(step(&there, OnConflict::Keep), Step::Keep);
        assert_eq!(step(&there, OnConflict::Overwrite), Step::Overwrite(revision));
    }
}
