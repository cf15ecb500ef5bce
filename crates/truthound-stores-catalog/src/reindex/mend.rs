//! Looking at documents that are in question, and putting the rows that they lack.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use truthound_stores_core::{Error, ErrorKind, Key, Result};

use super::Rebuilder;
use super::judge::{Case, Said, Verdict};
use super::read::{Read, read};
use crate::clean_up::crowded;
use crate::flaw::Flaws;
use crate::fold::{commit, follow};
use crate::horizon::Moment;
use crate::name;
use crate::root::lot;
use crate::row::{Change, Row};
use crate::write::settle::Due;

/// So many documents are looked at at a time.
const AT_ONCE: usize = 32;
/// So many rows are put as one object.
const TOGETHER: usize = 1_000;
/// How often somebody else may be faster.
const ATTEMPTS: u32 = 8;
const LOOKING: &str = "looking at documents in question";

/// What was found of a document.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) key: Option<Key>,
    pub(crate) said: Said,
}

/// A document that was looked at, and since when its objects were.
struct Judged {
    /// Its id, as far as anything says it.
    id: Option<String>,
    verdict: Verdict,
    /// Whether one of its names is closed.
    closed: bool,
    since: Moment,
}

impl Rebuilder<'_> {
    /// Looks at documents by the rows that count now, and at their objects after that; with `puts`, puts the rows that they lack. Gives what there is
    /// to say, by the order of their names.
    ///
    /// # Errors
    /// Outages; with `puts`, what keeps rows from being put.
    pub(crate) async fn look_at(
        &self,
        stems: BTreeSet<String>,
        suffixes: &[String],
        puts: bool,
    ) -> Result<Vec<Looked>> {
        if stems.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows_of(&stems).await?;
        let total = stems.len() as u64;
        let cases = stems.into_iter().map(|stem| {
            let of = rows.get(&stem).cloned().unwrap_or_default();
            self.case(stem, of, suffixes)
        });
        let mut judging = stream::iter(cases).buffered(AT_ONCE);
        let (mut looked, mut done, mut dues, mut known) = (Vec::new(), 0, Vec::new(), Vec::new());
        let mut oldest = None;
        while let Some(judged) = judging.next().await {
            let Judged { id, verdict, closed, since } = judged?;
            done += 1;
            self.progress.advance(LOOKING, done, Some(total));
            let Verdict { due, said } = verdict;
            let key = id.and_then(|id| Key::new(self.documents.form.collection.clone(), &id).ok());
            looked.extend(said.into_iter().map(|said| Looked { key: key.clone(), said }));
            if !puts {
                continue;
            }
            self.learn_suffixes(&due, &mut known).await?;
            if let Some(key) = &key {
                if closed {
                    self.documents.remove_closings(key).await?;
                }
                let newest = self.documents.names.known().newest().to_owned();
                dues.extend(due.into_iter().map(|row| {
                    // What comes too late is looked at again there; what is then not found, the next adoption finds.
                    let suffix = match &row.change {
                        Change::Put(facts) => facts.suffix.clone(),
                        Change::Delete => newest.clone(),
                    };
                    Due::new(key, row, &suffix, since)
                }));
                oldest.get_or_insert(since);
            }
            let waits = oldest.is_some_and(|oldest| is_old(Moment::now(&*self.wire.clock), oldest));
            if dues.len() >= TOGETHER || waits {
                self.documents.settle(std::mem::take(&mut dues)).await?;
                oldest = None;
            }
        }
        self.documents.settle(dues).await?;
        Ok(looked)
    }

    /// Collects the rows of documents, by their stems.
    async fn rows_of(&self, stems: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<Row>>> {
        let folds_case = self.documents.form.folds_case;
        self.view(BTreeMap::new, |rows: &mut BTreeMap<String, Vec<Row>>, seen| {
            let stem = name::stem(&seen.row.id, folds_case);
            if stems.contains(&stem) {
                rows.entry(stem).or_default().push(seen.row);
            }
        })
        .await
    }

    /// Reads the objects of a document under all suffixes, and judges it.
    async fn case(&self, stem: String, rows: Vec<Row>, suffixes: &[String]) -> Result<Judged> {
        let since = Moment::now(&*self.wire.clock);
        let (mut case, mut closed) = (Case { rows, ..Case::default() }, false);
        let others = case.rows.iter().filter_map(|row| match &row.change {
            Change::Put(facts) => Some(facts.suffix.clone()),
            Change::Delete => None,
        });
        let mut ends = suffixes.to_vec();
        for other in others {
            if !ends.contains(&other) {
                ends.push(other);
            }
        }
        for end in ends {
            match read(self.documents, &stem, &end).await? {
                Read::Object(object) => case.objects.push((end, *object)),
                Read::Absent => {}
                Read::Closed => closed = true,
                Read::Unreadable(error) => case.unreadable.push(error),
            }
        }
        let spelt = name::spelt(&stem, self.documents.form.folds_case);
        let told = case.rows.iter().chain(case.objects.iter().map(|(_, object)| &object.row)).next();
        let id = told.map(|row| row.id.clone()).or_else(|| spelt.map(str::to_owned));
        Ok(Judged { id, verdict: case.judge(), closed, since })
    }

    /// Lets the root know the ends of the names of documents that are taken up, before their rows say so.
    async fn learn_suffixes(&self, due: &[Row], known: &mut Vec<String>) -> Result<()> {
        let new: BTreeSet<&String> = due
            .iter()
            .filter_map(|row| match &row.change {
                Change::Put(facts) => Some(&facts.suffix),
                Change::Delete => None,
            })
            .filter(|suffix| !known.contains(suffix))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let (shelf, clock) = (self.library.shelf(), &*self.wire.clock);
        for attempt in 1..=ATTEMPTS {
            if attempt > 1 {
                self.documents.bucket.pause(attempt, None).await;
            }
            let Some(seen) = shelf.root(None).await? else {
                return Err(Error::new(ErrorKind::Unavailable, "the catalog's root has gone: reindex again"));
            };
            seen.root.check_writable()?;
            let id = lot(clock);
            let mut next = follow(&seen, clock, &id);
            let unknown = new.iter().filter(|suffix| !seen.root.suffixes.contains(**suffix));
            next.suffixes.extend(unknown.map(|suffix| (*suffix).clone()));
            if next.suffixes.len() > seen.root.suffixes.len() {
                shelf.keep(&seen.root).await?;
                if !commit(shelf, &seen, &next, &id, Flaws::default()).await? {
                    continue;
                }
            }
            known.clone_from(&next.suffixes);
            return Ok(());
        }
        Err(crowded("take up documents under a new ending"))
    }
}

/// Rows are put before what they rest on is too old for that: a third of the horizon leaves time for putting them again and again.
fn is_old(now: Moment, since: Moment) -> bool {
    now.since(since) > crate::horizon::S / 3
}
