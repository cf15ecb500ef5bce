//! The feed's promise: every acknowledged state is told, in order, and who has read less than is kept is never told that it has
//! read everything.

use truthound_stores_core::{ChangeOp, Collection, RecordMeta};

use super::super::{Pending, Row, Texts, Writer, bounds, by_id, entries, last_seq, set_meta, trim};
use super::{Sample, full_row, sample};

fn told(sample: &Sample, after: i64, limit: usize) -> Vec<String> {
    let found = entries(&sample.index, &Collection::RESULTS, after, limit).unwrap();
    let name = |(seq, change): (i64, truthound_stores_core::Change)| match change.op {
        ChangeOp::Put(meta) => format!("{seq} put {} {}", change.key.id(), meta.attributes.data_asset),
        ChangeOp::Delete { revision } => format!("{seq} delete {} {}", change.key.id(), revision.is_some()),
        other => format!("{seq} {other:?}"),
    };
    found.into_iter().map(name).collect()
}

/// Writes a state of a document, over the one that is there.
fn put(writer: &mut Writer<'_>, id: &str, asset: &str) -> Row {
    if let Some(old) = by_id(writer.index(), id).unwrap() {
        writer.supersede(old, &Collection::RESULTS).unwrap().unwrap();
    }
    let mut row = full_row(writer.next_seq(), id);
    row.attributes.data_asset = asset.to_owned();
    writer.insert(&row, &Texts::of(&row.attributes).unwrap()).unwrap();
    row
}

fn delete(writer: &mut Writer<'_>, id: &str) {
    let old = by_id(writer.index(), id).unwrap().unwrap();
    let revision = old.revision();
    writer.supersede(old, &Collection::RESULTS).unwrap().unwrap();
    let seq = writer.next_seq();
    writer.log_deletion(seq, id, revision.as_str()).unwrap();
}

#[test]
fn every_state_is_told_in_order_also_those_that_are_no_more() {
    let sample = sample(&[]);
    let mut writer = Writer::begin(&sample.index).unwrap();
    put(&mut writer, "x", "one");
    put(&mut writer, "y", "two");
    put(&mut writer, "x", "three");
    delete(&mut writer, "y");
    put(&mut writer, "y", "four");
    let all = ["1 put x one", "2 put y two", "3 put x three", "4 delete y true", "5 put y four"];
    assert_eq!(told(&sample, 0, 100), all);
    // In parts of any size it is the same.
    for size in 1..=5 {
        let (mut parts, mut after) = (Vec::new(), 0);
        while let Some(last) = entries(&sample.index, &Collection::RESULTS, after, size).unwrap().last() {
            parts.extend(told(&sample, after, size));
            after = last.0;
        }
        assert_eq!(parts, all);
    }
}

/// A follower compares what it is told with what it has: the old state must come back exactly.
#[test]
fn a_state_that_was_superseded_is_told_as_it_was() {
    let sample = sample(&[]);
    let mut writer = Writer::begin(&sample.index).unwrap();
    let first = put(&mut writer, "x", "one");
    put(&mut writer, "x", "two");
    let found = entries(&sample.index, &Collection::RESULTS, 0, 1).unwrap();
    let expected: RecordMeta = first.into_meta(&Collection::RESULTS).unwrap();
    assert_eq!(found[0].1.op, ChangeOp::Put(Box::new(expected)));
}

#[test]
fn a_log_that_is_cut_says_where_it_begins() {
    let sample = sample(&[]);
    let many = super::super::feed::KEPT + 10;
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        INSERT INTO log (seq, id, revision) SELECT i, 'x', 'r' FROM n";
    set_meta(&sample.index, "epoch", 7).unwrap();
    sample.index.execute(sql, [many - 10]).unwrap();
    assert_eq!(trim(&sample.index).unwrap(), 0, "so many are kept");
    assert_eq!(bounds(&sample.index).unwrap().floor, 0);
    sample.index.execute("DELETE FROM log", []).unwrap();
    sample.index.execute(sql, [many]).unwrap();
    assert_eq!(trim(&sample.index).unwrap(), 10);
    let bounds = bounds(&sample.index).unwrap();
    assert_eq!((bounds.epoch, bounds.floor, bounds.last), (7, 10, many));
    assert_eq!(told(&sample, bounds.floor, 1), ["11 delete x true"], "from there on nothing is missing");
}

/// A removal that is taken over into a new index may have a place after all rows. The next writer once took that place again, and
/// every save failed until the removal was settled.
#[test]
fn a_place_that_unsettled_work_has_is_not_given_again() {
    let sample = sample(&[full_row(1, "x")]);
    let mut writer = Writer::begin(&sample.index).unwrap();
    let pending = |seq, id: &str, body| Pending {
        seq,
        id: id.to_owned(),
        stem: id.to_owned(),
        suffix: ".json".to_owned(),
        modified: 1,
        body,
    };
    let seq = writer.next_seq();
    writer.keep(1, &pending(seq, "y", None)).unwrap();
    let mut next = Writer::begin(&sample.index).unwrap();
    let row = put(&mut next, "z", "one");
    next.keep(2, &pending(row.seq, "z", Some(vec![1]))).unwrap();
    // What is told of is what counts for those who follow.
    assert_eq!(last_seq(&sample.index).unwrap(), row.seq);
}
