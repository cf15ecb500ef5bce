//! What was saved must come back as it was, in every codec, or be called `Corrupt` by name (R-ANY-17, R-OBJ-2, R-OBJ-3).

use proptest::prelude::*;
use truthound_stores_core::codec::{Codec, Compression, Format, Limits};
use truthound_stores_core::{
    Attributes, Collection, Error, ErrorKind, Key, Reading, Record, Status, Timestamp,
};

use super::draft::{Draft, mark};
use super::metadata::Identity;
use super::read::{Document, Found};
use super::*;
use crate::state::Stamp;

pub(crate) fn codecs() -> impl Iterator<Item = Codec> {
    [Format::Json, Format::Yaml, Format::Pickle].into_iter().flat_map(|format| {
        Compression::ALL.into_iter().flat_map(move |compression| {
            let codec = Codec::new(format, compression);
            [codec, codec.with_pretty(true)]
        })
    })
}

pub(crate) fn form(codec: Codec) -> Form {
    Form {
        collection: Collection::RESULTS,
        codec,
        limits: Limits::default(),
        reading: Reading::default(),
        folds_case: false,
        etag_of_content: true,
        room: 2048,
    }
}

const STATE: State = State { incarnation: 0xabc, hlc: 1_767_225_600_000_000 };
const STAMP: Stamp = Stamp { state: STATE, nonce: 7 };

pub(crate) fn text(id: &str) -> String {
    format!(
        r#"{{"run_id":"{id}","run_time":"2026-01-31T12:00:00","data_asset":"örders","status":"failure","tags":{{"a":"b"}},"x":1.50,"worst":NaN}}"#
    )
}

pub(crate) fn record(id: &str) -> Record {
    Record::parse(Collection::RESULTS, text(id).as_bytes(), &Reading::default()).unwrap()
}

pub(crate) fn fetched(name: &str, object: &Object) -> Fetched {
    Fetched {
        name: name.to_owned(),
        attributes: object.attributes.clone(),
        e_tag: Some("\"1\"".to_owned()),
        last_modified: Timestamp::from_micros(1_767_225_600_000_000),
        size: object.len(),
        bytes: object.parts.concat().into(),
    }
}

fn name_of(form: &Form, key: &Key) -> String {
    format!("{}{}", crate::name::stem(key.id(), form.folds_case), form.codec.extension())
}

fn live(form: &Form, key: &Key, fetched: &Fetched) -> Result<Document, Error> {
    match form.open(key, fetched)? {
        Found::Live(document) => Ok(*document),
        Found::Mark(_) => panic!("a mark"),
    }
}

fn round_trip(form: &Form, record: &Record) -> Document {
    let draft = Draft::new(form, record.clone()).unwrap();
    let object = draft.object(form, STAMP, vec![Identity { hlc: 5, nonce: 6 }]);
    let fetched = fetched(&name_of(form, &record.key), &object);
    let read = live(form, &record.key, &fetched).unwrap();
    assert_eq!((&read.attributes, &read.body), (&record.attributes, &record.body));
    assert_eq!(read.seen.state, STATE);
    assert_eq!(read.row().state, draft.row(form.codec.extension(), STATE, None, object.len()).state);
    assert_eq!(form.look(&record.key, &fetched).unwrap().state, STATE);
    read
}

#[test]
fn documents_come_back_in_every_codec_with_and_without_unique_bytes() {
    for codec in codecs() {
        for etag_of_content in [false, true] {
            let form = Form { etag_of_content, ..form(codec) };
            round_trip(&form, &record("run_1"));
            round_trip(&form, &record("a/b é"));
        }
    }
}

#[test]
fn what_the_text_does_not_say_comes_back_even_where_metadata_have_no_room() {
    for codec in codecs() {
        for room in [8192, 2048] {
            for etag_of_content in [false, true] {
                let form = Form { etag_of_content, room, ..form(codec) };
                let mut told = record(&"é".repeat(256));
                told.attributes.ext.set("versioning.parent", "ü".repeat(500)).unwrap();
                round_trip(&form, &told);
                let mut other = record("run_1");
                other.attributes = Attributes::new("elsewhere", Timestamp::UNIX_EPOCH, Status::ERROR);
                for at in 0..200 {
                    other.attributes.tags.insert(format!("tag {at}"), "ß".repeat(at % 20));
                }
                round_trip(&form, &other);
            }
        }
    }
}

#[test]
fn metadata_never_exceed_their_room() {
    for room in [2048, 8192] {
        let form = Form { room, ..form(Codec::default()) };
        let mut most = record(&"é".repeat(256));
        most.attributes.data_asset = "ö".repeat(80);
        most.attributes.ext.set("x", "y".repeat(1000)).unwrap();
        let draft = Draft::new(&form, most).unwrap();
        let object = draft.object(&form, STAMP, vec![Identity { hlc: u64::MAX, nonce: u32::MAX }; 8]);
        let metadata = metadata::Metadata::read(&object.attributes).unwrap().unwrap();
        assert!(metadata.size() <= room, "{}", metadata.size());
    }
}

#[test]
fn attributes_that_can_be_kept_nowhere_are_refused() {
    let mut record = record("run_1");
    record.attributes.data_asset = "x".repeat(20_000);
    let error = Draft::new(&form(Codec::default()), record).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[test]
fn the_same_text_has_other_bytes_in_each_revision() {
    for codec in codecs() {
        let form = form(codec);
        let draft = Draft::new(&form, record("run_1")).unwrap();
        let one = draft.object(&form, STAMP, Vec::new());
        let other = draft.object(&form, STATE.by(8), Vec::new());
        assert_ne!(one.parts.concat(), other.parts.concat());
        let key = Key::result("run_1").unwrap();
        let marks = [1, 2].map(|nonce| mark(&form, &key, STATE.by(nonce), Vec::new(), None));
        assert_ne!(marks[0].parts.concat(), marks[1].parts.concat());
    }
}

#[test]
fn any_flipped_byte_and_any_truncation_is_corrupt_by_name() {
    for codec in codecs() {
        for etag_of_content in [false, true] {
            let form = Form { etag_of_content, ..form(codec) };
            let record = record("run_1");
            let object = Draft::new(&form, record.clone()).unwrap().object(&form, STAMP, Vec::new());
            let whole = fetched(&name_of(&form, &record.key), &object);
            for at in 0..whole.bytes.len() {
                for flip in [0x01, 0x20, 0x80, 0xff] {
                    let mut bytes = whole.bytes.to_vec();
                    bytes[at] ^= flip;
                    let damaged = Fetched { bytes: bytes.into(), ..whole.clone() };
                    let error = live(&form, &record.key, &damaged).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Corrupt, "{codec:?} {at} {error}");
                    assert!(error.to_string().contains("run_1"), "{error}");
                }
                let cut = Fetched { bytes: whole.bytes.slice(..at), ..whole.clone() };
                assert_eq!(live(&form, &record.key, &cut).unwrap_err().kind(), ErrorKind::Corrupt);
            }
        }
    }
}

#[test]
fn what_a_server_unpacked_on_the_way_is_read_all_the_same() {
    for codec in codecs() {
        let form = form(codec);
        let mut record = record("run_1");
        record.attributes.ext.set("x", "y".repeat(1000)).unwrap();
        record.attributes.tags.insert("more".to_owned(), "z".repeat(2000));
        let object = Draft::new(&form, record.clone()).unwrap().object(&form, STAMP, Vec::new());
        let plain = Form { codec: Codec { compression: Compression::None, ..codec }, ..form.clone() };
        let unpacked = Draft::new(&plain, record.clone()).unwrap().object(&plain, STAMP, Vec::new());
        let mut sent = fetched(&name_of(&form, &record.key), &object);
        sent.bytes = unpacked.parts.concat().into();
        let read = live(&form, &record.key, &sent).unwrap();
        assert_eq!((&read.attributes, &read.body), (&record.attributes, &record.body), "{codec:?}");
        // The text of another document is not taken for it.
        let other = text("run_1").replace("failure", "success");
        sent.bytes = other.into_bytes().into();
        assert_eq!(live(&form, &record.key, &sent).unwrap_err().kind(), ErrorKind::Corrupt);
    }
}

#[test]
fn documents_of_other_programs_are_read_with_the_objects_time() {
    for codec in codecs() {
        let form = form(codec);
        let key = Key::result("run_1").unwrap();
        let bytes = codec.encode(text("run_1").as_bytes()).unwrap();
        let object = Object { parts: vec![bytes.into()], attributes: ObjectAttributes::new() };
        let sent = fetched(&name_of(&form, &key), &object);
        let read = live(&form, &key, &sent).unwrap();
        assert_eq!(read.attributes, record("run_1").attributes);
        assert_eq!(read.seen.state, sent.foreign_state());
        assert_eq!(read.seen.state.saved_at(), sent.last_modified);
        let rewritten = Fetched { e_tag: Some("\"2\"".to_owned()), ..sent.clone() };
        assert_ne!(rewritten.foreign_state().incarnation, sent.foreign_state().incarnation);
        let unquoted = Fetched { e_tag: Some("1".to_owned()), ..sent };
        assert_eq!(unquoted.foreign_state(), read.seen.state);
    }
}

#[test]
fn our_own_documents_without_their_metadata_are_foreign_but_readable() {
    for codec in codecs() {
        let form = form(codec);
        let record = record("run_1");
        let object = Draft::new(&form, record.clone()).unwrap().object(&form, STAMP, Vec::new());
        let copied = Object { attributes: ObjectAttributes::new(), parts: object.parts };
        let sent = fetched(&name_of(&form, &record.key), &copied);
        let read = live(&form, &record.key, &sent).unwrap();
        assert_eq!(read.body, record.body, "{codec:?}");
    }
}

#[test]
fn a_mark_is_recognised_and_tells_what_it_ended() {
    let form = form(Codec::default());
    for id in ["run_1", "a/b é"] {
        let key = Key::result(id).unwrap();
        let place = ("örders".to_owned(), Timestamp::from_micros(5));
        let before = vec![Identity { hlc: STATE.hlc - 1, nonce: 9 }];
        let object = mark(&form, &key, STAMP, before, Some(place.clone()));
        let Found::Mark(seen) = form.open(&key, &fetched(&name_of(&form, &key), &object)).unwrap() else {
            panic!("a document");
        };
        let row = seen.tombstone(&key);
        let ended = row.before.unwrap();
        assert_eq!((ended.data_asset, ended.run_time), place);
        assert_eq!(ended.state, State { hlc: STATE.hlc - 1, ..STATE });
        assert_eq!((row.id.as_str(), row.state), (id, STATE));
    }
}

#[test]
fn an_object_of_another_id_is_never_answered() {
    let form = form(Codec::default());
    let (one, other) = (Key::result("a/b").unwrap(), Key::result("a:b").unwrap());
    let object = Draft::new(&form, record("a/b")).unwrap().object(&form, STAMP, Vec::new());
    let sent = fetched(&name_of(&form, &other), &object);
    assert_eq!(form.open(&other, &sent).unwrap_err().kind(), ErrorKind::Corrupt);
    assert_eq!(form.look(&other, &sent).unwrap_err().kind(), ErrorKind::Corrupt);
    assert!(form.open(&one, &sent).is_ok());
}

#[test]
fn damaged_metadata_are_corrupt_to_a_reader_and_no_hindrance_to_a_writer() {
    let form = form(Codec::default());
    let object = Draft::new(&form, record("run_1")).unwrap().object(&form, STAMP, Vec::new());
    let mut sent = fetched("run_1.json", &object);
    sent.attributes.insert(object_store::Attribute::Metadata("threvision".into()), "x".into());
    let key = Key::result("run_1").unwrap();
    let error = form.open(&key, &sent).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("run_1.json"), "{error}");
    assert_eq!(form.look(&key, &sent).unwrap().state, sent.foreign_state());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_id_asset_and_text_come_back(id in "[^\\p{Cc}]{1,60}", asset in "\\PC{0,60}", note in "\\PC{0,60}", which in 0..24_usize) {
        let codec = codecs().nth(which).unwrap();
        let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let body = format!(
            r#"{{"run_id":{},"run_time":"2026-01-31T12:00:00","data_asset":{},"status":"ok","note":{}}}"#,
            quote(&id), quote(&asset), quote(&note)
        );
        let record = Record::parse(Collection::RESULTS, body.as_bytes(), &Reading::default()).unwrap();
        prop_assert_eq!(record.key.id(), id);
        round_trip(&form(codec), &record);
        let mut told = record;
        told.attributes.ext.set(note, asset).unwrap();
        round_trip(&form(codec), &told);
    }
}
