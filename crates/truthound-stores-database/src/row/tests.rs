use truthound_stores_testkit::odd_records;

use super::*;
use crate::conn::Cell;

fn prepared(record: Record) -> New {
    New::of(record, Revision::new("r1"), Timestamp::from_micros(7)).unwrap()
}

/// The row that a document becomes, as a database hands it back.
fn cells(new: &New) -> Vec<Cell<'static>> {
    let (meta, counts) = (&new.meta, &new.meta.attributes.statistics);
    let count = |count: u64| Cell::Int(count.cast_signed());
    let maybe = |text: &Option<String>| text.clone().map_or(Cell::Null, |text| Cell::Text(text.into()));
    vec![
        Cell::Text(meta.key.id().to_owned().into()),
        Cell::Text(new.asset.clone().into()),
        Cell::Int(meta.attributes.run_time.as_micros()),
        Cell::Text(new.status.clone().into()),
        maybe(&new.tags),
        maybe(&new.suite),
        count(counts.total_validators),
        count(counts.passed_validators),
        count(counts.failed_validators),
        count(counts.error_validators),
        count(counts.total_rows),
        count(counts.total_columns),
        count(counts.total_issues),
        count(counts.critical_issues),
        count(counts.high_issues),
        count(counts.medium_issues),
        count(counts.low_issues),
        Cell::Double(counts.execution_time_ms),
        maybe(&new.ext),
        Cell::Text("r1".into()),
        count(meta.size),
        Cell::Bytes(meta.checksum.as_bytes().to_vec().into()),
        Cell::Int(7),
        Cell::Int(new.seal),
    ]
}

fn read_back(
    cells: Vec<Cell<'static>>,
    collection: &Collection,
) -> std::result::Result<RecordMeta, Box<Damaged>> {
    Reader::new().read(&mut Row::new(cells), collection)
}

#[test]
fn odd_documents_come_back_from_their_rows() {
    for record in odd_records() {
        let new = prepared(record);
        let read = read_back(cells(&new), new.meta.key.collection());
        assert_eq!(read.map_err(|damaged| damaged.error.report()), Ok(new.meta));
    }
}

/// A reader keeps what rows have in common.
#[test]
fn each_row_has_its_own_tags_whatever_stood_in_the_one_before() {
    let tagged = |tags: &[(&str, &str)]| {
        let mut attributes = Attributes::new("orders", Timestamp::UNIX_EPOCH, Status::SUCCESS);
        attributes.tags =
            tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        prepared(Record::new(Key::result("run").unwrap(), attributes, Body::from_canonical("{}")))
    };
    let (one, other, none) = (tagged(&[("team", "data")]), tagged(&[("team", "quality")]), tagged(&[]));
    let mut damaged = other.clone();
    damaged.tags = Some("{".to_owned());
    damaged.seal = seal(&damaged.meta, damaged.tags.as_deref(), None);
    let mut reader = Reader::new();
    for new in [&one, &one, &none, &other, &damaged, &other, &none, &one] {
        let read = reader.read(&mut Row::new(cells(new)), &Collection::RESULTS);
        match read {
            Ok(meta) => assert_eq!(meta, new.meta),
            Err(found) => {
                assert_eq!(new.tags, damaged.tags);
                assert!(found.error.report().contains("tags"), "{}", found.error.report());
            }
        }
    }
}

/// Seals were the start of another hash at first; stores that were written then are read as before.
#[test]
fn a_row_with_a_first_seal_is_sound_and_one_that_was_changed_since_is_not() {
    let mut new = prepared(odd_records().remove(0));
    let mut bytes = Vec::new();
    lay_out(&mut bytes, &new.meta, new.tags.as_deref(), new.ext.as_deref());
    assert_ne!(first_seal_of(&bytes), new.seal);
    new.seal = first_seal_of(&bytes);
    let read = read_back(cells(&new), new.meta.key.collection());
    assert_eq!(read.map_err(|damaged| damaged.error.report()), Ok(new.meta.clone()));
    new.meta.size += 1;
    let damaged = read_back(cells(&new), new.meta.key.collection()).unwrap_err();
    assert_eq!(damaged.error.kind(), ErrorKind::Corrupt);
}

/// R-ANY-17: whatever changes in a row is found where it is read, and the document is named.
#[test]
fn a_row_that_was_changed_is_corrupt_by_name() {
    let record = odd_records().into_iter().find(|record| !record.attributes.tags.is_empty()).unwrap();
    let new = prepared(record);
    let whole = cells(&new);
    for at in 1..whole.len() {
        let mut changed = whole.clone();
        changed[at] = match &whole[at] {
            Cell::Int(number) => Cell::Int(number ^ 1),
            Cell::Double(number) => Cell::Double(number + 1.0),
            Cell::Text(text) => Cell::Text(format!("{text} ").into()),
            Cell::Bytes(bytes) => Cell::Bytes(bytes.iter().map(|byte| byte ^ 1).collect()),
            Cell::Null => Cell::Text("{}".into()),
        };
        let damaged = read_back(changed, new.meta.key.collection()).unwrap_err();
        assert_eq!(damaged.error.kind(), ErrorKind::Corrupt, "column {at}");
        assert_eq!(damaged.error.key(), Some(&new.meta.key), "column {at}");
    }
}

#[test]
fn what_an_index_cannot_hold_is_refused_by_name() {
    let mut attributes = Attributes::new("a".repeat(MAX_ASSET_BYTES), Timestamp::UNIX_EPOCH, Status::SUCCESS);
    let key = Key::result("run_1").unwrap();
    let of = |attributes: &Attributes| {
        let record = Record::new(key.clone(), attributes.clone(), Body::from_canonical("{}"));
        New::of(record, Revision::new("r"), Timestamp::UNIX_EPOCH)
    };
    assert!(of(&attributes).is_ok());
    attributes.data_asset.push('a');
    let error = of(&attributes).unwrap_err();
    assert_eq!((error.kind(), error.key()), (ErrorKind::Invalid, Some(&key)));
    assert!(error.message().contains("data_asset"), "{error}");
    attributes.data_asset.clear();
    attributes.status = Status::from("s".repeat(MAX_STATUS_BYTES + 1));
    assert!(of(&attributes).unwrap_err().message().contains("status"));
}

#[test]
fn tags_are_told_apart_where_name_and_value_join() {
    assert_ne!(tag_key("ab", "c"), tag_key("a", "bc"));
    assert_eq!(tag_key("a", "b"), tag_key("a", "b"));
}
