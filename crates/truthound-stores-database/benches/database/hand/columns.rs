//! The tables' columns, and the values of a row in their order.

/// The columns of a document's row that a listing reads.
pub(super) const META: &str = "id, data_asset, run_time, status, tags, suite_name, total_validators, passed_validators, \
    failed_validators, error_validators, total_rows, total_columns, total_issues, critical_issues, high_issues, \
    medium_issues, low_issues, execution_time_ms, ext, revision, size, checksum, saved_at, seal";
/// Those of a change.
pub(super) const CHANGE: &str =
    "space, collection, id, deleted, revision, replaced, attributes, size, checksum, saved_at";
/// Those of a tag.
pub(super) const TAG: &str = "space, collection, id, tag, run_time";

/// Binds a document's row; `$name` makes a name's value of a text.
macro_rules! bind_record {
    ($query:expr, $line:expr, $name:expr) => {{
        let line = $line;
        let mut query = $query
            .bind($name(crate::database::SPACE))
            .bind($name(&line.collection))
            .bind($name(&line.id))
            .bind($name(&line.asset))
            .bind(line.run_time)
            .bind($name(&line.status))
            .bind(line.tags.as_deref())
            .bind(line.suite.as_deref());
        for count in line.counts {
            query = query.bind(count);
        }
        query
            .bind(line.execution_time)
            .bind(line.ext.as_deref())
            .bind($name(&line.revision))
            .bind(line.size)
            .bind(line.checksum.as_slice())
            .bind(line.saved_at)
            .bind(line.seal)
            .bind(line.body.as_str())
    }};
}

/// Reads every column of a listing's row into values of its own; `$names` is what names are read as.
macro_rules! read_row {
    ($row:expr, $names:ty) => {{
        let row = $row;
        for at in [0_usize, 1, 3, 19] {
            std::hint::black_box(row.try_get_unchecked::<$names, _>(at)?);
        }
        for at in [4_usize, 5, 18] {
            std::hint::black_box(row.try_get_unchecked::<Option<String>, _>(at)?);
        }
        for at in [2_usize, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 22, 23] {
            std::hint::black_box(row.try_get_unchecked::<i64, _>(at)?);
        }
        std::hint::black_box(row.try_get_unchecked::<f64, _>(17_usize)?);
        std::hint::black_box(row.try_get_unchecked::<Vec<u8>, _>(21_usize)?);
    }};
}

/// Inserts many rows into each table by `VALUES (…), (…)`, as MySQL and `SQLite` take them. The transaction is the caller's.
macro_rules! insert_rows {
    ($connection:expr, $statements:expr, $lines:expr, $name:expr) => {{
        let (connection, statements, lines) = ($connection, $statements, $lines);
        let mut query = crate::hand::statements::prepared(&statements.records);
        for line in lines {
            query = crate::hand::columns::bind_record!(query, line, $name);
        }
        query.execute(&mut *connection).await?;
        let mut query = crate::hand::statements::prepared(&statements.tags);
        for line in lines {
            for tag in &line.tag_keys {
                query = query
                    .bind($name(crate::database::SPACE))
                    .bind($name(&line.collection))
                    .bind($name(&line.id))
                    .bind(tag.as_slice())
                    .bind(line.run_time);
            }
        }
        query.execute(&mut *connection).await?;
        let mut query = crate::hand::statements::prepared(&statements.changes);
        for line in lines {
            query = query
                .bind($name(crate::database::SPACE))
                .bind($name(&line.collection))
                .bind($name(&line.id))
                .bind(0_i64)
                .bind($name(&line.revision))
                .bind(None::<&str>)
                .bind(line.attributes.as_str())
                .bind(line.size)
                .bind(line.checksum.as_slice())
                .bind(line.saved_at);
        }
        query.execute(&mut *connection).await?;
    }};
}

pub(super) use {bind_record, insert_rows, read_row};
