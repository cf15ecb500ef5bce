//! The store's side: carries requests out, with the trouble that is planned for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object_store::{Error, PutMode, Result};
use truthound_stores_core::Clock;

use super::bucket::Bucket;
use super::command::{Command, Reply};
use super::failure::{self, Cause};
use super::faults::{ObjectFaults, Plan};
use super::limits;
use super::options::{Condition, StoreOptions, Vendor};
use super::requests::Requests;
use super::trouble::Trouble;
use crate::SeededRandom;

/// What all handles on a store share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: StoreOptions,
    pub(super) faults: ObjectFaults,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    bucket: Bucket,
    requests: Requests,
    random: SeededRandom,
    /// What arrives late where no simulation decides when.
    late: Vec<Command>,
}

/// How a request ended.
#[derive(Debug)]
pub(super) struct Carried {
    /// What the client hears.
    pub(super) answer: Result<Reply>,
    /// What happened, for traces.
    pub(super) story: String,
    /// What arrives later.
    pub(super) late: Option<Command>,
}

impl Shared {
    pub(super) fn new(options: StoreOptions, clock: Arc<dyn Clock>, seed: u64) -> Self {
        let state = State {
            bucket: Bucket::default(),
            requests: Requests::default(),
            random: SeededRandom::new(seed),
            late: Vec::new(),
        };
        Self { options, faults: ObjectFaults::default(), clock, state: Mutex::new(state) }
    }

    /// Refuses what the client does not even send.
    pub(super) fn refuse(&self, command: &Command) -> Result<()> {
        let vendor = self.options.vendor;
        let needed = match command {
            Command::Put { mode: PutMode::Create, .. } | Command::Copy { create: true, .. } => {
                self.options.create
            }
            Command::Put { mode: PutMode::Update(_), .. } => self.options.update,
            Command::DeleteIf { .. } => self.options.compare_and_delete,
            _ => Condition::Honoured,
        };
        if needed == Condition::NotImplemented {
            return Err(failure::not_implemented(&command.detail()));
        }
        limits::check(&self.options, command)?;
        match command {
            Command::Put { mode: PutMode::Update(version), .. } | Command::DeleteIf { version, .. } => {
                match vendor {
                    Vendor::Gcs if version.version.is_none() => {
                        Err(failure::generic(vendor, "Version required for conditional update"))
                    }
                    Vendor::S3 | Vendor::Azure if version.e_tag.is_none() => {
                        Err(failure::generic(vendor, "ETag required for conditional put"))
                    }
                    _ => Ok(()),
                }
            }
            Command::Get { options, .. } => match &options.range {
                Some(range) => range.is_valid().map_err(|e| failure::generic(vendor, e.to_string())),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Counts a request and plans what becomes of it.
    pub(super) fn sent(&self, command: &Command) -> (u64, Plan) {
        let mut state = self.state();
        let number = state.requests.sent(command);
        let plan = self.faults.plan(command, &mut state.random);
        (number, plan)
    }

    /// Carries out a request with the trouble that is planned for it.
    pub(super) fn carry_out(&self, number: u64, command: &Command, plan: &Plan) -> Carried {
        let mut state = self.state();
        let mut carried = self.struck(&mut state, command, plan.trouble);
        if plan.duplicate && carried.late.is_none() {
            carried.late = Some(command.clone());
            carried.story.push_str(", a copy will come");
        }
        state.requests.ended(number, carried.story.clone());
        carried
    }

    /// Carries out what arrives late: nobody waits for the answer.
    pub(super) fn carry_out_late(&self, command: &Command) -> String {
        let mut state = self.state();
        state.requests.arrived_late();
        story(&self.execute(&mut state, command))
    }

    /// Carries out what the test itself does: nothing is counted, nothing goes wrong.
    pub(super) fn carry_out_quietly(&self, command: &Command) -> Result<Reply> {
        self.execute(&mut self.state(), command)
    }

    fn struck(&self, state: &mut State, command: &Command, trouble: Option<Trouble>) -> Carried {
        let failed = |cause: Cause| Err(failure::error(&self.options, command, cause));
        let before = match trouble {
            Some(Trouble::Unavailable | Trouble::CutListing) => Some(Cause::Status(503)),
            Some(Trouble::Throttled) => Some(Cause::Status(429)),
            Some(Trouble::TimedOut | Trouble::LateArrival) => Some(Cause::TimedOut),
            Some(Trouble::Reset) => Some(Cause::Reset),
            Some(Trouble::Denied) => Some(Cause::Status(403)),
            Some(Trouble::Conflict) => Some(Cause::Status(409)),
            Some(Trouble::Refused) => Some(Cause::Status(412)),
            _ => None,
        };
        if let (Some(cause), Some(trouble)) = (before, trouble) {
            let answer = failed(cause);
            let story = format!("{trouble}: {}", story(&answer));
            let late = (trouble == Trouble::LateArrival).then(|| command.clone());
            return Carried { answer, story, late };
        }
        let kept = match (trouble, command) {
            (Some(Trouble::PartialBatch), Command::DeleteBatch { locations }) => {
                locations.iter().filter(|_| state.random.chance(50)).cloned().collect()
            }
            _ => Vec::new(),
        };
        let done = match command {
            Command::DeleteBatch { locations } if !kept.is_empty() => {
                let deleted = locations.iter().filter(|name| !kept.contains(name)).cloned().collect();
                drop(self.execute(state, &Command::DeleteBatch { locations: deleted }));
                let outcome = |name: &object_store::path::Path| {
                    if kept.contains(name) {
                        Err(failure::batch_item(self.options.vendor, name.as_ref()))
                    } else {
                        Ok(name.clone())
                    }
                };
                Ok(Reply::Batch(locations.iter().map(outcome).collect()))
            }
            _ => self.execute(state, command),
        };
        let mut told = story(&done);
        if let Some(trouble) = trouble {
            told = format!("{told}, {trouble}");
        }
        let answer = match (trouble, done) {
            (Some(Trouble::LostReply), _) => {
                failed(if state.random.chance(50) { Cause::TimedOut } else { Cause::Reset })
            }
            (Some(Trouble::OwnConflict), Ok(_)) => failed(Cause::Status(412)),
            (Some(trouble @ (Trouble::TornBody | Trouble::ShortBody)), Ok(Reply::Got(mut got))) => {
                let at = state.random.below(got.body.len().max(1) as u64);
                got.cut = Some((usize::try_from(at).unwrap_or(0), trouble == Trouble::TornBody));
                Ok(Reply::Got(got))
            }
            (_, done) => done,
        };
        Carried { answer, story: told, late: None }
    }

    fn execute(&self, state: &mut State, command: &Command) -> Result<Reply> {
        let now = self.clock.now();
        state
            .bucket
            .execute(&self.options, now, command)
            .map_err(|cause| failure::error(&self.options, command, cause))
    }

    /// Returns the error of a body that stops in the middle.
    pub(super) fn torn(&self) -> Error {
        failure::generic(self.options.vendor, "HTTP error: error decoding response body")
    }

    pub(super) fn requests(&self) -> Requests {
        self.state().requests.clone()
    }

    pub(super) fn reset_requests(&self) {
        self.state().requests.reset();
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.state().bucket.names()
    }

    pub(super) fn keep_late(&self, command: Command) {
        self.state().late.push(command);
    }

    pub(super) fn late(&self) -> usize {
        self.state().late.len()
    }

    pub(super) fn take_late(&self) -> Vec<Command> {
        std::mem::take(&mut self.state().late)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says in few words how a request ended.
fn story(answer: &Result<Reply>) -> String {
    match answer {
        Ok(Reply::Page(page)) => {
            let more = if page.next.is_some() { ", more to come" } else { "" };
            format!("ok, {} names{more}", page.objects.len() + page.common_prefixes.len())
        }
        Ok(Reply::Written { e_tag, version }) => format!("ok, {}", version.as_ref().unwrap_or(e_tag)),
        Ok(Reply::Got(got)) => {
            format!(
                "ok, {} bytes of {}",
                got.body.len(),
                got.meta.version.as_ref().or(got.meta.e_tag.as_ref()).map_or("?", String::as_str)
            )
        }
        Ok(Reply::Batch(_) | Reply::Done) => "ok".into(),
        Err(error) => failure::word(error),
    }
}
