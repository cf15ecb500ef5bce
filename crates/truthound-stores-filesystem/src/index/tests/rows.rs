//! SQLite's pages have no checksum: a bit that flips on the disk would be a wrong answer, had the row no seal. And what is
//! exact in a document must be exact in its row, since lists and policies see nothing else.

use proptest::prelude::*;
use truthound_stores_core::{Checksum, ErrorKind, Statistics, Timestamp};

use super::super::row::{COLUMNS, revision};
use super::super::{after, by_id, by_name, sql_error};
use super::{full_row, sample};

/// The times that are stored with a document as it is found: any at all.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), Just(1 << 63), Just((1 << 63) - 1), any::<u64>()]
}

fn milliseconds() -> impl Strategy<Value = f64> {
    use proptest::sample::select;

    let extremes =
        vec![0.0, -0.0, 1.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, -5e-324, 1e15, 9e18, 0.1];
    prop_oneof![select(extremes), any::<f64>().prop_filter("finite", |number| number.is_finite())]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_revision_is_the_time_and_the_start_of_the_checksum_in_hexadecimal(
        modified in prop_oneof![any::<i64>(), 0..=300_i64],
        checksum in any::<[u8; 32]>(),
    ) {
        let [a, b, c, d, ..] = checksum;
        let expected = format!("{modified:x}-{a:02x}{b:02x}{c:02x}{d:02x}");
        let revision = revision(modified, &Checksum::from_bytes(checksum));
        prop_assert_eq!(revision.as_str(), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_row_comes_back_as_it_was(
        counts in proptest::collection::vec(number(), 12),
        ms in milliseconds(),
        texts in proptest::collection::vec("\\PC{0,12}", 4),
        tags in proptest::collection::btree_map("[\"\\\\:,{}a\\n\u{0}é\u{10FFFF}]{0,4}", "[\"\\\\:,{}a\\n\u{0}é]{0,4}", 0..4),
        time in any::<i64>(),
        modified in any::<i64>(),
        stem in proptest::option::of("[~%_. a-z]{1,8}"),
        suite in proptest::option::of("[a-z]{0,3}"),
    ) {
        let mut row = full_row(1, "x");
        row.attributes.data_asset.clone_from(&texts[0]);
        row.attributes.status = texts[1].as_str().into();
        row.attributes.suite_name = suite;
        row.attributes.run_time = Timestamp::from_micros(time);
        row.attributes.tags = tags.into();
        row.attributes.ext.set(texts[2].clone(), texts[3].clone()).unwrap();
        row.attributes.statistics = Statistics {
            total_validators: counts[0],
            passed_validators: counts[1],
            failed_validators: counts[2],
            error_validators: counts[3],
            total_rows: counts[4],
            total_columns: counts[5],
            total_issues: counts[6],
            critical_issues: counts[7],
            high_issues: counts[8],
            medium_issues: counts[9],
            low_issues: counts[10],
            execution_time_ms: ms,
        };
        (row.size, row.modified, row.stem) = (counts[11], modified, stem);
        let sample = sample(std::slice::from_ref(&row));
        prop_assert_eq!(by_id(&sample.index, "x").unwrap(), Some(row.clone()));
        prop_assert_eq!(after(&sample.index, 0, 10).unwrap(), vec![row.clone()]);
        let named = row.stem.as_ref().map(|stem| by_name(&sample.index, stem, ".json").unwrap());
        prop_assert_eq!(named, row.stem.is_some().then_some(Some(row)));
    }
}

/// Each column is changed in turn, to another value that its type allows, and to none where that is allowed.
#[test]
fn a_value_that_changed_in_any_column_is_found_by_the_seal() {
    let optional = ["tags", "suite_name", "ext", "stem"];
    for column in COLUMNS.split(", ").map(str::trim) {
        let sample = sample(&[full_row(1, "x")]);
        let kind: String = sample
            .index
            .query_row("SELECT type FROM pragma_table_info('record') WHERE name = ?1", [column], |row| {
                row.get(0)
            })
            .unwrap();
        let other = match kind.as_str() {
            // Tags and ext must stay JSON, so that the seal is what notices.
            "TEXT" if matches!(column, "tags" | "ext") => r#"'{"team":"y"}'"#.to_owned(),
            "TEXT" => format!("{column} || 'x'"),
            "INTEGER" => format!("{column} + 1"),
            "REAL" => format!("{column} + 1.0"),
            _ => "zeroblob(32)".to_owned(),
        };
        let mut values = vec![other];
        if optional.contains(&column) {
            values.push("NULL".to_owned());
        }
        for value in values {
            sample.index.execute(&format!("UPDATE record SET {column} = {value}"), []).unwrap();
            let cause = after(&sample.index, 0, 10).unwrap_err();
            let error = sql_error("read the index", &sample.path, cause);
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{column} = {value}: {error}");
            assert!(error.to_string().contains("verify --repair"), "{error}");
        }
    }
}

/// What one column lost, its neighbour must not seem to have had.
#[test]
fn a_letter_that_moved_from_one_column_to_the_next_is_found() {
    let sample = sample(&[full_row(1, "x")]);
    let sql = "UPDATE record SET data_asset = data_asset || substr(status, 1, 1), status = substr(status, 2)";
    sample.index.execute(sql, []).unwrap();
    assert!(by_id(&sample.index, "x").is_err());
}
