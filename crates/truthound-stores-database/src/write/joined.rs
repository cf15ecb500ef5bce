//! SQLite: all rows of a new document in one call of the driver. The database itself waits for nobody, but it works on a thread of the driver's own: to
//! wake that for each statement, and to be woken by it, takes longer than the statement.

use truthound_stores_core::Result;

use super::entries::tags_of;
use super::rows::{Taken, changes, records};
use crate::dialect::Dialect;
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::row::New;
use crate::sql::{FEW, Sql};

/// Tells whether a document's rows go into one call, whose text stays prepared: there is one for each number of tags.
pub(super) fn fits(dialect: Dialect, new: &New) -> bool {
    dialect == Dialect::Sqlite && new.tag_keys.len() <= FEW
}

/// Writes a new document within a transaction, and ends the transaction; a key that is taken fails.
///
/// # Errors
/// As for [`Lease::end`].
pub(super) async fn insert(lease: &mut Lease, place: &Place, new: &New) -> Result<(), Failed> {
    lease.execute_and_commit(statements(place, new)).await
}

/// The statements, in the order in which a batch has them.
fn statements<'v>(place: &'v Place, new: &'v New) -> Sql<'v> {
    let mut all = records(Dialect::Sqlite, place, &[new], Taken::Fails);
    if let Some(tags) = tags_of(Dialect::Sqlite, place, new) {
        all.then(tags);
    }
    all.then(changes(Dialect::Sqlite, place, &[(new, None)]));
    all
}
