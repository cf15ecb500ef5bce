//! Histories of another versioned store: records are taken over as they are, under their names, so that versions, links and hashes stay the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use truthound_stores_core::{
    CopyProblem, Error, ErrorKind, GetOptions, Key, OnConflict, PutOptions, Record, Result, Revision, Store,
    Timestamp,
};

use super::line::{Last, Line, Standing};
use super::options::ImportOptions;
use super::pen::{Pen, nonce};
use super::report::{Done, Ending};
use super::seal::{ATTEMPTS, busy};
use crate::chain::LARGEST_PAGE;
use crate::draft::{Draft, Ground};
use crate::envelope::Sheet;
use crate::facts::{Facts, short_sum};
use crate::find::Current;
use crate::head::Head;
use crate::info::Origin;
use crate::number::{MAIN, VersionId};
use crate::place::Place;
use crate::refs::{self, END, Kind, Reference, Removes};
use crate::request::SaveOptions;
use crate::store::VersionedStore;

/// All that a versioned store has of an item.
struct Own {
    head: Head,
    ids: HashSet<VersionId>,
    sums: Vec<truthound_stores_core::Checksum>,
    last: Last,
    /// Whether the document was written past the versions, and when.
    outside: Option<Timestamp>,
    /// The records that the main line needs, in order.
    needed: BTreeSet<VersionId>,
    /// Branches and labels, each with the records that it needs.
    references: Vec<(Reference, BTreeSet<VersionId>)>,
}

/// Adds the records that versions need: their own, and those that hold their contents.
fn need(needed: &mut BTreeSet<VersionId>, facts: &Facts) {
    needed.insert(facts.id);
    if facts.info.origin != Origin::Deletion {
        needed.insert(facts.holder);
    }
}

impl<T: Store> VersionedStore<T> {
    /// Reads what there is of an item; none if it has no history.
    async fn own(&self, place: &Place) -> Result<Option<Own>> {
        let (head, last, outside) = match self.current(place, true).await? {
            Current::Absent { last: None, .. } => return Ok(None),
            Current::Absent { last: Some(_), .. } => {
                let end = refs::read(&self.inner, place, Kind::End, END).await?;
                let Some((end, _)) = end.filter(|(end, _)| end.removes == Removes::Nothing) else {
                    return Ok(None);
                };
                (end.head.clone(), Last::Deletion(Box::new(end)), None)
            }
            Current::Damaged { .. } => return Err(Error::corrupt("the document is damaged").at(&place.item)),
            Current::Present(present) => {
                let Some(head) = present.shown.clone() else { return Ok(None) };
                let body = present
                    .body
                    .clone()
                    .ok_or_else(|| Error::corrupt("the document is damaged").at(&place.item))?;
                let mut attributes = present.meta.attributes.clone();
                if present.spilled {
                    attributes.ext = self.spilled(place, head.id).await?;
                }
                let record = Record::new(place.item.clone(), attributes, body);
                (head, Last::Document(Box::new(record)), present.outside.then_some(present.meta.saved_at))
            }
        };
        let (mut ids, mut sums, mut needed) = (HashSet::new(), Vec::new(), BTreeSet::new());
        self.walk(place, &head, LARGEST_PAGE, |facts| {
            ids.insert(facts.id);
            sums.extend(facts.sum);
            need(&mut needed, &facts);
            true
        })
        .await?;
        let mut references = Vec::new();
        for reference in refs::all(&self.inner, place).await? {
            let mut needed = BTreeSet::new();
            match reference.kind {
                Kind::Label => need(&mut needed, &self.facts(place, reference.head.id).await?),
                Kind::Branch => {
                    self.walk(place, &reference.head, LARGEST_PAGE, |facts| {
                        need(&mut needed, &facts);
                        true
                    })
                    .await?;
                }
                Kind::End => continue,
            }
            references.push((reference, needed));
        }
        Ok(Some(Own { head, ids, sums, last, outside, needed, references }))
    }

    /// Reads a record, and checks all of it.
    async fn whole(&self, place: &Place, id: VersionId) -> Result<Sheet> {
        let stored = match self.inner.get_opts(&place.version(id)?, GetOptions::default()).await {
            Ok(stored) => stored,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(self.gone(place, id).await),
            Err(error) => return Err(error),
        };
        let sheet = Sheet::of(place, stored)?;
        let info = &sheet.facts.info;
        match &sheet.document {
            Some(document) if info.algorithm.hex(document.as_bytes()) != info.checksum => {
                Err(Error::corrupt(format!("the content of version {} is not what was saved", info.version))
                    .at(&place.item))
            }
            _ => Ok(sheet),
        }
    }
}

impl<S: Store> VersionedStore<S> {
    /// Imports what another versioned store has of an item.
    pub(super) async fn import_own<T: Store>(
        &self,
        source: &VersionedStore<T>,
        key: &Key,
        options: &ImportOptions,
    ) -> Result<Done> {
        let (place, mut done) = (Place::of(key), Done::new(key));
        let own = match source.own(&place).await {
            Ok(Some(own)) => own,
            Ok(None) => return Ok(done),
            Err(error) if matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::NotFound) => {
                return Ok(done.with(Ending::Unreadable, CopyProblem::Unreadable, error.at(key)));
            }
            Err(error) => return Err(error),
        };
        let _turn = self.turn(&place).await;
        match self.take_over(source, &place, &own, options, &mut done).await {
            Ok(()) => Ok(done),
            // What is wrong with one item stops no other.
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                Ok(done.with(Ending::Unreadable, CopyProblem::Unreadable, error.at(key)))
            }
            Err(error) if error.kind() == ErrorKind::Invalid => {
                Ok(done.with(Ending::Refused, CopyProblem::Refused, error.at(key)))
            }
            Err(error) => Err(error),
        }
    }

    async fn take_over<T: Store>(
        &self,
        source: &VersionedStore<T>,
        place: &Place,
        own: &Own,
        options: &ImportOptions,
        done: &mut Done,
    ) -> Result<()> {
        for _ in 0..ATTEMPTS {
            // Read before all else: who has written an end since may know of a newer version than ours, and ours must not hide it.
            let end = refs::read(&self.inner, place, Kind::End, END).await?;
            if end.as_ref().is_some_and(|(end, _)| end.removes != Removes::Nothing)
                && !options.dry_run
                && let Some(removal) = self.removal(place).await?
            {
                self.finish(place, &removal).await?;
                continue;
            }
            let end = end.map(|(_, revision)| revision);
            let known = self.written(place).await?;
            let mut pen = Pen::new(&self.inner, place, options.dry_run);
            let (line, extra) = self.line_of(place, own)?;
            let standing = self.standing(place, &line).await?;
            let over = match &standing {
                Standing::New => None,
                Standing::Behind(over) => over.clone(),
                settled => {
                    Self::settled(place, settled, options, done)?;
                    if matches!(settled, Standing::Same | Standing::Ahead) {
                        self.import_references(source, place, own, known, options, done).await?;
                    }
                    return Ok(());
                }
            };
            let mut known = known;
            self.fetch(source, place, &own.needed, over.as_ref(), &mut known, &mut pen).await?;
            if let Some(mut sheet) = extra.filter(|sheet| !known.contains_key(&sheet.facts.id)) {
                sheet.facts.over = over.as_ref().map(|over| over.as_str().to_owned());
                pen.write(sheet.to_record(place)?).await?;
            }
            pen.flush().await?;
            if options.dry_run || self.seal(place, &line, over, end).await? {
                done.counts.versions += pen.written;
                done.ending = if standing == Standing::New { Ending::Imported } else { Ending::Continued };
                if !options.dry_run {
                    self.look_again(place, &line, done).await?;
                }
                return self.import_references(source, place, own, known, options, done).await;
            }
        }
        Err(busy(place))
    }

    /// Decides the history that this store is to have: what came from outside becomes a version here.
    fn line_of(&self, place: &Place, own: &Own) -> Result<(Line, Option<Sheet>)> {
        let last = match &own.last {
            Last::Document(record) => Last::Document(record.clone()),
            Last::Deletion(end) => Last::Deletion(end.clone()),
        };
        let mut line = Line { ids: own.ids.clone(), sums: own.sums.clone(), head: own.head.clone(), last };
        let (Some(saved_at), Last::Document(record)) = (own.outside, &line.last) else {
            return Ok((line, None));
        };
        let sum = short_sum(&record.body.checksum());
        let text = sum.map(|sum| sum.to_string()).unwrap_or_default();
        let ground = Ground {
            config: &self.config,
            place,
            branch: MAIN,
            base: Some(&own.head),
            over: None,
            reading: &self.reading,
            now: saved_at,
            nonce: nonce(place, "current", &text, &own.head.id.to_string()),
        };
        let sheet = ground
            .compose(&Draft::new(Origin::Outside, Some((**record).clone()), SaveOptions::new()), None)?;
        line.ids.insert(sheet.facts.id);
        line.sums.extend(sum);
        line.head = sheet.facts.head();
        Ok((line, Some(sheet)))
    }

    /// Writes the records that are needed and not known, in order.
    async fn fetch<T: Store>(
        &self,
        source: &VersionedStore<T>,
        place: &Place,
        needed: &BTreeSet<VersionId>,
        over: Option<&Revision>,
        known: &mut HashMap<VersionId, Facts>,
        pen: &mut Pen<'_, S>,
    ) -> Result<()> {
        for id in needed {
            if known.contains_key(id) {
                continue;
            }
            let mut sheet = source.whole(place, *id).await?;
            // What was to be replaced when it was saved stands in the other store.
            sheet.facts.over = over.map(|over| over.as_str().to_owned());
            pen.write(sheet.to_record(place)?).await?;
            known.insert(*id, sheet.facts);
        }
        Ok(())
    }

    /// Takes over branches and labels.
    async fn import_references<T: Store>(
        &self,
        source: &VersionedStore<T>,
        place: &Place,
        own: &Own,
        mut known: HashMap<VersionId, Facts>,
        options: &ImportOptions,
        done: &mut Done,
    ) -> Result<()> {
        for (reference, needed) in &own.references {
            let (kind, name) = (reference.kind, reference.name.as_str());
            if kind == Kind::Branch && !self.config.enable_branching {
                let why = format!("the branch {name:?} is not imported: set enable_branching = true");
                done.tell(CopyProblem::Refused, Error::unsupported(why).at(&place.item));
                continue;
            }
            let there = refs::read(&self.inner, place, kind, name).await?;
            let opts = match &there {
                None => PutOptions::create(),
                Some((there, _)) if there.head.id == reference.head.id => continue,
                Some((there, revision)) if kind == Kind::Branch && needed.contains(&there.head.id) => {
                    PutOptions::replace(revision.clone())
                }
                Some((there, _)) => {
                    let ahead =
                        kind == Kind::Branch && self.leads_to(place, &there.head, reference.head.id).await?;
                    if !ahead && options.on_conflict != OnConflict::Keep {
                        done.tell(CopyProblem::Conflict, names_another(place, kind, name));
                    }
                    continue;
                }
            };
            let mut pen = Pen::new(&self.inner, place, options.dry_run);
            self.fetch(source, place, needed, None, &mut known, &mut pen).await?;
            pen.flush().await?;
            done.counts.versions += pen.written;
            if !options.dry_run {
                match self.inner.put_opts(reference.to_record(place)?, opts).await {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::Conflict => {
                        done.tell(CopyProblem::Conflict, names_another(place, kind, name));
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            match kind {
                Kind::Branch => done.counts.branches += 1,
                _ => done.counts.labels += 1,
            }
        }
        Ok(())
    }
}

fn names_another(place: &Place, kind: Kind, name: &str) -> Error {
    let what = format!("the {} {name:?} stands at another version there", kind.as_str());
    Error::new(ErrorKind::Conflict, what).at(&place.item)
}
