//! A row that came back otherwise would be a wrong answer of every listing.

use proptest::prelude::*;
use truthound_stores_core::{ErrorKind, Ext};

use super::*;

/// Rows of every kind, with texts and numbers of every size.
pub(crate) fn any_row() -> impl Strategy<Value = Row> {
    let text = || "\\PC{0,12}";
    let count = || prop_oneof![Just(0), 1..200_u64, any::<u64>()];
    let map = || proptest::collection::btree_map(text(), text(), 0..4);
    let facts = (
        (
            text(),
            time(),
            prop_oneof!["(success|failure|error|warning|)", text()],
            proptest::option::of(text()),
        ),
        (map(), map(), proptest::collection::vec(count(), 11), milliseconds()),
        (
            prop_oneof![Just(".json".to_owned()), Just(".yaml.zst".to_owned())],
            count(),
            any::<[u8; CHECKSUM]>(),
        ),
    );
    let facts = facts.prop_map(
        |((asset, run_time, status, suite), (tags, ext, counts, ms), (suffix, size, checksum))| {
            let mut attributes = Attributes::new(asset, run_time, Status::from(status));
            attributes.suite_name = suite;
            attributes.tags = tags.into();
            attributes.ext = Ext::default();
            for (name, value) in ext {
                // What is too much for a record is too much for a row.
                drop(attributes.ext.set(name, value));
            }
            let at = |at: usize| counts.get(at).copied().unwrap_or_default();
            attributes.statistics = Statistics {
                total_validators: at(0),
                passed_validators: at(1),
                failed_validators: at(2),
                error_validators: at(3),
                total_rows: at(4),
                total_columns: at(5),
                total_issues: at(6),
                critical_issues: at(7),
                high_issues: at(8),
                medium_issues: at(9),
                low_issues: at(10),
                execution_time_ms: ms,
            };
            let checksum = Checksum::abbreviated(&checksum).unwrap();
            Facts { attributes, suffix, size, checksum }
        },
    );
    let before = proptest::option::of((state(), text(), time(), any::<bool>()));
    ("\\PC{1,20}", state(), before, proptest::option::of(facts)).prop_map(|(id, state, before, facts)| {
        let change = facts.map_or(Change::Delete, |facts| Change::Put(Box::new(facts)));
        let before = before.map(|(state, data_asset, run_time, in_place)| match &change {
            Change::Put(facts) if in_place => Before {
                state,
                data_asset: facts.attributes.data_asset.clone(),
                run_time: facts.attributes.run_time,
            },
            _ => Before { state, data_asset, run_time },
        });
        Row { id, state, before, change }
    })
}

/// With three digits, with more, and with what no digits say.
fn milliseconds() -> impl Strategy<Value = f64> {
    let odd = prop_oneof![Just(0.0), Just(-0.0), Just(f64::MAX), Just(f64::INFINITY), Just(-1e-300)];
    prop_oneof![odd, 0.0..1e9, (0..u32::MAX).prop_map(|micros| f64::from(micros) / 1_000.0)]
}

pub(crate) fn state() -> impl Strategy<Value = State> {
    (any::<u64>(), any::<u64>()).prop_map(|(incarnation, hlc)| State { incarnation, hlc })
}

pub(crate) fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_micros)
}

proptest! {
    #[test]
    fn a_row_comes_back_as_it_was(row in any_row()) {
        let back = Row::unpack(&row.pack(), &mut Lately::default()).unwrap();
        prop_assert_eq!(&back, &row);
        if let (Change::Put(back), Change::Put(row)) = (&back.change, &row.change) {
            let bits = |facts: &Facts| facts.attributes.statistics.execution_time_ms.to_bits();
            prop_assert_eq!(bits(back), bits(row));
        }
    }

    #[test]
    fn a_row_cut_anywhere_is_corrupt(row in any_row(), cut in any::<prop::sample::Index>()) {
        let packed = row.pack();
        let kept = cut.index(packed.len());
        prop_assert_eq!(Row::unpack(&packed[..kept], &mut Lately::default()).unwrap_err().kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn any_bytes_are_a_row_or_an_error(mut bytes in proptest::collection::vec(any::<u8>(), 0..80), ours: bool) {
        if let (Some(first), true) = (bytes.first_mut(), ours) {
            *first = VERSION;
        }
        if let Err(error) = Row::unpack(&bytes, &mut Lately::default()) {
            prop_assert!(matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Unsupported | ErrorKind::Invalid));
        }
    }
}

#[test]
fn a_row_of_a_later_layout_is_refused_with_what_to_do() {
    let error = Row::unpack(&[2, 0, 0], &mut Lately::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("later"), "{error}");
}
