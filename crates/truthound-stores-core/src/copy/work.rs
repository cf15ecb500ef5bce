//! Carries a copy out: reads documents some at once, writes them in batches, and counts.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_core::Stream;
use futures_util::{StreamExt, future, stream};

use super::join::{Join, Listed};
use super::plan::{Step, There, decide};
use super::{CopyIssue, CopyOptions, CopyProblem, CopyReport, CopyWatch, OnConflict};
use crate::{
    Capabilities, Error, ErrorKind, Key, PutMode, PutOptions, Query, Record, RecordMeta, Result, Store,
    StoreExt, Stored, Written,
};

/// How often a document is tried that others write at the same time.
const ATTEMPTS: u32 = 5;
/// How many documents with problems are remembered until the comparison.
const REMEMBERED: usize = 10_000;

/// A copy under way.
pub(super) struct Work<'a> {
    pub(super) hands: Hands<'a>,
    watch: &'a dyn CopyWatch,
    /// What the query finds, and what was left out of it so far.
    total: Option<u64>,
    passed: Arc<AtomicU64>,
    pub(super) report: CopyReport,
    /// The documents that `watch` heard of.
    pub(super) reported: HashSet<Key>,
}

/// What is done with single documents; shared by all that is under way at once.
#[derive(Clone, Copy)]
pub(super) struct Hands<'a> {
    pub(super) source: &'a dyn Store,
    pub(super) target: &'a dyn Store,
    pub(super) query: &'a Query,
    pub(super) options: &'a CopyOptions,
    can: Capabilities,
}

/// What became of a document.
#[derive(Debug)]
pub(super) enum Outcome {
    Copied { bytes: u64 },
    Overwritten { bytes: u64 },
    Equal,
    Kept,
    Gone,
    Issue(CopyIssue),
}

/// A document on its way.
#[derive(Debug)]
enum Prepared {
    Done(Outcome),
    /// It was read, and the target has nothing under its key as far as is known.
    New(Box<Record>),
    /// It was read, and the target has this.
    Over(Box<Record>, There),
}

/// What is written at once, and what needs no writing.
#[derive(Debug, Default)]
struct Batch {
    done: Vec<Outcome>,
    new: Vec<Record>,
    over: Vec<(Record, There)>,
    is_last: bool,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        source: &'a dyn Store,
        target: &'a dyn Store,
        query: &'a Query,
        options: &'a CopyOptions,
        watch: &'a dyn CopyWatch,
        total: Option<u64>,
    ) -> Self {
        let can = target.info().capabilities;
        let hands = Hands { source, target, query, options, can };
        let (passed, report, reported) = Default::default();
        Self { hands, watch, total, passed, report, reported }
    }

    pub(super) fn into_report(self) -> CopyReport {
        self.report
    }

    /// Copies what the query finds. While one batch is written, the next one is read.
    pub(super) async fn copy_all(&mut self) -> Result<()> {
        let hands = self.hands;
        let join = Join::new(hands.source, hands.target, hands.query, &hands.options.leave_out);
        self.passed = join.passed();
        let listed =
            stream::try_unfold(join, async |mut join| Ok(join.next().await?.map(|listed| (listed, join))));
        let prepared = listed.map(move |listed| hands.prepare(listed)).buffered(hands.options.concurrency);
        let mut prepared = pin!(prepared);
        let mut ready = Batch::default();
        loop {
            let is_last = ready.is_last;
            let next = async {
                if is_last {
                    Ok(Batch { is_last, ..Batch::default() })
                } else {
                    hands.batch(&mut prepared).await
                }
            };
            let ((outcomes, written), next) = future::join(hands.write(ready), next).await;
            for outcome in outcomes {
                self.count(outcome);
            }
            written?;
            if is_last {
                return Ok(());
            }
            ready = next?;
        }
    }

    pub(super) fn count(&mut self, outcome: Outcome) {
        let report = &mut self.report;
        report.documents += 1;
        match outcome {
            Outcome::Copied { bytes } => {
                report.copied += 1;
                report.bytes += bytes;
            }
            Outcome::Overwritten { bytes } => {
                report.overwritten += 1;
                report.bytes += bytes;
            }
            Outcome::Equal => report.equal += 1,
            Outcome::Kept => report.kept += 1,
            Outcome::Gone => report.gone += 1,
            Outcome::Issue(issue) => self.tell(issue),
        }
        self.advance("copying", self.report.documents);
    }

    pub(super) fn advance(&self, doing: &'static str, done: u64) {
        let passed = self.passed.load(Ordering::Relaxed);
        self.watch.advance(doing, done, self.total.map(|total| total.saturating_sub(passed)));
    }

    /// Tells whoever watches, and remembers it for the comparison.
    pub(super) fn tell(&mut self, issue: CopyIssue) {
        match issue.problem {
            CopyProblem::Conflict => self.report.conflicts += 1,
            CopyProblem::Unreadable => self.report.unreadable += 1,
            CopyProblem::Refused => self.report.refused += 1,
            CopyProblem::Differs | CopyProblem::Missing => {}
        }
        if let Some(key) = issue.error.key().filter(|_| self.remembers_all()) {
            self.reported.insert(key.clone());
        }
        self.watch.issue(issue);
    }

    /// Tells whether no document with a problem was forgotten.
    pub(super) fn remembers_all(&self) -> bool {
        self.reported.len() < REMEMBERED
    }
}

impl Hands<'_> {
    /// Decides what a listed document needs, and reads it if it is to be written.
    async fn prepare(self, listed: Result<Listed>) -> Result<Prepared> {
        let (meta, target) = match listed? {
            Listed::Document { source, target } => (source, target),
            Listed::Damaged(error) => return Ok(unreadable(error)),
        };
        // A dry run has to look where a copy would be told by the target, and so has whoever cannot ask it to create only.
        let there = match target {
            Some(target) => There::Document(target),
            None if self.options.dry_run || !self.can.create_only => self.there(&meta.key).await?,
            None => There::Nothing,
        };
        let step = decide(&meta.checksum, &meta.attributes, &there, self.options.on_conflict);
        match step {
            Step::Equal => return Ok(Prepared::Done(Outcome::Equal)),
            Step::Keep => return Ok(Prepared::Done(Outcome::Kept)),
            Step::Refuse => return Ok(Prepared::Done(Outcome::Issue(conflict(&meta.key, &there)))),
            Step::Create if self.options.dry_run => {
                return Ok(Prepared::Done(Outcome::Copied { bytes: meta.size }));
            }
            Step::Overwrite(_) if self.options.dry_run => {
                return Ok(Prepared::Done(Outcome::Overwritten { bytes: meta.size }));
            }
            Step::Create | Step::Overwrite(_) => {}
        }
        let record = match self.source.read(&meta.key).await.and_then(Stored::into_record) {
            Ok(record) => Box::new(record),
            Err(error) => return self.not_read(&meta, error).await,
        };
        Ok(match there {
            There::Nothing if self.can.create_only => Prepared::New(record),
            there => Prepared::Over(record, there),
        })
    }

    /// Says what is to be done about a document that could not be read.
    async fn not_read(self, meta: &RecordMeta, error: Error) -> Result<Prepared> {
        match error.kind() {
            // Deleted since it was listed, unless the store still says that there is one.
            ErrorKind::NotFound => match self.source.head(&meta.key).await {
                Ok(_) => {
                    Ok(unreadable(Error::corrupt("it is listed, but its text is missing").at(&meta.key)))
                }
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Prepared::Done(Outcome::Gone)),
                Err(error) => Err(error),
            },
            ErrorKind::Corrupt => Ok(unreadable(error.at(&meta.key))),
            // Its own permissions, or a bad block of the disk; unless nothing can be read any more.
            ErrorKind::Denied | ErrorKind::Unavailable if self.source.check().await.is_ok() => {
                Ok(unreadable(error.at(&meta.key)))
            }
            _ => Err(error),
        }
    }

    /// Asks the target what it has under a key.
    pub(super) async fn there(self, key: &Key) -> Result<There> {
        match self.target.head(key).await {
            Ok(meta) => Ok(There::Document(Box::new(meta))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(There::Nothing),
            Err(error) if error.kind() == ErrorKind::Corrupt => Ok(There::Damaged),
            Err(error) => Err(error),
        }
    }

    /// Puts the next batch together.
    async fn batch(self, prepared: &mut (impl Stream<Item = Result<Prepared>> + Unpin)) -> Result<Batch> {
        let mut batch = Batch::default();
        let (mut documents, mut bytes) = (0, 0_usize);
        while documents < self.options.batch_documents && bytes < self.options.batch_bytes {
            let Some(next) = prepared.next().await else {
                batch.is_last = true;
                break;
            };
            documents += 1;
            let mut add = |record: &Record| bytes = bytes.saturating_add(record.body.as_bytes().len());
            match next? {
                Prepared::Done(outcome) => batch.done.push(outcome),
                Prepared::New(record) => {
                    add(&record);
                    batch.new.push(*record);
                }
                Prepared::Over(record, there) => {
                    add(&record);
                    batch.over.push((*record, there));
                }
            }
        }
        Ok(batch)
    }

    /// Writes a batch; gives what became of each document, as far as it came, and what stopped it.
    async fn write(self, batch: Batch) -> (Vec<Outcome>, Result<()>) {
        let Batch { done: mut outcomes, new, over, .. } = batch;
        let written = self.write_all(new, over, &mut outcomes).await;
        (outcomes, written)
    }

    async fn write_all(
        self,
        new: Vec<Record>,
        over: Vec<(Record, There)>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<()> {
        let mut stopped = None;
        let mut contested: Vec<(Record, Option<There>)> =
            over.into_iter().map(|(record, there)| (record, Some(there))).collect();
        if !new.is_empty() {
            let answers = self.target.put_many(new.clone(), PutOptions::create()).await;
            for (record, answer) in new.into_iter().zip(answers) {
                match answer {
                    Ok(written) => outcomes.push(written_well(&record, &written, false)),
                    // It is there, but was not listed at its place.
                    Err(error) if error.kind() == ErrorKind::Conflict => {
                        contested.push((record, None));
                    }
                    Err(error) => match not_taken(&record.key, error) {
                        Ok(outcome) => outcomes.push(outcome),
                        // The others of the batch may be written all the same, and are counted.
                        Err(error) => stopped = stopped.or(Some(error)),
                    },
                }
            }
        }
        if let Some(error) = stopped {
            return Err(error);
        }
        let settling = contested.into_iter().map(|(record, there)| self.settle(record, there));
        let mut settled = stream::iter(settling).buffer_unordered(self.options.concurrency);
        while let Some(outcome) = settled.next().await {
            outcomes.push(outcome?);
        }
        Ok(())
    }

    /// Writes a document against what the target has, as often as others get in between.
    async fn settle(self, record: Record, known: Option<There>) -> Result<Outcome> {
        let mut there = match known {
            Some(there) => there,
            None => self.there(&record.key).await?,
        };
        for _ in 0..ATTEMPTS {
            let step = decide(&record.body.checksum(), &record.attributes, &there, self.options.on_conflict);
            let (mode, over) = match step {
                Step::Equal => return Ok(Outcome::Equal),
                Step::Keep => return Ok(Outcome::Kept),
                Step::Refuse => return Ok(Outcome::Issue(conflict(&record.key, &there))),
                Step::Create if self.can.create_only => (PutMode::Create, false),
                Step::Create => (PutMode::Upsert, false),
                Step::Overwrite(Some(revision)) if self.can.compare_and_swap => {
                    (PutMode::Replace(revision), true)
                }
                Step::Overwrite(_) => (PutMode::Upsert, true),
            };
            match self.target.put_opts(record.clone(), PutOptions::default().with_mode(mode)).await {
                Ok(written) => return Ok(written_well(&record, &written, over)),
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    there = self.there(&record.key).await?;
                }
                Err(error) => return not_taken(&record.key, error),
            }
        }
        let error =
            Error::new(ErrorKind::Conflict, "others write it in the target again and again: copy once more");
        Ok(Outcome::Issue(CopyIssue::new(CopyProblem::Conflict, error.at(&record.key))))
    }

    /// Tells whether a document that the target has otherwise is as the caller wanted it.
    pub(super) fn keeps(self) -> bool {
        self.options.on_conflict == OnConflict::Keep
    }
}

fn unreadable(error: Error) -> Prepared {
    Prepared::Done(Outcome::Issue(CopyIssue::new(CopyProblem::Unreadable, error)))
}

fn conflict(key: &Key, there: &There) -> CopyIssue {
    let says = match there {
        There::Damaged => "the target has a damaged document of this id",
        _ => "the target has another document of this id",
    };
    CopyIssue::new(CopyProblem::Conflict, Error::new(ErrorKind::Conflict, says).during("copy").at(key))
}

/// Takes an acknowledgement, unless it is of another text.
fn written_well(record: &Record, written: &Written, over: bool) -> Outcome {
    if !written.meta.checksum.matches(&record.body.checksum()) {
        let error = Error::corrupt("the target acknowledged another text than it was given").at(&record.key);
        return Outcome::Issue(CopyIssue::new(CopyProblem::Refused, error));
    }
    let bytes = record.body.as_bytes().len() as u64;
    if over { Outcome::Overwritten { bytes } } else { Outcome::Copied { bytes } }
}

/// Says what is to be done about a document that was not written: what is wrong with the document itself stops no other.
fn not_taken(key: &Key, error: Error) -> Result<Outcome> {
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::Unsupported | ErrorKind::Corrupt => {
            Ok(Outcome::Issue(CopyIssue::new(CopyProblem::Refused, error.at(key))))
        }
        _ => Err(error.at(key)),
    }
}
