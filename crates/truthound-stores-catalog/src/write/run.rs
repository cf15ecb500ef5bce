//! Carries out one operation on one document, up to the row that is due for it.

use truthound_stores_core::{Error, ErrorKind, Key, Result, Revision, Timestamp};

use object_store::UpdateVersion;

use crate::bucket::Outcome;
use crate::document::Object;
use crate::document::draft::{self, Draft};
use crate::document::metadata::{Identity, extended};
use crate::document::read::{Found, Seen};
use crate::horizon::Moment;
use crate::row::{Before, Change, Row};
use crate::state::{Stamp, State, nonce};
use crate::write::Documents;
use crate::write::decide::{Answer, Attempt, Look, Operation, Step, Wish};
use crate::write::settle::Due;

/// After so many lost races a writer waits before the next: those who lose together would lose together again.
const CROWDED: u32 = 2;

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
}

/// What was read last.
#[derive(Debug, Default)]
struct Current {
    /// What a put over it is conditional on.
    handle: Option<UpdateVersion>,
    /// The whole document, where it was read whole and is not damaged.
    whole: Option<Found>,
}

impl Documents {
    /// Carries out an operation, but for its row.
    pub(crate) async fn run(&self, job: &Job) -> Result<Done> {
        let path = self.path(&job.key)?;
        let clock = self.bucket.clock();
        // One for all attempts: by it we know our own work again.
        let nonce = nonce(clock);
        let began = Moment::now(clock);
        let mut operation = Operation::new(job.wish.clone(), job.known, nonce);
        let (mut sent, mut current, mut lost, mut unknown) = (Vec::new(), Current::default(), 0, 0);
        loop {
            let now = Moment::now(clock);
            let seen = operation.look.as_ref().and_then(|look| look.seen.clone());
            let step = operation.next(now);
            match step {
                Step::Read => {
                    // A `Create` that is refused needs all of the document, for its row.
                    let whole = job.wish == Wish::Create;
                    let read =
                        if whole { self.bucket.get(&path).await } else { self.bucket.head(&path).await };
                    let read = match read {
                        Ok(read) => read,
                        // Nobody else can tell what became of a put without an answer: it is worth waiting for.
                        Err(error) if self.is_patient(&error, began) && operation.is_open() => {
                            unknown += 1;
                            self.bucket.pause(unknown, Some(&error)).await;
                            continue;
                        }
                        Err(error) => return Err(unsure(error, operation.is_open())),
                    };
                    let seen =
                        read.as_ref().map(|(fetched, _)| self.form.look(&job.key, fetched)).transpose()?;
                    current = Current::default();
                    if let Some((fetched, handle)) = read {
                        // One that is damaged can be replaced; only its row cannot be put.
                        let opened = whole.then(|| self.form.open(&job.key, &fetched).ok());
                        current = Current { handle: Some(handle), whole: opened.flatten() };
                    }
                    operation.look = Some(Look { seen, at: now });
                }
                Step::Create | Step::Over => {
                    let base = seen.filter(|_| step == Step::Over);
                    let put = self.attempt(job, nonce, base.as_ref());
                    let answer = match current.handle.as_ref().filter(|_| base.is_some()) {
                        None => self.bucket.create(&path, &put.object).await,
                        Some(handle) => self.bucket.replace_if(&path, &put.object, handle).await,
                    };
                    let answer = answer.map_err(|error| unsure(error, operation.is_open()))?;
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
                    match answer {
                        Outcome::Taken => {}
                        Outcome::Lost => {
                            lost += 1;
                            if lost > CROWDED {
                                self.bucket.pause(lost - CROWDED, None).await;
                            }
                        }
                        Outcome::Unknown(error) => {
                            unknown += 1;
                            if !self.is_patient(&error, began) {
                                return Err(unsure(error, true));
                            }
                            self.bucket.pause(unknown, Some(&error)).await;
                        }
                    }
                }
                Step::Ours(at) => return ours(job, &operation, &sent, at),
                Step::Conflict { row } => {
                    let found = current.whole.as_ref().filter(|_| row);
                    return Ok(Done {
                        verdict: Verdict::Conflict,
                        due: found
                            .map(|found| Due::new(&job.key, found.row(&job.key), read_at(&operation, now))),
                    });
                }
                Step::NotThere { row } => {
                    let mark = seen.filter(|_| row);
                    return Ok(Done {
                        verdict: Verdict::Deleted(false),
                        due: mark.map(|mark| {
                            Due::new(&job.key, mark.tombstone(&job.key), read_at(&operation, now))
                        }),
                    });
                }
                Step::Gone => return Ok(Done { verdict: Verdict::Deleted(true), due: None }),
                Step::GiveUp { unknown } => return Err(too_late(unknown)),
            }
        }
    }

    fn is_patient(&self, error: &Error, began: Moment) -> bool {
        error.is_retryable() && Moment::now(self.bucket.clock()).since(began) <= self.patience
    }

    /// Prepares a put over what was read, or where nothing is.
    fn attempt(&self, job: &Job, nonce: u32, base: Option<&Seen>) -> Put {
        let clock = self.bucket.clock();
        let (state, predecessors) = match base {
            None => (State::first(clock), Vec::new()),
            // The same incarnation, over a mark too: nothing else would order the new row and late ones of the old.
            Some(base) => (base.state.next(clock), extended(base.stamp(), &base.before)),
        };
        let object = self.object(job, state.by(nonce), predecessors, base);
        let or = match &job.subject {
            Subject::Save(draft) => draft.place(),
            Subject::Delete => {
                (String::new(), base.map_or(Timestamp::UNIX_EPOCH, |base| base.state.saved_at()))
            }
        };
        let sent = Sent {
            size: object.len(),
            before: base.map(|base| base.as_before(&or)),
            replaced: base.filter(|base| !base.deleted).map(|base| base.state.revision()),
        };
        Put { state, object, sent }
    }

    fn object(&self, job: &Job, stamp: Stamp, predecessors: Vec<Identity>, base: Option<&Seen>) -> Object {
        match &job.subject {
            Subject::Save(draft) => draft.object(&self.form, stamp, predecessors),
            Subject::Delete => {
                let place = base.and_then(|base| base.place.clone());
                draft::mark(&self.form, &job.key, stamp, predecessors, place)
            }
        }
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
            draft.row(state, before, put.size),
        ),
        Subject::Delete => {
            let row = Row { id: job.key.id().to_owned(), state, before, change: Change::Delete };
            (Verdict::Deleted(true), row)
        }
    };
    Ok(Done { verdict, due: Some(Due::new(&job.key, row, attempt.sent)) })
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
