//! A file that is wrongly taken for known is a document that nobody finds; a document wrongly taken for gone is reported as damage.

use truthound_stores_core::{Attributes, Checksum, Status, Timestamp};

use super::*;
use crate::describe::tests::plain;
use crate::index::{Odd, OddKind, Pending, Row, Texts, Writer};

fn row(seq: i64, id: &str, stem: Option<&str>) -> Row {
    Row {
        seq,
        id: id.to_owned(),
        attributes: Attributes::new("orders", Timestamp::UNIX_EPOCH, Status::SUCCESS),
        stem: stem.map(str::to_owned),
        suffix: ".json".to_owned(),
        size: 2,
        checksum: Checksum::of(b"{}"),
        digest: None,
        modified: 1,
    }
}

fn pending(seq: i64, stem: &str, body: Option<Vec<u8>>) -> Pending {
    let (id, stem, suffix) = (stem.to_owned(), stem.to_owned(), ".json".to_owned());
    Pending { seq, id, stem, suffix, modified: i64::MAX, body }
}

#[test]
fn files_are_known_by_the_rows_the_removals_and_the_odd_ones() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, path) = (plain(dir.path()), dir.path().join("index.db"));
    let connection = index::create(&path).unwrap();
    let writer = Writer::begin(&connection).unwrap();
    let rows = [
        row(1, "x", None),
        row(2, "a/b", None),
        row(3, "long", Some("~long~1")),
        row(200, "gone", None),
        row(201, "new", None),
    ];
    for row in &rows {
        writer.insert(row, &Texts::default()).unwrap();
    }
    // One is on its way to its file, one file is about to go, and one is no document.
    writer.keep(1, &pending(201, "new", Some(vec![1]))).unwrap();
    writer.keep(1, &pending(202, "leaving", None)).unwrap();
    let odd = Odd { file: "torn.json".to_owned(), kind: OddKind::Damaged, id: None, modified: 1 };
    writer.note_odd(&odd).unwrap();
    std::fs::write(dir.path().join("leaving.json"), "").unwrap();

    let mut known = Known::new(&connection).unwrap();
    for (stem, suffix, expected) in [
        ("x", ".json", true),
        ("x", ".json.gz", false),
        ("a%2Fb", ".json", true),
        ("a_b", ".json", false),
        ("~long~1", ".json", true),
        ("long", ".json", false),
        ("leaving", ".json", true),
        ("torn", ".json", true),
        ("theirs", ".json", false),
    ] {
        assert_eq!(known.see(&folder, stem, suffix).unwrap(), expected, "{stem}{suffix}");
    }
    let gone = [("gone".to_owned(), dir.path().join("gone.json"))];
    assert_eq!(known.vanished(&folder).unwrap(), gone);
    // It has come since the folder was gone through.
    std::fs::write(dir.path().join("gone.json"), "{}").unwrap();
    assert!(known.vanished(&folder).unwrap().is_empty());
}
