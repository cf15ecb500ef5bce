//! Names of the tail carry rows, and must be taken by every store.

use proptest::prelude::*;
use truthound_stores_core::{Attributes, Checksum, ErrorKind, Status, Timestamp};

use super::*;
use crate::row::tests::any_row;
use crate::row::{Before, CHECKSUM, Facts};

fn state(hlc: u64) -> State {
    State { incarnation: 7, hlc }
}

fn put(id: &str, tags: usize) -> Row {
    let mut attributes =
        Attributes::new("warehouse.orders", Timestamp::from_micros(1_769_860_800_000_000), Status::FAILURE);
    for number in 0..tags {
        attributes = attributes.with_tag(format!("tag-{number}"), "a value of some length");
    }
    let checksum = Checksum::abbreviated(&[1; CHECKSUM]).unwrap();
    let facts = Facts { attributes, suffix: ".json".to_owned(), size: 5_500, checksum };
    Row {
        id: id.to_owned(),
        state: state(1_769_860_801_000_000),
        before: None,
        change: Change::Put(Box::new(facts)),
    }
}

proptest! {
    #[test]
    fn a_row_is_read_from_its_name_or_its_body(row in any_row(), writer: u64, in_names: bool) {
        let name = Name::of_row(&row, writer, 60, in_names);
        prop_assert!(60 + name.as_str().len() <= 1_000);
        prop_assert!(name.as_str().split('/').all(|part| !part.is_empty() && part.len() <= 200));
        let listed = Name::parse(name.as_str()).unwrap();
        prop_assert_eq!(&listed, &name);
        match listed.kind() {
            Kind::Named => prop_assert_eq!(listed.row().unwrap(), row),
            Kind::Body => prop_assert_eq!(rows(&listed, &body(std::slice::from_ref(&row))).unwrap(), vec![row]),
        }
    }

    #[test]
    fn a_body_that_changed_anywhere_is_corrupt(few in proptest::collection::vec(any_row(), 0..4), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let name = Name::of_batch(state(5), 1, 2);
        let mut bytes = body(&few);
        prop_assert_eq!(rows(&name, &bytes).unwrap(), few);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert_eq!(rows(&name, &bytes).unwrap_err().kind(), ErrorKind::Corrupt);
        bytes.truncate(at);
        prop_assert_eq!(rows(&name, &bytes).unwrap_err().kind(), ErrorKind::Corrupt);
    }
}

#[test]
fn a_common_row_fits_into_its_name_and_a_long_one_goes_into_the_body() {
    let common = Name::of_row(&put("run_20260131_120000_0a1b2c3d", 2), 1, 200, true);
    assert_eq!(common.kind(), Kind::Named);
    assert!(common.as_str().len() < 260, "{} bytes", common.as_str().len());
    assert_eq!(Name::of_row(&put("run_1", 40), 1, 60, true).kind(), Kind::Body);
    assert_eq!(Name::of_row(&put("run_1", 0), 1, 60, false).kind(), Kind::Body, "names may be logged");
}

/// Whoever finds a document without its row writes it: for a fold, twice must be once.
#[test]
fn whoever_puts_a_row_hits_the_same_unique_part() {
    let row = Row {
        before: Some(Before { state: state(1), data_asset: "a".into(), run_time: Timestamp::UNIX_EPOCH }),
        ..put("run_1", 1)
    };
    let bare = Row { before: None, ..row.clone() };
    assert_eq!(Name::of_row(&row, 1, 60, true).unique(), Name::of_row(&bare, 2, 60, false).unique());
    let other = Row { id: "run_2".to_owned(), ..row.clone() };
    assert_ne!(Name::of_row(&row, 1, 60, true).unique(), Name::of_row(&other, 1, 60, true).unique());
    let later = Row { state: State { incarnation: 8, ..row.state }, ..row.clone() };
    assert_ne!(Name::of_row(&row, 1, 60, true).unique(), Name::of_row(&later, 1, 60, true).unique());
}

/// A batch that shared its unique part with one of its rows was deleted as folded when only that row was.
#[test]
fn a_batch_has_a_unique_part_of_its_own() {
    let row = put("run_1", 1);
    assert_ne!(Name::of_batch(row.state, 77, 1).unique(), Name::of_row(&row, 1, 60, true).unique());
}

#[test]
fn a_listed_object_has_the_name_that_it_was_put_under_and_keeps_its_path() {
    let name = Name::of_row(&put("run_1", 40), 1, 60, true);
    let path = Path::parse(format!("a/tail/{}", name.as_str())).unwrap();
    let listed = Name::listed(path.clone(), "a/tail/".len()).unwrap();
    assert_eq!((&listed, listed.path(), name.path()), (&name, Some(&path), None));
    assert_eq!(Name::listed(path.clone(), "a/".len()), None);
    assert_eq!(Name::listed(path, 2_000), None);
}

#[test]
fn other_objects_are_no_names_of_the_tail() {
    let whole = Name::of_row(&put("run_1", 0), 1, 60, true);
    let cut = whole.as_str().get(..HEAD).unwrap();
    for text in [
        "",
        "x",
        cut,
        &format!("{cut}x"),
        &format!("{cut}bb"),
        &whole.as_str().replacen('-', "_", 1),
        &format!("é{}", whole.as_str()),
    ] {
        assert_eq!(Name::parse(text).unwrap_err().kind(), ErrorKind::Corrupt, "{text:?}");
    }
    assert_eq!(
        Name::parse(whole.as_str().get(..60).unwrap()).unwrap().row().unwrap_err().kind(),
        ErrorKind::Corrupt
    );
}
