//! Histories that Truthound wrote: each version a document of its own, `{id}__v{number}`, beside the current one.

use std::collections::{HashMap, HashSet};

use truthound_stores_core::{
    Body, Collection, CopyProblem, Error, ErrorKind, GetOptions, Key, Record, Result, Revision, Store,
    Timestamp,
};

use super::line::{Last, Line, Standing};
use super::note::VersionNote;
use super::number::{counts, gaps, id_of, mode_of, number};
use super::options::ImportOptions;
use super::pen::{Pen, nonce};
use super::python::renamed;
use super::report::{Done, Ending};
use super::seal::ATTEMPTS;
use crate::config::{VersioningConfig, VersioningMode};
use crate::draft::{Draft, Ground, wanted_floor};
use crate::facts::{Facts, short_sum};
use crate::find::Current;
use crate::head::Head;
use crate::info::Origin;
use crate::number::{Before, Bump, MAIN, Number, VersionId};
use crate::place::Place;
use crate::request::SaveOptions;
use crate::store::VersionedStore;

/// What is known of versions beside their documents, by item and number.
pub(super) type Notes<'a> = HashMap<(&'a str, u64), &'a VersionNote>;

/// The facts that an imported version keeps of what it was.
const NUMBER: &str = "truthound.version";
const CHECKSUM: &str = "truthound.checksum";

/// A history of Truthound's.
struct Task<'a, T> {
    source: &'a VersionedStore<T>,
    place: &'a Place,
    numbers: &'a [u64],
    mode: VersioningMode,
    notes: &'a Notes<'a>,
    /// The current document, and when it was written.
    current: (Record, Timestamp),
}

/// A version as it was read.
struct Read {
    record: Record,
    time: Timestamp,
    said: SaveOptions,
}

impl<T: Store> Task<'_, T> {
    fn item(&self) -> &str {
        self.place.item.id()
    }

    fn key(&self, number: u64) -> Result<Key> {
        Key::new(self.place.item.collection().clone(), &id_of(self.item(), number))
    }

    /// Reads a version, as a document under the item's id, and checks it.
    async fn read(&self, number: u64) -> Result<Read> {
        let stored = self.source.inner.get_opts(&self.key(number)?, GetOptions::default()).await?;
        let saved_at = stored.meta.saved_at;
        let text = renamed(stored.into_body()?.as_bytes(), self.item())?;
        let record =
            Record::from_body(Collection::RESULTS, Body::from_canonical(text), &self.source.reading)?;
        let mut said = SaveOptions::new().with_metadata(NUMBER, number.to_string());
        let mut time = saved_at;
        if let Some(note) = self.notes.get(&(self.item(), number)) {
            if let (Some(algorithm), Some(checksum)) = (note.check(record.body.as_bytes())?, &note.checksum) {
                said = said.with_metadata(CHECKSUM, format!("{algorithm}:{checksum}"));
            }
            said.message.clone_from(&note.message);
            said.author.clone_from(&note.created_by);
            said.metadata.extend(note.metadata.clone());
            time = note.created_at.unwrap_or(saved_at);
        }
        Ok(Read { record, time, said })
    }
}

/// A history under construction.
struct Story<'a> {
    config: &'a VersioningConfig,
    ids: HashSet<VersionId>,
    sums: Vec<truthound_stores_core::Checksum>,
    base: Option<Head>,
    previous: Option<Body>,
}

impl<S: Store> VersionedStore<S> {
    /// Imports what Truthound wrote of an item.
    pub(super) async fn import_numbered<T: Store>(
        &self,
        source: &VersionedStore<T>,
        key: &Key,
        numbers: &[u64],
        notes: &Notes<'_>,
        options: &ImportOptions,
    ) -> Result<Done> {
        let mut done = Done::new(key);
        let (place, mode) =
            (Place::of(key), options.mode.unwrap_or_else(|| mode_of(numbers, self.config.mode)));
        let read = source.get_opts(key, GetOptions::default()).await;
        let current = match read.and_then(|stored| Ok((stored.meta.saved_at, stored.into_record()?))) {
            Ok((saved_at, record)) => (record, saved_at),
            // Without a document of their own, they are documents like others.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(done),
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                done.leave_out(key, numbers)?;
                return Ok(done.with(Ending::Unreadable, CopyProblem::Unreadable, error.at(key)));
            }
            Err(error) => return Err(error),
        };
        done.leave_out(key, numbers)?;
        let task = Task { source, place: &place, numbers, mode, notes, current };
        let _turn = self.turn(&place).await;
        match self.carry_out(&task, options, &mut done).await {
            Ok(()) => Ok(done),
            // What is wrong with one item stops no other.
            Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Corrupt) => {
                Ok(done.with(Ending::Refused, CopyProblem::Refused, error.at(key)))
            }
            Err(error) => Err(error),
        }
    }

    async fn carry_out<T: Store>(
        &self,
        task: &Task<'_, T>,
        options: &ImportOptions,
        done: &mut Done,
    ) -> Result<()> {
        let place = task.place;
        for _ in 0..ATTEMPTS {
            let known = self.written(place).await?;
            let current = self.current(place, false).await?;
            if let (Current::Absent { removal: Some(removal), .. }, false) = (&current, options.dry_run) {
                self.finish(place, removal).await?;
                continue;
            }
            let is_new = matches!(current, Current::Absent { last: None, .. });
            let mut told = Done::new(&done.key);
            let mut pen = Pen::new(&self.inner, place, options.dry_run);
            // Where nothing is there yet, one pass is enough.
            let line = self.tell(task, &known, None, is_new.then_some(&mut pen), &mut told).await?;
            let standing = self.standing(place, &line).await?;
            let over = match &standing {
                Standing::New => None,
                Standing::Behind(over) => {
                    if !is_new {
                        told = Done::new(&done.key);
                        self.tell(task, &known, over.as_ref(), Some(&mut pen), &mut told).await?;
                    }
                    over.clone()
                }
                settled => {
                    done.take(told);
                    return Self::settled(place, settled, options, done);
                }
            };
            pen.flush().await?;
            told.counts.versions = pen.written;
            if options.dry_run || self.seal(place, &line, over, None).await? {
                done.take(told);
                done.ending = if standing == Standing::New { Ending::Imported } else { Ending::Continued };
                if !options.dry_run {
                    self.look_again(place, &line, done).await?;
                }
                return Ok(());
            }
        }
        Err(super::seal::busy(place))
    }

    /// Reads Truthound's versions in order, decides what becomes of each, and writes with `pen` what is not known.
    async fn tell<T: Store>(
        &self,
        task: &Task<'_, T>,
        known: &HashMap<VersionId, Facts>,
        over: Option<&Revision>,
        mut pen: Option<&mut Pen<'_, S>>,
        told: &mut Done,
    ) -> Result<Line> {
        let config = self.config.clone().with_mode(task.mode);
        let last = if counts(task.mode) {
            task.numbers.last().copied().unwrap_or_default()
        } else {
            task.numbers.len() as u64
        };
        // What would be cleaned up at once need not be written.
        let floor = if config.auto_cleanup { wanted_floor(&config, last) } else { 1 };
        let mut story =
            Story { config: &config, ids: HashSet::new(), sums: Vec::new(), base: None, previous: None };
        for (from, to) in gaps(task.mode, task.numbers) {
            told.counts.missing = told.counts.missing.saturating_add(to - from + 1);
            let which =
                if from == to { format!("version {from}") } else { format!("versions {from} to {to}") };
            let error = Error::new(
                ErrorKind::NotFound,
                format!("{which} of it, between others, cannot be found: deleted or lost"),
            );
            told.tell(CopyProblem::Missing, error.at(&task.place.item));
        }
        for (at, given) in task.numbers.iter().enumerate() {
            let read = match task.read(*given).await {
                Ok(read) => read,
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Corrupt | ErrorKind::NotFound | ErrorKind::Unsupported
                    ) =>
                {
                    told.counts.damaged += 1;
                    let error = error.at(&task.key(*given)?).with("version", given.to_string());
                    told.tell(CopyProblem::Unreadable, error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let after = story.base.as_ref().map(|base| base.created_at);
            let number = number(task.mode, *given, at, read.time, after);
            let draft = Draft::new(Origin::Import, Some(read.record), read.said);
            let pen = if number.ordinal < floor { None } else { pen.as_deref_mut() };
            let is_kept = number.ordinal >= floor;
            self.add(task.place, &mut story, number, &draft, "import", known, over, pen).await?;
            if let Some(base) = story.base.as_mut().filter(|_| !is_kept) {
                // Its content is not there to be shared.
                base.sum = None;
            }
        }
        let (record, saved_at) = &task.current;
        let sum = short_sum(&record.body.checksum());
        if story.base.as_ref().is_none_or(|base| base.sum != sum) {
            // Truthound counts from 1 again in each process, and others may have written the document: what stands there is the latest.
            let before = story.base.as_ref().map(Before::from);
            let number = Number::after(before.as_ref(), task.mode, Bump::default(), *saved_at)?;
            let draft = Draft::new(Origin::Outside, Some(record.clone()), SaveOptions::new());
            self.add(task.place, &mut story, number, &draft, "current", known, over, pen).await?;
        }
        let Story { ids, sums, base, .. } = story;
        let head = base.ok_or_else(|| Error::invalid("there is no version of it"))?;
        Ok(Line { ids, sums, head, last: Last::Document(Box::new(record.clone())) })
    }

    /// Adds a version to a history.
    #[allow(clippy::too_many_arguments, reason = "private, and each is of another kind")]
    async fn add(
        &self,
        place: &Place,
        story: &mut Story<'_>,
        number: Number,
        draft: &Draft,
        what: &str,
        known: &HashMap<VersionId, Facts>,
        over: Option<&Revision>,
        pen: Option<&mut Pen<'_, S>>,
    ) -> Result<()> {
        draft.options.validate()?;
        let body = draft.record.as_ref().map(|record| record.body.clone());
        let sum = body.as_ref().map(Body::checksum).as_ref().and_then(short_sum);
        let parent = story.base.as_ref().map(|base| base.id.to_string()).unwrap_or_default();
        let text = sum.map(|sum| sum.to_string()).unwrap_or_default();
        let nonce = nonce(place, what, &text, &parent);
        let id = VersionId { ordinal: number.ordinal, nonce };
        // What an earlier import wrote stays as it is.
        let head = if let Some(facts) = known.get(&id) {
            facts.head()
        } else {
            let ground = Ground {
                config: story.config,
                place,
                branch: MAIN,
                base: story.base.as_ref(),
                over,
                reading: &self.reading,
                now: number.created_at,
                nonce,
            };
            let sheet = ground.compose_as(number, draft, story.previous.as_ref())?;
            if let Some(pen) = pen {
                pen.write(sheet.to_record(place)?).await?;
            }
            sheet.facts.head()
        };
        story.ids.insert(id);
        story.sums.extend(sum);
        story.base = Some(head);
        story.previous = body;
        Ok(())
    }
}

impl Done {
    /// Keeps the documents of versions from being copied as documents.
    fn leave_out(&mut self, key: &Key, numbers: &[u64]) -> Result<()> {
        for number in numbers {
            self.counts.left_out.insert(Key::new(key.collection().clone(), &id_of(key.id(), *number))?);
        }
        Ok(())
    }
}
