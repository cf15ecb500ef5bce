//! Carries out one operation on one document, up to the row that is due for it.

use truthound_stores_core::{Error, ErrorKind, Key, Result, Revision, Timestamp};

use crate::bucket::Outcome;
use crate::document::Object;
use crate::document::draft::{self, Draft};
use crate::document::metadata::extended;
use crate::document::read::Seen;
use crate::flaw::Flaw;
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

/// One operation on its way.
struct Course<'j> {
    job: &'j Job,
    /// One for all attempts: by it we know our own work again.
    nonce: u32,
    began: Moment,
    operation: Operation,
    /// What each attempt of the operation was.
    sent: Vec<Sent>,
    current: Current,
    ground: Ground,
    trouble: Trouble,
}

impl Documents {
    /// Carries out an operation, but for its row.
    pub(crate) async fn run(&self, job: &Job) -> Result<Done> {
        let clock = self.bucket.clock();
        let nonce = nonce(clock);
        let own = if self.bucket.flaws().has(Flaw::LostAckTakenForConflict) { !nonce } else { nonce };
        let mut course = Course {
            job,
            nonce,
            began: Moment::now(clock),
            operation: Operation::new(job.wish.clone(), job.known, own),
            sent: Vec::new(),
            current: Current::default(),
            ground: Ground::default(),
            trouble: Trouble::default(),
        };
        loop {
            let now = Moment::now(clock);
            let step = course.operation.next(now);
            if let Some(done) = course.answer(step, now) {
                return done;
            }
            let quest = self.quest(&mut course, step, now)?;
            match self.go(&mut course, step, quest, now).await {
                Ok(()) => {}
                // Nobody else can tell what became of a put without an answer: it is worth waiting for.
                Err(error) if course.operation.is_open() && self.is_patient(&error, course.began) => {
                    course.trouble.unknown += 1;
                    self.bucket.pause(course.trouble.unknown, Some(&error)).await;
                }
                Err(error) => return Err(unsure(error, course.operation.is_open())),
            }
        }
    }

    /// Says what has to be done under which name.
    fn quest(&self, course: &mut Course<'_>, step: Step, now: Moment) -> Result<Quest> {
        let known = self.names.known();
        let old = self.names.is_old(&known, now);
        let Ground { search, target, .. } = &mut course.ground;
        Ok(match (step, target) {
            (Step::Over, Some(target)) => Quest::Here(target.clone()),
            (Step::Create, _) => search.create(&known, old, now),
            (Step::Read, target) => {
                if course.operation.look.take().is_some() {
                    // It was too long ago.
                    search.forget();
                }
                match target {
                    Some(target) => Quest::Read(target.clone()),
                    None => search.find(&known, old, None),
                }
            }
            _ => return Err(lost("a document was read under no name")),
        })
    }

    async fn go(&self, course: &mut Course<'_>, step: Step, quest: Quest, now: Moment) -> Result<()> {
        let ground = &mut course.ground;
        match quest {
            Quest::Learn => {
                self.names.refresh(self.bucket.clock()).await?;
                ground.search.learnt();
            }
            Quest::Read(suffix) => {
                let there = self.read(course.job, &suffix, ground, now).await?;
                if ground.target.as_ref() == Some(&suffix) {
                    // Where it was, there may be nothing now.
                    let gone = || (Look { seen: None, at: now }, Current::default());
                    let (look, found) = there.unwrap_or_else(gone);
                    (course.operation.look, course.current) = (Some(look), found);
                }
            }
            Quest::Close(suffix) => {
                let answer = self.close(course.job, &suffix, ground).await?;
                self.after(answer, &mut course.trouble, course.began).await?;
            }
            Quest::Nowhere => course.operation.look = Some(Look { seen: None, at: now }),
            Quest::Here(suffix) => {
                let there = matches!(ground.search.under(&suffix), Some(Under::Mark | Under::Live));
                if !there || step == Step::Over {
                    return self.put(course, step, suffix, now).await;
                }
                let read = ground.reads.get(&suffix).cloned();
                let (look, found) = read.ok_or_else(|| lost("a document was found that was never read"))?;
                ground.target = Some(suffix);
                (course.operation.look, course.current) = (Some(look), found);
            }
        }
        Ok(())
    }

    /// Puts the document, or a mark, under a name.
    async fn put(&self, course: &mut Course<'_>, step: Step, suffix: String, now: Moment) -> Result<()> {
        let seen = course.operation.look.take().and_then(|look| look.seen);
        let base = seen.filter(|_| step == Step::Over);
        let put = self.attempt(course.job, course.nonce, base.as_ref(), &suffix, &mut course.ground)?;
        let path = self.path_under(&course.job.key, &suffix)?;
        let over = match &base {
            Some(_) => {
                let read = course.current.handle.clone();
                Some(read.ok_or_else(|| lost("a document is to be replaced that was never read"))?)
            }
            // A closed name is an empty one to whoever knows as much as who has closed it.
            None => course.ground.closing(&suffix),
        };
        let answer = match over {
            None => self.bucket.create(&path, &put.object).await?,
            Some(seen) => self.bucket.replace_if(&path, &put.object, &seen).await?,
        };
        course.ground.target = Some(suffix);
        course.operation.attempts.push(Attempt {
            state: put.state,
            base: base.map(|base| base.state),
            sent: now,
            answer: match &answer {
                Outcome::Taken => Answer::Taken,
                Outcome::Lost => Answer::Refused,
                Outcome::Unknown(_) => Answer::Open,
            },
        });
        course.sent.push(put.sent);
        self.after(answer, &mut course.trouble, course.began).await
    }

    pub(super) fn is_patient(&self, error: &Error, began: Moment) -> bool {
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
            Some(base) => {
                let state = if self.bucket.flaws().has(Flaw::ClockNotRaised) {
                    State { hlc: State::first(clock).hlc, ..base.state }
                } else {
                    base.state.next(clock)
                };
                (state, extended(base.stamp(), &base.before))
            }
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
                (
                    draft::mark(&self.form, &job.key, state.by(nonce), predecessors, place),
                    (String::new(), since),
                )
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

impl Course<'_> {
    /// Gives what the operation came to, if it has come to its end.
    fn answer(&self, step: Step, now: Moment) -> Option<Result<Done>> {
        let key = &self.job.key;
        let due = |row| {
            let since = self.operation.look.as_ref().map_or(now, |look| look.at);
            Due::new(key, row, self.ground.target.as_deref().unwrap_or_default(), since)
        };
        let (verdict, due) = match step {
            Step::Read | Step::Create | Step::Over => return None,
            Step::Ours(at) => return Some(ours(self.job, &self.operation, &self.sent, at)),
            Step::GiveUp { unknown } => return Some(Err(too_late(unknown))),
            Step::Gone => (Verdict::Deleted(true), None),
            Step::Conflict { row } => {
                let found = self.current.whole.as_ref().filter(|_| row);
                (Verdict::Conflict, found.map(|found| due(found.row(key))))
            }
            Step::NotThere { row } => {
                let seen = self.operation.look.as_ref().and_then(|look| look.seen.as_ref());
                (Verdict::Deleted(false), seen.filter(|_| row).map(|mark| due(mark.tombstone(key))))
            }
        };
        Some(Ok(Done { verdict, due }))
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
