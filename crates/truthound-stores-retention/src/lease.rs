//! The right to run: a record that one of several processes takes by compare-and-swap.
//!
//! The lease keeps work from being done twice; it keeps nothing safe. A run that lost it without knowing deletes what it planned at the planned
//! revisions, as any run does.

use serde::{Deserialize, Serialize};
use truthound_stores_core::{
    Attributes, Body, Clock, Collection, Error, ErrorKind, Key, PutOptions, Record, Result, Revision, Status,
    Store, StoreExt as _, Timestamp, random_u64,
};

use crate::schedule::Schedule;

/// What the record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// When the schedule was first looked at.
    since: Timestamp,
    /// When the last run began that ended well.
    last: Option<Timestamp>,
    /// Who runs.
    holder: Option<String>,
    /// Until when nobody else may.
    until: Option<Timestamp>,
    /// How long the lease of whoever runs is, in microseconds: settings may differ while they are rolled out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<i64>,
}

impl State {
    /// Leaves out what a clock wrote that stood ahead of the present: nobody would run until time has caught up, in years perhaps. Clocks of machines may
    /// differ by as long as a lease.
    fn believed(mut self, now: Timestamp, lease: i64) -> Self {
        let is_ahead = |time: &Timestamp, by: i64| time.micros_since(now) > by;
        let longest = self.length.map_or(lease, |length| length.max(lease));
        self.until = self.until.filter(|until| !is_ahead(until, longest.saturating_mul(2)));
        self.last = self.last.filter(|last| !is_ahead(last, lease));
        if is_ahead(&self.since, lease) {
            self.since = now;
        }
        self
    }
}

/// The right to run, taken.
#[derive(Debug)]
pub(crate) struct Lease {
    key: Key,
    state: State,
    revision: Revision,
    /// In microseconds.
    length: i64,
    began: Timestamp,
}

/// What came of asking for the right to run.
#[derive(Debug)]
pub(crate) enum Asked {
    /// It is ours.
    Taken(Lease),
    /// Nothing is due until then.
    NotDue(Timestamp),
    /// Another one runs, and has until then to say that it goes on.
    Busy(Timestamp),
}

impl Lease {
    /// Takes the right to run if a run is due and nobody else has it.
    pub(crate) async fn ask<S: Store + ?Sized>(
        store: &S,
        collection: &Collection,
        schedule: &Schedule,
        clock: &dyn Clock,
    ) -> Result<Asked> {
        let key = Key::new(Collection::hidden("retention")?, &format!("schedule-{collection}"))?;
        let now = clock.now();
        let (state, revision) = match store.read(&key).await {
            Ok(stored) => {
                let revision = stored.meta.revision.clone();
                let body = stored.into_body()?;
                let state = serde_json::from_slice(body.as_bytes()).map_err(|cause| {
                    Error::corrupt("the record of the schedule is none: delete it to begin anew")
                        .at(&key)
                        .caused_by(cause)
                })?;
                (state, Some(revision))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                (State { since: now, last: None, holder: None, until: None, length: None }, None)
            }
            Err(error) => return Err(error),
        };
        let said = state.since;
        let state = state.believed(now, schedule.lease);
        if let Some(until) = state.until.filter(|until| *until > now) {
            return Ok(Asked::Busy(until));
        }
        let due = schedule.due(state.last, state.since);
        if due > now {
            // From now on times that are missed are known: also where the time that was written was not believed, which else would be taken
            // for this moment at each look, so that no time would ever be due.
            if revision.is_none() || state.since != said {
                match put(store, &key, &state, revision, now).await {
                    Err(error) if error.kind() != ErrorKind::Conflict => return Err(error),
                    _ => {}
                }
            }
            return Ok(Asked::NotDue(due));
        }
        let until = now.plus_micros(schedule.lease);
        let holder = Some(format!("{:016x}", random_u64(clock)));
        let taken = State { holder, until: Some(until), length: Some(schedule.lease), ..state };
        match put(store, &key, &taken, revision, now).await {
            Ok(revision) => {
                Ok(Asked::Taken(Self { key, state: taken, revision, length: schedule.lease, began: now }))
            }
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(Asked::Busy(until)),
            Err(error) => Err(error),
        }
    }

    /// Says that the run goes on, if half of its time is over.
    ///
    /// # Errors
    /// `Conflict` if another process runs by now.
    pub(crate) async fn keep<S: Store + ?Sized>(&mut self, store: &S, now: Timestamp) -> Result<()> {
        let until = now.plus_micros(self.length);
        let left = self.state.until.map_or(0, |until| until.micros_since(now));
        if left > self.length / 2 {
            return Ok(());
        }
        self.state.until = Some(until);
        match put(store, &self.key, &self.state, Some(self.revision.clone()), now).await {
            Ok(revision) => {
                self.revision = revision;
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Conflict => {
                let why =
                    "another process took the schedule over, since this run was not heard of: it ends here";
                Err(Error::new(ErrorKind::Conflict, why).caused_by(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Gives the right back; `well` says whether the run counts as the last one.
    pub(crate) async fn give_back<S: Store + ?Sized>(
        self,
        store: &S,
        well: bool,
        now: Timestamp,
    ) -> Result<()> {
        let last = if well { Some(self.began) } else { self.state.last };
        let state = State { last, holder: None, until: None, length: None, ..self.state };
        match put(store, &self.key, &state, Some(self.revision), now).await {
            // Another process has it: its word counts.
            Err(error) if error.kind() != ErrorKind::Conflict => Err(error),
            _ => Ok(()),
        }
    }
}

/// Writes the record over what was read, or as the first one.
async fn put<S: Store + ?Sized>(
    store: &S,
    key: &Key,
    state: &State,
    over: Option<Revision>,
    now: Timestamp,
) -> Result<Revision> {
    let text = serde_json::to_vec(state).map_err(|cause| {
        Error::new(ErrorKind::Internal, "the record of the schedule cannot be written").caused_by(cause)
    })?;
    let attributes = Attributes::new("retention.schedule", now, Status::NONE);
    let record = Record::new(key.clone(), attributes, Body::parse(&text)?);
    let opts = over.map_or_else(PutOptions::create, PutOptions::replace);
    Ok(store.put_opts(record, opts).await?.meta.revision)
}
