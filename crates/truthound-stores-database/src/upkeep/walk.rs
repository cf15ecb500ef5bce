//! Looking at every document.

use truthound_stores_core::{
    Collection, Error, ErrorKind, Finding, Level, Progress, RecordMeta, Report, Result,
};

use crate::error::Failed;
use crate::find::{Place, checked_body};
use crate::pool::Lease;
use crate::row::{META, Reader};
use crate::sql::Sql;
use crate::store::{DatabaseStore, call};

/// How many documents are read at once.
const AT_ONCE: i64 = 200;

/// A part of a collection.
struct Part {
    sound: Vec<RecordMeta>,
    damaged: Vec<Error>,
    /// Where to go on; `None` at the end.
    last: Option<String>,
}

impl DatabaseStore {
    /// Looks at every document of the space, at its text if `texts`, and at its tags, which are mended if `mend`.
    pub(super) async fn walk(&self, texts: bool, mend: bool, progress: &dyn Progress) -> Result<Report> {
        let place = self.place();
        let mut report = Report::new();
        let names = call!(self, call, "upkeep", lease => collections(lease, place))?;
        for name in names {
            let collection = match name.strip_prefix('_') {
                Some(hidden) => Collection::hidden(hidden),
                None => Collection::new(&name),
            };
            let collection = match collection {
                Ok(collection) => collection,
                Err(error) => {
                    report.add(Finding::new(Level::Damage, "document", error.report()));
                    continue;
                }
            };
            let mut after = String::new();
            loop {
                let part =
                    call!(self, call, "upkeep", lease => part(lease, place, &collection, &after, texts))?;
                report.documents += (part.sound.len() + part.damaged.len()) as u64;
                progress.advance("reading documents", report.documents, None);
                for error in part.damaged {
                    let finding = Finding::new(Level::Damage, "document", error.report());
                    let finding = finding.with_remedy("save the document again, or delete it");
                    report.add(match error.key() {
                        Some(key) => finding.at(key.clone()),
                        None => finding,
                    });
                }
                self.missing_tags(&collection, &part.sound, mend, &mut report).await?;
                match part.last {
                    Some(last) => after = last,
                    None => break,
                }
            }
        }
        Ok(report)
    }
}

/// Lists the collections of the space, those of wrappers, too.
async fn collections(lease: &mut Lease, place: &Place) -> Result<Vec<String>, Failed> {
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("SELECT DISTINCT collection FROM {} WHERE space = ", place.tables.records));
    sql.name(&place.space).push(" ORDER BY collection");
    let mut names = Vec::new();
    for mut row in lease.fetch(sql).await? {
        names.push(row.text()?);
    }
    Ok(names)
}

/// Reads documents in the order of their ids.
async fn part(
    lease: &mut Lease,
    place: &Place,
    collection: &Collection,
    after: &str,
    texts: bool,
) -> Result<Part, Failed> {
    let mut sql = Sql::new(lease.dialect());
    let body = if texts { ", body" } else { "" };
    // The id comes twice: it says where to go on also where the rest of the row is unreadable.
    sql.push(&format!("SELECT id AS place, {META}{body} FROM {} WHERE space = ", place.tables.records));
    sql.name(&place.space).push(" AND collection = ").name(collection.as_str());
    sql.push(" AND id > ").name(after).push(" ORDER BY id LIMIT ").int(AT_ONCE);
    let rows = lease.fetch(sql).await?;
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == AT_ONCE;
    let mut part = Part { sound: Vec::with_capacity(rows.len()), damaged: Vec::new(), last: None };
    let mut reader = Reader::new();
    for mut row in rows {
        part.last = Some(row.text()?);
        let read = reader.read(&mut row, collection).map_err(|damaged| damaged.error);
        let checked = read.and_then(|meta| {
            if texts {
                checked_body(&mut row, &meta)?;
            }
            Ok(meta)
        });
        match checked {
            Ok(meta) => part.sound.push(meta),
            Err(error) if error.kind() == ErrorKind::Corrupt => part.damaged.push(error),
            Err(error) => return Err(error.into()),
        }
    }
    part.last = part.last.filter(|_| full);
    Ok(part)
}
