//! The statements' text, made before time is taken: the driver keeps each prepared.

use std::sync::Arc;

use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Database};

use super::columns::{CHANGE, META, TAG};
use crate::database::{Kind, Tables};
use crate::documents::TAGS;

/// The statements for a number of documents at once.
pub(crate) struct Statements {
    pub(super) records: Arc<str>,
    pub(super) tags: Arc<str>,
    pub(super) changes: Arc<str>,
    /// All of a document in one statement, where there is such a thing.
    pub(super) whole: Arc<str>,
    pub(super) latest: Arc<str>,
}

impl Statements {
    pub(crate) fn new(kind: Kind, tables: &Tables, documents: usize) -> Self {
        let table = |name: &str| format!("{}{name}", tables.prefix);
        let (records, tags, changes) = (table("records"), table("record_tags"), table("changes"));
        let head = |table: &str, columns: &str| format!("INSERT INTO {table} ({columns}) ");
        let record = format!("space, collection, {META}, body");
        let place = |nth: usize| if kind == Kind::Postgres { format!("${nth}") } else { "?".to_owned() };
        let first = format!("space = {} AND collection = {}", place(1), place(2));
        let columns: Vec<String> = META.split(", ").map(|column| format!("r.{column}")).collect();
        let latest = format!(
            "SELECT {} FROM {records} r WHERE {first} AND data_asset = {} ORDER BY run_time DESC, id DESC LIMIT {}",
            columns.join(", "),
            place(3),
            place(4)
        );
        let [insert_records, insert_tags, insert_changes] = match kind {
            Kind::Postgres => [
                // A key that is taken is no reason to lose a batch: so says whoever writes one, and the store.
                head(&records, &record) + &unnest(&record, RECORD_TYPES, 1) + " ON CONFLICT DO NOTHING",
                head(&tags, TAG) + &unnest(TAG, "text text bytea bigint", 1) + " ON CONFLICT DO NOTHING",
                head(&changes, CHANGE)
                    + "SELECT $1, c.collection, c.id, 0, c.revision, NULL, c.attributes, c.size, c.checksum, c.saved_at FROM \
                       unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::bigint[]) \
                       WITH ORDINALITY AS c (collection, id, revision, attributes, size, checksum, saved_at, nth) ORDER BY c.nth",
            ],
            Kind::MySql | Kind::Sqlite => [
                head(&records, &record) + &values(&record, documents),
                head(&tags, TAG) + &values(TAG, documents * TAGS),
                head(&changes, CHANGE) + &values(CHANGE, documents),
            ],
        };
        let whole = format!(
            "WITH r AS ({}VALUES ({}) ON CONFLICT DO NOTHING RETURNING 1), \
             t AS ({}SELECT $1, $2, $3, k, $5 FROM r, unnest($28::bytea[]) AS k ON CONFLICT DO NOTHING) \
             {}SELECT $1, $2, $3, 0, $22, NULL, $29, $23, $24, $25 FROM r",
            head(&records, &record),
            (1..=27).map(|nth| format!("${nth}")).collect::<Vec<_>>().join(", "),
            head(&tags, TAG),
            head(&changes, CHANGE),
        );
        Self {
            records: insert_records.into(),
            tags: insert_tags.into(),
            changes: insert_changes.into(),
            whole: whole.into(),
            latest: latest.into(),
        }
    }
}

/// The types of a document's row after its space.
const RECORD_TYPES: &str = "text text text bigint text text text bigint bigint bigint bigint bigint bigint bigint bigint bigint \
    bigint bigint double text text bigint bytea bigint bigint text";

/// Selects from columns: the space is the value at `first`, the arrays come after it.
fn unnest(columns: &str, types: &str, first: usize) -> String {
    debug_assert_eq!(columns.split(", ").count(), types.split_whitespace().count() + 1, "{columns}");
    let arrays = types.split_whitespace().zip(first + 1..).map(|(kind, nth)| {
        let kind = if kind == "double" { "double precision" } else { kind };
        format!("${nth}::{kind}[]")
    });
    format!("SELECT ${first}::text, * FROM unnest({})", arrays.collect::<Vec<_>>().join(", "))
}

/// Writes the places of rows.
fn values(columns: &str, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.split(", ").count()].join(", "));
    format!("VALUES {}", vec![row; rows].join(", "))
}

/// Makes a call of a statement that stays prepared.
pub(super) fn prepared<'q, DB: Database>(text: &Arc<str>) -> Query<'q, DB, DB::Arguments> {
    sqlx::query(AssertSqlSafe(Arc::clone(text)))
}
