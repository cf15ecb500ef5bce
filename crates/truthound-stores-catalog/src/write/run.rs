//! Carries out one operation on one document, up to the row that is due for it.

use truthound_stores_core::{Error, ErrorKind, Key, Result, Revision, Timestamp};

use crate::bucket::Outcome;
use crate::document::Object;
use crate::document::draft::{self, Draft};
use crate::document::metadata::extended;
use crate::document::read::Seen;
use crate::horizon::Moment;
use crate::row::{Before, Change, Row};
use crate::state::{State, nonce};
use crate::suffix::search::{Quest, Under};
use crate::write::Documents;
use crate::write::decide::{Answer, Attempt, Look, Operation, Step, Wish};
use crate::write::ground::{Current, Ground, Trouble};
use crate::write::settle::Due;

/// What is to be put under a document's name.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Save(Box<Draft>),
    Delete,
}

/// One operation on one document.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) key: Key,
    pub(crate) subject: Subject,
    pub(crate) wish: Wish,
    pub(crate) known: bool,
}

/// What an operation came to; to be told once the row is in the tail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Saved {
        state: State,
        size: u64,
        replaced: Option<Revision>,
    },
    /// The document exists, or is another revision.
    Conflict,
    /// It is deleted: by us, or not.
    Deleted(bool),
}

/// An operation that is done but for its row.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) verdict: Verdict,
    pub(crate) due: Option<Due>,
}

/// What an attempt was, beside what decisions need.
#[derive(Clone, Debug)]
struct Sent {
    size: u64,
    before: Option<Before>,
    replaced: Option<Revision>,
    suffix: String,
}

impl Documents {
    /// Carries out an operation, but for its row.
    pub(crate) async fn run(&self, job: &Job) -> Result<Done> {
        let clock = self.bucket.clock();
        // One for all attempts: by it we know our own work again.
        let nonce = nonce(clock);
        let began = Moment::now(clock);
        let mut operation = Operation::new(job.wish.clone(), job.known, nonce);
        let (mut sent, mut current) = (Vec::new(), Current::default());
        let (mut ground, mut trouble) = (Ground::default(), Trouble::default());
        loop {
            let now = Moment::now(clock);
            let seen = operation.look.as_ref().and_then(|look| look.seen.clone());
            let step = operation.next(now);
            let known = self.names.known();
            let old = self.names.is_old(&known, now);
            let quest = match (&step, &ground.target) {
                (Step::Read, target) => {
                    if operation.look.take().is_some() {
                        ground.search.forget();
                    }
                    match target {
                        Some(target) => Quest::Read(target.clone()),
                        None => ground.search.find(&known, old, None),
                    }
                }
                (Step::Create, _) => ground.search.create(&known, old, now),
                (Step::Over, Some(target)) => Quest::Here(target.clone()),
                (Step::Ours(at), _) => return ours(job, &operation, &sent, *at),
                (Step::Conflict { row }, target) => {
                    let found = current.whole.as_ref().filter(|_| *row);
                    let due = found.map(|found| {
                        let since = read_at(&operation, now);
                        Due::new(&job.key, found.row(&job.key), target.as_deref().unwrap_or_default(), since)
                    });
                    return Ok(Done { verdict: Verdict::Conflict, due });
                }
                (Step::NotThere { row }, target) => {
                    let mark = seen.filter(|_| *row);
                    let due = mark.map(|mark| {
                        let since = read_at(&operation, now);
                        let suffix = target.as_deref().unwrap_or_default();
                        Due::new(&job.key, mark.tombstone(&job.key), suffix, since)
                    });
                    return Ok(Done { verdict: Verdict::Deleted(false), due });
                }
                (Step::Gone, _) => return Ok(Done { verdict: Verdict::Deleted(true), due: None }),
                (Step::GiveUp { unknown }, _) => return Err(too_late(*unknown)),
                (Step::Over, None) => return Err(lost("a document was read under no name")),
            };
            let asked = match &quest {
                Quest::Learn => self.names.refresh(clock).await.map(|()| ground.search.learnt()),
                Quest::Read(suffix) => {
                    let read = self.read(job, suffix, &mut ground, now).await;
                    read.map(|there| {
                        if ground.target.as_ref() == Some(suffix) {
                            // Where it was, there is nothing now.
                            let gone = || (Look { seen: None, at: now }, Current::default());
                            let (look, found) = there.unwrap_or_else(gone);
                            operation.look = Some(look);
                            current = found;
                        }
                    })
                }
                Quest::Close(suffix) => match self.close(job, suffix, &mut ground, &mut trouble).await {
                    Ok(Some(error)) if !self.is_patient(&error, began) => Err(error),
                    closed => closed.map(drop),
                },
                Quest::Nowhere => {
                    operation.look = Some(Look { seen: None, at: now });
                    continue;
                }
                Quest::Here(suffix) => {
                    let there = matches!(ground.search.under(suffix), Some(Under::Mark | Under::Live));
                    if there && step != Step::Over {
                        let (look, found) = ground
                            .reads
                            .get(suffix)
                            .cloned()
                            .ok_or_else(|| lost("a document was found that was never read"))?;
                        ground.target = Some(suffix.clone());
                        operation.look = Some(look);
                        current = found;
                        continue;
                    }
                    let base = seen.filter(|_| step == Step::Over);
                    let put = self.attempt(job, nonce, base.as_ref(), suffix, &mut ground)?;
                    let closing = ground.closing(suffix);
                    let path = self.path_under(&job.key, suffix)?;
                    // A closed name is an empty one to whoever knows as much as who has closed it.
                    let over = if base.is_some() { current.handle.clone() } else { closing };
                    let answer = match over {
                        None => self.bucket.create(&path, &put.object).await,
                        Some(seen) => self.bucket.replace_if(&path, &put.object, &seen).await,
                    };
                    let answer = answer.map_err(|error| unsure(error, operation.is_open()))?;
                    ground.target = Some(suffix.clone());
                    operation.look = None;
                    operation.attempts.push(Attempt {
                        state: put.state,
                        base: base.map(|base| base.state),
                        sent: now,
                        answer: match &answer {
                            Outcome::Taken => Answer::Taken,
                            Outcome::Lost => Answer::Refused,
                            Outcome::Unknown(_) => Answer::Open,
                        },
                    });
                    sent.push(put.sent);
                    if let Some(error) = self.after(answer, &mut trouble).await
                        && !self.is_patient(&error, began)
                    {
                        return Err(unsure(error, true));
                    }
                    continue;
                }
            };
            match asked {
                Ok(()) => {}
                // Nobody else can tell what became of a put without an answer: it is worth waiting for.
                Err(error) if self.is_patient(&error, began) && operation.is_open() => {
                    trouble.unknown += 1;
                    self.bucket.pause(trouble.unknown, Some(&error)).await;
                }
                Err(error) => return Err(unsure(error, operation.is_open())),
            }
        }
    }

    fn is_patient(&self, error: &Error, began: Moment) -> bool {
        error.is_retryable() && Moment::now(self.bucket.clock()).since(began) <= self.patience
    }

    /// Prepares a put over what was read, or where nothing is.
    fn attempt(
        &self,
        job: &Job,
        nonce: u32,
        base: Option<&Seen>,
        suffix: &str,
        ground: &mut Ground,
    ) -> Result<Put> {
        let clock = self.bucket.clock();
        let (state, predecessors) = match base {
            None => (State::first(clock), Vec::new()),
            // The same incarnation, over a mark too: nothing else would order the new row and late ones of the old.
            Some(base) => (base.state.next(clock), extended(base.stamp(), &base.before)),
        };
        let (object, or) = match &job.subject {
            Subject::Save(draft) => {
                // What is there keeps its name, and with it its format.
                if draft.suffix() != suffix
                    && ground.moved.as_ref().is_none_or(|moved| moved.suffix() != suffix)
                {
                    ground.moved = Some(draft.moved(&self.form, suffix)?);
                }
                let moved = ground.moved.as_ref().filter(|moved| moved.suffix() == suffix);
                (moved.unwrap_or(draft).object(&self.form, state.by(nonce), predecessors), draft.place())
            }
            Subject::Delete => {
                let place = base.and_then(|base| base.place.clone());
                let since = base.map_or(Timestamp::UNIX_EPOCH, |base| base.state.saved_at());
                (draft::mark(&self.form, &job.key, state.by(nonce), predecessors, place), (String::new(), since))
            }
        };
        let sent = Sent {
            size: object.len(),
            before: base.map(|base| base.as_before(&or)),
            replaced: base.filter(|base| !base.deleted).map(|base| base.state.revision()),
            suffix: suffix.to_owned(),
        };
        Ok(Put { state, object, sent })
    }
}

/// A put that is ready to be sent.
struct Put {
    state: State,
    object: Object,
    sent: Sent,
}

/// An attempt was taken: its own row is due, even if the document has moved on.
fn ours(job: &Job, operation: &Operation, sent: &[Sent], at: usize) -> Result<Done> {
    let (Some(attempt), Some(put)) = (operation.attempts.get(at), sent.get(at)) else {
        return Err(Error::new(ErrorKind::Internal, "an attempt was taken that was never made"));
    };
    let (state, before) = (attempt.state, put.before.clone());
    let (verdict, row) = match &job.subject {
        Subject::Save(draft) => (
            Verdict::Saved { state, size: put.size, replaced: put.replaced.clone() },
            draft.row(&put.suffix, state, before, put.size),
        ),
        Subject::Delete => {
            let row = Row { id: job.key.id().to_owned(), state, before, change: Change::Delete };
            (Verdict::Deleted(true), row)
        }
    };
    Ok(Done { verdict, due: Some(Due::new(&job.key, row, &put.suffix, attempt.sent)) })
}

fn lost(what: &str) -> Error {
    Error::new(ErrorKind::Internal, what)
}

fn read_at(operation: &Operation, now: Moment) -> Moment {
    operation.look.as_ref().map_or(now, |look| look.at)
}

/// An error after a put without an answer says that its effect is unknown.
fn unsure(error: Error, open: bool) -> Error {
    if open { too_late(true).caused_by(error) } else { error }
}

fn too_late(unknown: bool) -> Error {
    let message = if unknown {
        "the store gave no clear answer in time: it is not known whether this was saved; read it to know"
    } else {
        "other writers were always faster: this was not saved"
    };
    Error::new(ErrorKind::Timeout, message)
}
