//! The statements that make the tables.

use crate::dialect::{Dialect, Tables};
use crate::row::{MAX_ASSET_BYTES, MAX_STATUS_BYTES};

/// What brings the tables from one version to the next.
pub(super) struct Step {
    pub(super) version: i64,
    /// Carried out first; each may be repeated.
    pub(super) statements: Vec<String>,
    /// Made then, unless they are there.
    pub(super) indexes: Vec<Index>,
}

/// An index of a table that is there already.
pub(super) struct Index {
    /// The table's name, without quotes.
    pub(super) table: String,
    /// The index's own, without quotes.
    pub(super) name: String,
    pub(super) statement: String,
}

/// All steps, in order. A step that was published is never changed.
pub(super) fn steps(dialect: Dialect, tables: &Tables) -> Vec<Step> {
    let (first, second) = (first(dialect, tables), second(dialect, tables));
    vec![
        Step { version: 1, statements: first, indexes: Vec::new() },
        Step { version: 2, statements: Vec::new(), indexes: second },
    ]
}

/// Lets the changes of a document be found by its key: whether a write was carried out whose answer was lost was looked for among all changes.
fn second(dialect: Dialect, tables: &Tables) -> Vec<Index> {
    let table = format!("{}changes", tables.prefix);
    // MySQL knows no `IF NOT EXISTS` for indexes, whose names are each table's own there.
    let (name, unless) = match dialect {
        Dialect::MySql => ("changes_by_key".to_owned(), ""),
        Dialect::Postgres | Dialect::Sqlite => (format!("{table}_by_key"), "IF NOT EXISTS "),
    };
    let statement = format!(
        "CREATE INDEX {unless}{} ON {} (space, collection, id)",
        dialect.quote(&name),
        tables.changes
    );
    vec![Index { table, name, statement }]
}

/// Makes the table that says which version there is, and so whose tables these are: before all others.
pub(super) fn versions(dialect: Dialect, tables: &Tables) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {} (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL){}",
        tables.versions,
        words(dialect).end
    )
}

/// The words in which the databases differ.
struct Words {
    /// Text that is compared byte by byte, at most so long.
    name: fn(usize) -> String,
    /// Text of any length.
    text: &'static str,
    /// A checksum.
    bytes: &'static str,
    double: &'static str,
    /// A number that counts up by itself, as primary key.
    serial: &'static str,
    /// What stands after the table's columns.
    end: &'static str,
}

fn words(dialect: Dialect) -> Words {
    match dialect {
        Dialect::Postgres => Words {
            name: |_| "TEXT COLLATE \"C\"".to_owned(),
            text: "TEXT",
            bytes: "BYTEA",
            double: "DOUBLE PRECISION",
            serial: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            end: "",
        },
        Dialect::MySql => Words {
            name: |most| format!("VARBINARY({most})"),
            text: "LONGTEXT",
            bytes: "VARBINARY(32)",
            double: "DOUBLE",
            serial: "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
            end: " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        },
        Dialect::Sqlite => Words {
            name: |_| "TEXT".to_owned(),
            text: "TEXT",
            bytes: "BLOB",
            double: "REAL",
            serial: "INTEGER PRIMARY KEY AUTOINCREMENT",
            end: "",
        },
    }
}

/// `records` has a row for each document, `record_tags` one for each tag of each, `changes` one for each write and delete, and `feeds` says of
/// each space how far its changes have been given places. Times are microseconds since 1970, in UTC. Counts are the bits of unsigned numbers.
fn first(dialect: Dialect, tables: &Tables) -> Vec<String> {
    let Words { name, text, bytes, double, serial, end } = words(dialect);
    let key = format!(
        "space {} NOT NULL, collection {} NOT NULL, id {} NOT NULL",
        name(crate::DatabaseConfig::MAX_SPACE_BYTES),
        name(65),
        name(512)
    );
    let counts: String = [
        "total_validators",
        "passed_validators",
        "failed_validators",
        "error_validators",
        "total_rows",
        "total_columns",
        "total_issues",
        "critical_issues",
        "high_issues",
        "medium_issues",
        "low_issues",
    ]
    .map(|count| format!("{count} BIGINT NOT NULL, "))
    .concat();
    let facts = format!(
        "data_asset {} NOT NULL, run_time BIGINT NOT NULL, status {} NOT NULL, tags {text}, suite_name {text}, {counts}\
         execution_time_ms {double} NOT NULL, ext {text}, revision {} NOT NULL, size BIGINT NOT NULL, checksum {bytes} NOT NULL, \
         saved_at BIGINT NOT NULL, seal BIGINT NOT NULL, body {text} NOT NULL",
        name(MAX_ASSET_BYTES),
        name(MAX_STATUS_BYTES),
        name(64),
    );
    let Tables { records, tags, changes, feeds, .. } = tables;
    let index = |table: &str, name: &str, columns: &str| {
        let name = dialect.quote(&format!("{}{name}", tables.prefix));
        format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({columns})")
    };
    let tag = match dialect {
        Dialect::MySql => "BINARY(16)",
        Dialect::Postgres | Dialect::Sqlite => bytes,
    };
    // Without rows of its own, SQLite's table is the index. One with large texts is better off with rows.
    let lean = match dialect {
        Dialect::Sqlite => " WITHOUT ROWID",
        Dialect::Postgres | Dialect::MySql => end,
    };
    let lists = [
        ("records_by_time", "space, collection, run_time, id"),
        ("records_by_asset", "space, collection, data_asset, run_time, id"),
        ("records_by_status", "space, collection, status, run_time, id"),
    ];
    let places = ("changes_by_place", "space, place, seq");
    // MySQL knows no `IF NOT EXISTS` for indexes: there they are made with the table.
    let inline = |indexes: &[(&str, &str)]| -> String {
        let keys = indexes.iter().map(|(name, columns)| format!("KEY {} ({columns})", dialect.quote(name)));
        keys.flat_map(|key| [", ".to_owned(), key]).collect()
    };
    let mysql = dialect == Dialect::MySql;
    let (keys_of_records, keys_of_changes) =
        if mysql { (inline(&lists), inline(&[places])) } else { (String::new(), String::new()) };
    let mut statements = vec![
        format!(
            "CREATE TABLE IF NOT EXISTS {records} ({key}, {facts}, PRIMARY KEY (space, collection, id){keys_of_records}){end}"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {tags} ({key}, tag {tag} NOT NULL, run_time BIGINT NOT NULL, \
             PRIMARY KEY (space, collection, tag, run_time, id)){lean}"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {changes} (seq {serial}, place BIGINT, {key}, deleted BIGINT NOT NULL, revision {} NOT NULL, \
             nonce {}, replaced {}, attributes {text}, size BIGINT, checksum {bytes}, saved_at BIGINT{keys_of_changes}){end}",
            name(64),
            name(64),
            name(64)
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {feeds} (space {} NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL, first_place BIGINT NOT NULL, \
             last_place BIGINT NOT NULL){end}",
            name(crate::DatabaseConfig::MAX_SPACE_BYTES)
        ),
    ];
    if !mysql {
        statements.extend(lists.map(|(name, columns)| index(records, name, columns)));
        statements.push(index(changes, places.0, places.1));
    }
    statements
}
