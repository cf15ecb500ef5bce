//! The change feed: writers leave changes without places, and whoever reads gives them places first.
//!
//! A writer cannot number its changes: numbers are drawn before transactions commit, and those who commit late would be missed by readers who are
//! past them. So a change is written without a place. A reader who has come to the end takes the feed's lock, gives all changes that are committed by then
//! the next places, and commits. Places are therefore in the order in which they become visible, and a reader that goes by them misses nothing,
//! however long a writer takes. A document's changes keep their order, because its writers wait for each other, and their changes count up.

use truthound_stores_core::{
    Attributes, Change, ChangeOp, ChangePage, ChangeToken, Checksum, Clock, Collection, Error, Key,
    RecordMeta, Result, Revision, Timestamp, random_u64,
};

use crate::conn::Row;
use crate::dialect::Dialect;
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::sql::{Sql, Value, blocks};

mod damage;

pub(crate) use damage::{Look, look, mend};

/// How many changes are given places in one transaction.
const AT_ONCE: i64 = 10_000;

/// How many changes `maintain` leaves; whoever is further behind compares listings.
pub(crate) const KEPT: i64 = 100_000;

/// A place in a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    /// Drawn when the feed began: places of another feed mean nothing here.
    epoch: i64,
    place: i64,
}

impl Mark {
    fn print(self) -> String {
        format!("{:016x}-{}", self.epoch.cast_unsigned(), self.place)
    }

    fn parse(token: &ChangeToken) -> Result<Self> {
        let parts = token.as_str().split_once('-').and_then(|(epoch, place)| {
            let epoch = u64::from_str_radix(epoch, 16).ok()?.cast_signed();
            Some(Self { epoch, place: place.parse().ok()? })
        });
        parts.filter(|mark| mark.print() == token.as_str()).ok_or_else(|| {
            Error::invalid(format!(
                "{:?} is no token of this change feed: begin without one, and compare listings",
                token.as_str()
            ))
        })
    }

    fn token(self) -> ChangeToken {
        ChangeToken::new(self.print())
    }
}

/// How far a feed reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    epoch: i64,
    /// Whoever has read less must compare listings: what came before is not there any more.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Reach {
    /// Tells whether a reader may go on from a mark. One beyond the end is of a database that was put back to an earlier state since.
    fn covers(self, mark: Mark) -> bool {
        mark.epoch == self.epoch && (self.first..=self.last).contains(&mark.place)
    }
}

/// Reads the feed.
///
/// # Cancel safety
/// Changes may have been given places.
pub(crate) async fn changes(
    lease: &mut Lease,
    place: &Place,
    clock: &dyn Clock,
    after: Option<&ChangeToken>,
    limit: usize,
) -> Result<ChangePage, Failed> {
    if limit == 0 {
        return Err(Error::invalid("limit is 0: ask for at least one change").into());
    }
    let Some(mark) = after.map(Mark::parse).transpose()? else {
        let reach = give_places(lease, place, clock).await?;
        return Ok(ChangePage::reset(Mark { epoch: reach.epoch, place: reach.last }.token()));
    };
    let (mut lines, mut reach) = read(lease, place, clock, mark.place, limit).await?;
    if lines.len() < limit && has_unplaced(lease, place).await? {
        give_places(lease, place, clock).await?;
        (lines, reach) = read(lease, place, clock, mark.place, limit).await?;
    }
    if !reach.covers(mark) {
        let reach = give_places(lease, place, clock).await?;
        return Ok(ChangePage::reset(Mark { epoch: reach.epoch, place: reach.last }.token()));
    }
    Ok(page(mark, reach.last, lines))
}

/// A row of the feed.
pub(crate) struct Line {
    /// Its place, if it has one that can be read.
    pub(crate) place: Option<i64>,
    /// What it tells; an error if it does not hold what was written.
    pub(crate) change: Result<Change>,
}

/// Makes a page of what comes after a mark, up to the first row that is damaged. Where that is what comes first, the reader cannot be told what happened
/// there: it is to compare listings, and goes on behind the damage. So nobody is kept from all that comes after, and `verify` says what is damaged.
fn page(mark: Mark, last: i64, lines: Vec<Line>) -> ChangePage {
    let (mut at, mut changes, mut is_damaged) = (mark.place, Vec::with_capacity(lines.len()), false);
    for Line { place, change } in lines {
        match (place, change) {
            (Some(place), Ok(change)) if !is_damaged => {
                at = place;
                changes.push(change);
            }
            (place, Err(error)) if changes.is_empty() => {
                tracing::warn!(
                    target: "truthound_stores_database::feed",
                    place,
                    error = error.report(),
                    "a change is damaged: readers of the feed are told to compare listings",
                );
                is_damaged = true;
                // Without a place of its own, all that is certain is that it lies before the end.
                at = place.unwrap_or(last);
            }
            _ => break,
        }
    }
    let next = Mark { epoch: mark.epoch, place: at }.token();
    if is_damaged { ChangePage::reset(next) } else { ChangePage::new(changes, next) }
}

/// The columns that a line is read from.
const LINE: &str = "place, collection, id, deleted, revision, attributes, size, checksum, saved_at";

/// Reads what comes after a place, and then how far the feed reaches: what was dropped before the rows were read is known by then, and nobody has given
/// a row a place beyond.
async fn read(
    lease: &mut Lease,
    place: &Place,
    clock: &dyn Clock,
    after: i64,
    limit: usize,
) -> Result<(Vec<Line>, Reach), Failed> {
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("SELECT {LINE} FROM {} WHERE space = ", place.tables.changes));
    // SQLite sorts what is no number behind all numbers: the second bound leaves it out.
    sql.name(&place.space).push(" AND place > ").int(after).push(" AND place <= ").int(i64::MAX);
    sql.push(" ORDER BY place LIMIT ").int(i64::try_from(limit).unwrap_or(i64::MAX));
    let mut lines: Vec<Line> = lease.fetch(sql).await?.into_iter().map(|mut row| line(&mut row)).collect();
    let reach = match reach(lease, place, "").await? {
        Some(reach) => reach,
        None => give_places(lease, place, clock).await?,
    };
    lines.retain(|line| line.place.is_none_or(|place| place <= reach.last));
    Ok((lines, reach))
}

/// Reads a line from the columns of [`LINE`].
fn line(row: &mut Row<'_>) -> Line {
    let place = row.maybe_int();
    let change = change(row);
    match place {
        Ok(Some(place)) => Line {
            place: Some(place),
            change: change.map_err(|error| error.with("place", place.to_string())),
        },
        Ok(None) => Line { place: None, change },
        Err(error) => Line { place: None, change: Err(error) },
    }
}

fn change(row: &mut Row<'_>) -> Result<Change> {
    let (collection, id) = (row.text()?, row.text()?);
    let collection = match collection.strip_prefix('_') {
        Some(hidden) => Collection::hidden(hidden),
        None => Collection::new(&collection),
    };
    let corrupt = |error: Error| error.with_kind(truthound_stores_core::ErrorKind::Corrupt);
    let key = collection.and_then(|collection| Key::new(collection, &id)).map_err(corrupt)?;
    let op = operation(row, &key).map_err(|error| corrupt(error).at(&key))?;
    Ok(Change { key, op })
}

fn operation(row: &mut Row<'_>, key: &Key) -> Result<ChangeOp> {
    let deleted = row.int()? != 0;
    let revision = Revision::new(row.text()?);
    if deleted {
        return Ok(ChangeOp::Delete { revision: Some(revision) });
    }
    let text = row.text()?;
    let attributes: Attributes = serde_json::from_str(&text)
        .map_err(|cause| Error::corrupt("a change's attributes are unreadable").caused_by(cause))?;
    let size = row.int()?.cast_unsigned();
    let checksum = Checksum::abbreviated(&row.bytes()?)
        .ok_or_else(|| Error::corrupt("a change's checksum has another length than one"))?;
    let saved_at = Timestamp::from_micros(row.int()?);
    Ok(ChangeOp::Put(Box::new(RecordMeta::new(key.clone(), attributes, revision, size, checksum, saved_at))))
}

async fn has_unplaced(lease: &mut Lease, place: &Place) -> Result<bool, Failed> {
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("SELECT 1 FROM {} WHERE space = ", place.tables.changes)).name(&place.space);
    sql.push(" AND place IS NULL LIMIT 1");
    Ok(!lease.fetch(sql).await?.is_empty())
}

/// Reads how far the feed reaches; `lock` keeps others from giving places.
async fn reach(lease: &mut Lease, place: &Place, lock: &str) -> Result<Option<Reach>, Failed> {
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("SELECT epoch, first_place, last_place FROM {} WHERE space = ", place.tables.feeds));
    sql.name(&place.space).push(lock);
    match lease.fetch(sql).await?.first_mut() {
        Some(row) => Ok(Some(Reach { epoch: row.int()?, first: row.int()?, last: row.int()? })),
        None => Ok(None),
    }
}

/// Gives all changes that are committed by now their places, and answers how far the feed reaches.
pub(crate) async fn give_places(
    lease: &mut Lease,
    place: &Place,
    clock: &dyn Clock,
) -> Result<Reach, Failed> {
    loop {
        lease.begin().await?;
        let done = give_some(lease, place, clock).await;
        let (reach, given) = lease.end(done).await?;
        if given < AT_ONCE {
            return Ok(reach);
        }
    }
}

async fn give_some(lease: &mut Lease, place: &Place, clock: &dyn Clock) -> Result<(Reach, i64), Failed> {
    let reach = locked(lease, place, clock).await?;
    let given = match lease.dialect() {
        Dialect::MySql => number_listed(lease, place, reach.last).await?,
        Dialect::Postgres | Dialect::Sqlite => number(lease, place, reach.last).await?,
    };
    let reach = Reach { last: reach.last + given, ..reach };
    if given > 0 {
        let mut sql = Sql::new(lease.dialect());
        sql.push(&format!("UPDATE {} SET last_place = ", place.tables.feeds)).int(reach.last);
        sql.push(" WHERE space = ").name(&place.space);
        lease.execute(sql).await?;
    }
    Ok((reach, given))
}

/// Gives changes the places after `last`; answers how many.
async fn number(lease: &mut Lease, place: &Place, last: i64) -> Result<i64, Failed> {
    let table = &place.tables.changes;
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("UPDATE {table} SET place = ")).int(last).push(&format!(
        " + numbered.nth FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS nth FROM (SELECT seq FROM {table} WHERE space = "
    ));
    sql.name(&place.space).push(" AND place IS NULL ORDER BY seq LIMIT ").int(AT_ONCE);
    sql.push(&format!(") AS free) AS numbered WHERE {table}.seq = numbered.seq"));
    Ok(i64::try_from(lease.execute(sql).await?).unwrap_or(i64::MAX))
}

/// Does the same in two statements. Within an update, MySQL would wait for the writers of changes that are not committed yet; a look by itself passes
/// them over.
async fn number_listed(lease: &mut Lease, place: &Place, last: i64) -> Result<i64, Failed> {
    let table = &place.tables.changes;
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("SELECT seq FROM {table} WHERE space = ")).name(&place.space);
    sql.push(" AND place IS NULL ORDER BY seq LIMIT ").int(AT_ONCE);
    let mut seqs = Vec::new();
    for mut row in lease.fetch(sql).await? {
        seqs.push(row.int()?);
    }
    let mut given = last;
    for seqs in blocks(&seqs, 1_000) {
        let mut sql = Sql::new(lease.dialect());
        sql.push(&format!("UPDATE {table} FORCE INDEX (PRIMARY) SET place = "))
            .int(given)
            .push(" + FIELD(seq, ");
        sql.list(seqs.iter().map(|seq| Value::Int(*seq))).push(") WHERE seq IN (");
        sql.list(seqs.iter().map(|seq| Value::Int(*seq))).push(")");
        lease.execute(sql).await?;
        given += i64::try_from(seqs.len()).unwrap_or(i64::MAX);
    }
    Ok(given - last)
}

/// Takes the feed's lock, and begins the feed if there is none.
async fn locked(lease: &mut Lease, place: &Place, clock: &dyn Clock) -> Result<Reach, Failed> {
    let dialect = lease.dialect();
    if let Some(reach) = reach(lease, place, dialect.for_update()).await? {
        return Ok(reach);
    }
    let mut sql = Sql::new(dialect);
    sql.push(&format!("INSERT INTO {} (space, epoch, first_place, last_place) VALUES (", place.tables.feeds));
    sql.name(&place.space).push(", ").int(random_u64(clock).cast_signed()).push(", 0, 0)");
    sql.push(match dialect {
        Dialect::MySql => " ON DUPLICATE KEY UPDATE epoch = epoch",
        Dialect::Postgres | Dialect::Sqlite => " ON CONFLICT DO NOTHING",
    });
    lease.execute(sql).await?;
    let begun = reach(lease, place, dialect.for_update()).await?;
    begun.ok_or_else(|| {
        let error =
            Error::new(truthound_stores_core::ErrorKind::Internal, "the feed that was begun is not there");
        error.into()
    })
}

/// Drops the oldest changes but for [`KEPT`], and answers how many.
///
/// # Cancel safety
/// What was dropped is dropped.
pub(crate) async fn trim(
    lease: &mut Lease,
    place: &Place,
    clock: &dyn Clock,
    kept: i64,
) -> Result<u64, Failed> {
    let mut dropped = 0;
    loop {
        lease.begin().await?;
        let done = trim_some(lease, place, clock, kept).await;
        match lease.end(done).await? {
            0 => return Ok(dropped),
            some => dropped += some,
        }
    }
}

async fn trim_some(lease: &mut Lease, place: &Place, clock: &dyn Clock, kept: i64) -> Result<u64, Failed> {
    let reach = locked(lease, place, clock).await?;
    let first = (reach.last - kept).min(reach.first + AT_ONCE);
    if first <= reach.first {
        return Ok(0);
    }
    let dialect = lease.dialect();
    let mut sql = Sql::new(dialect);
    sql.push(&format!("UPDATE {} SET first_place = ", place.tables.feeds)).int(first);
    sql.push(" WHERE space = ").name(&place.space);
    lease.execute(sql).await?;
    let mut sql = Sql::new(dialect);
    sql.push(&format!("DELETE FROM {} WHERE space = ", place.tables.changes)).name(&place.space);
    sql.push(" AND place <= ").int(first);
    lease.execute(sql).await
}

#[cfg(test)]
mod tests;
