//! What a put and a delete do within a transaction.

use truthound_stores_core::{
    Clock, DeleteOptions, Error, ErrorKind, Key, PutMode, RecordMeta, Result as StoreResult, Written,
};

use super::find::{Current, Search};
use super::{Job, Outcome};
use crate::describe::{Folder, odd_stem, stem_of};
use crate::index::{self, Pending, Row, Writer};
use crate::name;
use crate::prepare::Prepared;
use crate::publish::Work;

/// Why an item was not done: by itself, or because the index failed, which ends the transaction.
#[derive(Debug)]
pub(super) enum Fault {
    Refused(Error),
    Index(rusqlite::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Index(error)
    }
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

/// Applies jobs to the index.
pub(super) struct Apply<'a> {
    pub(super) folder: &'a Folder,
    pub(super) owner: i64,
    pub(super) clock: &'a dyn Clock,
}

impl Apply<'_> {
    /// Applies a job; an error of the index ends the transaction.
    pub(super) fn job(
        &self,
        writer: &mut Writer<'_>,
        job: &Job,
        works: &mut Vec<Work>,
    ) -> rusqlite::Result<Outcome> {
        // Somebody may have given up while the turn was waited for.
        if job.is_given_up() {
            return Ok(Outcome::Skipped);
        }
        match job {
            Job::Put(request) => {
                let before = works.len();
                let outcomes = each(&request.items, |item| self.put(writer, item, &request.opts, works))?;
                // What is larger than all room has taken no more than that.
                let mut left = request.room.as_ref().map_or(0, |room| room.num_permits() as u64);
                for work in works.iter_mut().skip(before) {
                    work.weight = work.weight.min(left);
                    left -= work.weight;
                }
                let kept = works.iter().skip(before).map(|work| work.weight).sum();
                Ok(Outcome::Put(outcomes, kept))
            }
            Job::Delete(request) => {
                let outcomes = each(&request.items, |key| self.delete(writer, key, &request.opts, works))?;
                Ok(Outcome::Delete(outcomes))
            }
            Job::Adopt(found, ..) => {
                let mut adopted = 0;
                for loaded in found {
                    match self.adopt(writer, loaded) {
                        Ok(changed) => adopted += u64::from(changed),
                        Err(Fault::Refused(_)) => {}
                        Err(Fault::Index(error)) => return Err(error),
                    }
                }
                Ok(Outcome::Adopted(adopted))
            }
            _ => Ok(Outcome::Skipped),
        }
    }

    fn put(
        &self,
        writer: &mut Writer<'_>,
        item: &Prepared,
        mode: &PutMode,
        works: &mut Vec<Work>,
    ) -> Result<Written> {
        let id = item.key.id();
        let (current, taken) = self.current(writer, id, Search::Likely(&item.stem, &item.suffix))?;
        let conflict = |why: &str| Err(Fault::Refused(Error::new(ErrorKind::Conflict, why.to_owned())));
        match (mode, current.revision()) {
            (PutMode::Create, Some(_)) => return conflict("the id is taken"),
            (PutMode::Replace(_), None) => return conflict("there is no document to replace"),
            (PutMode::Replace(seen), Some(stored)) if stored != *seen => {
                return conflict("somebody else has written the document since it was read");
            }
            (PutMode::Upsert | PutMode::Create | PutMode::Replace(_), _) => {}
            (mode, _) => {
                return Err(
                    Error::unsupported(format!("the filesystem store has no put mode {mode:?}")).into()
                );
            }
        }
        let (stem, suffix, bytes) = self.target(writer, item, &current, taken)?;
        let sidecar = item.sidecar(self.folder, &stem, &suffix)?;
        let replaced = current.revision();
        let before = current.modified();
        self.take_out(writer, current, id, &stem, &suffix, works)?;
        let seq = writer.next_seq();
        let row = Row {
            seq,
            id: id.to_owned(),
            attributes: item.attributes.clone(),
            stem: odd_stem(id, &stem),
            suffix: suffix.clone(),
            size: bytes.len() as u64,
            checksum: item.checksum,
            digest: item.is_plain_json(self.folder, &suffix).then(|| index::digest(&bytes)),
            modified: self.time(seq, before),
        };
        writer.insert(&row, &item.texts)?;
        let pending =
            Pending { seq, id: id.to_owned(), stem, suffix, modified: row.modified, body: Some(bytes) };
        writer.keep(self.owner, &pending)?;
        works.push(Work { pending, sidecar, weight: item.weight() });
        let meta = describe(item, &row);
        Ok(Written::new(meta, replaced))
    }

    /// Returns the clock's time in nanoseconds, of which it tells thousands.
    fn now(&self) -> i64 {
        self.clock.now().as_micros().saturating_mul(1000)
    }

    /// Returns the time of a new state's file: the clock's, told apart from others of the same microsecond by its place in the feed, and
    /// in any case after that of the state it replaces.
    fn time(&self, seq: i64, before: Option<i64>) -> i64 {
        let time = self.now().saturating_add(seq % 1000);
        before.map_or(time, |before| time.max(before.saturating_add(1)))
    }

    /// Decides where and how a document is written: in the place it has, else under its own name, else, if another document has taken
    /// that, under its shortened one.
    fn target(
        &self,
        writer: &Writer<'_>,
        item: &Prepared,
        current: &Current,
        taken: bool,
    ) -> Result<(String, String, Vec<u8>)> {
        let place = match current {
            Current::Row(row) => Some((stem_of(row), row.suffix.clone())),
            Current::Unreadable { stem, suffix, .. } => Some((stem.clone(), suffix.clone())),
            Current::Nothing => None,
        };
        if let Some((stem, suffix)) = place
            && let Some(bytes) = item.bytes_as(self.folder, &suffix)?
        {
            return Ok((stem, suffix, bytes));
        }
        // A codec that is not compiled in cannot be kept: the document moves to the one for new documents.
        let mut stem = item.stem.clone();
        let claimed =
            index::by_name(writer.index(), &stem, &item.suffix)?.is_some_and(|row| row.id != item.key.id());
        if taken || claimed {
            stem = name::shorten(item.key.id());
        }
        Ok((stem, item.suffix.clone(), item.bytes.clone()))
    }

    /// Ends the state that is stored now, and has every file of the document removed but the one that will be written.
    fn take_out(
        &self,
        writer: &mut Writer<'_>,
        current: Current,
        id: &str,
        stem: &str,
        suffix: &str,
        works: &mut Vec<Work>,
    ) -> Result<()> {
        let mut files = Vec::new();
        let mut latest = i64::MIN;
        match current {
            Current::Nothing => {}
            Current::Row(row) => {
                latest = latest.max(row.modified);
                files.push((stem_of(&row), row.suffix.clone()));
                writer.supersede(*row, &self.folder.collection)??;
            }
            Current::Unreadable { stem, suffix, modified, .. } => {
                // What is to go is what is there now, however late its time.
                latest = latest.max(modified);
                files.push((stem, suffix));
            }
        }
        for odd in index::odd(writer.index(), Some(id))? {
            writer.forget_odd(&odd.file)?;
            latest = latest.max(odd.modified);
            files.extend(self.folder.split(&odd.file));
        }
        files.sort();
        files.dedup();
        for (other, end) in files {
            if (other.as_str(), end.as_str()) != (stem, suffix) {
                self.remove_file(writer, id, (other, end), latest, works)?;
            }
        }
        Ok(())
    }

    fn remove_file(
        &self,
        writer: &mut Writer<'_>,
        id: &str,
        (stem, suffix): (String, String),
        latest: i64,
        works: &mut Vec<Work>,
    ) -> Result<()> {
        let seq = writer.next_seq();
        // Whatever is there until now goes; what another program puts there later stays.
        let modified = latest.max(self.now() + 999);
        let pending = Pending { seq, id: id.to_owned(), stem, suffix, modified, body: None };
        writer.keep(self.owner, &pending)?;
        works.push(Work { pending, sidecar: None, weight: 0 });
        Ok(())
    }

    fn delete(
        &self,
        writer: &mut Writer<'_>,
        key: &Key,
        opts: &DeleteOptions,
        works: &mut Vec<Work>,
    ) -> Result<bool> {
        let (current, _) = self.current(writer, key.id(), Search::Everywhere)?;
        let Some(revision) = current.revision() else { return Ok(false) };
        if opts.revision_of(key).is_some_and(|seen| *seen != revision) {
            let why = "somebody else has written the document since it was read";
            return Err(Error::new(ErrorKind::Conflict, why).into());
        }
        // No file stays, so none is the one that will be written.
        self.take_out(writer, current, key.id(), "", "", works)?;
        let seq = writer.next_seq();
        writer.log_deletion(seq, key.id(), revision.as_str())?;
        Ok(true)
    }
}

fn describe(item: &Prepared, row: &Row) -> RecordMeta {
    let (key, attributes) = (item.key.clone(), item.attributes.clone());
    RecordMeta::new(key, attributes, row.revision(), row.size, row.checksum, row.saved_at())
}

/// Does each item in order; one that is refused stops no other.
fn each<I, T>(items: &[I], mut work: impl FnMut(&I) -> Result<T>) -> rusqlite::Result<Vec<StoreResult<T>>> {
    let mut outcomes = Vec::with_capacity(items.len());
    for item in items {
        match work(item) {
            Ok(done) => outcomes.push(Ok(done)),
            Err(Fault::Refused(error)) => outcomes.push(Err(error)),
            Err(Fault::Index(error)) => return Err(error),
        }
    }
    Ok(outcomes)
}
