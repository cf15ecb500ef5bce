//! A request between its client and its store: it waits to arrive, takes effect, and its answer waits to be heard.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use object_store::Result;

use super::super::command::{Command, Reply};
use super::super::faults::Plan;
use super::super::shared::Shared;
use super::World;
use super::world::ProcessId;

/// The shortest and the longest that a slow request takes: the longest is longer than writers may be suspended.
const SLOW: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(20));
/// The shortest that a late arrival takes.
const SOON: Duration = Duration::from_millis(1);
/// How many of a hundred answers let others go first.
const OVERTAKEN: u64 = 30;

/// A request that is under way.
pub(super) struct Pending {
    pub(super) who: Arc<str>,
    /// The process that waits for the answer; none if nobody does.
    pub(super) client: Option<ProcessId>,
    pub(super) not_before: Duration,
    stage: Stage,
    slow_answer: bool,
    /// Arrives late or again: the client has heard of it already.
    late: bool,
    shared: Arc<Shared>,
    command: Command,
    number: u64,
    plan: Plan,
    waker: Option<Waker>,
}

enum Stage {
    /// Has not reached the store.
    Sent,
    /// Took effect; the answer has not reached the client.
    Answered(Result<Reply>),
    /// The answer is there for the client to take.
    Heard(Result<Reply>),
}

impl Pending {
    pub(super) fn is_under_way(&self) -> bool {
        !matches!(self.stage, Stage::Heard(_))
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.who, self.command)
    }
}

/// Sends a request and waits for the answer.
pub(in crate::object) async fn exchange(
    world: &Arc<World>,
    shared: &Arc<Shared>,
    command: Command,
    number: u64,
    plan: Plan,
) -> Result<Reply> {
    let id = world.send(Arc::clone(shared), command, number, plan);
    Answer { world: Arc::clone(world), id }.await
}

impl World {
    fn send(&self, shared: Arc<Shared>, command: Command, number: u64, plan: Plan) -> u64 {
        let now = self.sleepers.now();
        let mut inner = self.inner();
        let plan = if inner.settings.calm { Plan::default() } else { plan };
        let current = inner.current();
        let mut not_before = now;
        let mut slow_answer = false;
        if plan.slow {
            if inner.random.chance(50) {
                not_before += inner.delay(SLOW.0, SLOW.1);
            } else {
                slow_answer = true;
            }
        }
        let id = inner.id();
        let pending = Pending {
            who: current.as_ref().map_or_else(|| "?".into(), |current| Arc::clone(&current.name)),
            client: current.map(|current| current.process),
            not_before,
            stage: Stage::Sent,
            slow_answer,
            late: false,
            shared,
            command,
            number,
            plan,
            waker: None,
        };
        inner.pending.insert(id, pending);
        id
    }

    /// Moves a request on: to the store, or its answer to the client.
    pub(super) fn move_on(&self, id: u64) {
        let Some(pending) = self.inner().pending.remove(&id) else { return };
        let (waker, told) = match pending.stage {
            Stage::Sent => self.arrive(id, pending),
            Stage::Answered(_) => self.hear(id, pending),
            Stage::Heard(_) => {
                self.inner().pending.insert(id, pending);
                return;
            }
        };
        self.note(told);
        // Without the lock: a waker may run anything.
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn arrive(&self, id: u64, mut pending: Pending) -> (Option<Waker>, String) {
        // A request takes its time; what is due by then wakes.
        let taken = self.inner().random.between(200, 20_000);
        self.sleepers.advance(Duration::from_micros(taken));
        let now = self.sleepers.now();
        if pending.late {
            let story = pending.shared.carry_out_late(&pending.command);
            return (None, format!("{pending} arrives late -> {story}"));
        }
        let carried = pending.shared.carry_out(pending.number, &pending.command, &pending.plan);
        let told = format!("{pending} -> {}", carried.story);
        let mut inner = self.inner();
        if let Some(command) = carried.late {
            let latest = inner.settings.latest;
            let not_before = now + inner.delay(SOON, latest);
            let late_id = inner.id();
            let copy = Pending {
                who: Arc::clone(&pending.who),
                client: None,
                not_before,
                stage: Stage::Sent,
                slow_answer: false,
                late: true,
                shared: Arc::clone(&pending.shared),
                command,
                number: pending.number,
                plan: Plan::default(),
                waker: None,
            };
            inner.pending.insert(late_id, copy);
        }
        if pending.client.is_none() {
            return (None, format!("{told} (nobody waits)"));
        }
        if pending.slow_answer || inner.random.chance(OVERTAKEN) {
            pending.not_before = if pending.slow_answer { now + inner.delay(SLOW.0, SLOW.1) } else { now };
            pending.stage = Stage::Answered(carried.answer);
            inner.pending.insert(id, pending);
            return (None, format!("{told} (not heard yet)"));
        }
        let waker = pending.waker.take();
        pending.stage = Stage::Heard(carried.answer);
        inner.pending.insert(id, pending);
        (waker, told)
    }

    fn hear(&self, id: u64, mut pending: Pending) -> (Option<Waker>, String) {
        let told = format!("{pending} is heard of");
        let waker = pending.waker.take();
        if let Stage::Answered(answer) = pending.stage {
            pending.stage = Stage::Heard(answer);
        }
        self.inner().pending.insert(id, pending);
        (waker, told)
    }

    /// Decides what becomes of a request whose client is gone.
    fn abandon(&self, id: u64) {
        let now = self.sleepers.now();
        let mut inner = self.inner();
        let Some(mut pending) = inner.pending.remove(&id) else { return };
        let lost =
            !matches!(pending.stage, Stage::Sent) || !pending.command.writes() || inner.random.chance(50);
        if !lost {
            pending.client = None;
            pending.waker = None;
            if inner.random.chance(25) {
                let latest = inner.settings.latest;
                pending.not_before = now + inner.delay(SOON, latest);
            }
            let told = format!("{pending} stays on its way");
            inner.pending.insert(id, pending);
            inner.trace.note(now, &told);
        }
    }
}

/// Waits for the answer to a request; dropped before, the request may or may not take effect.
struct Answer {
    world: Arc<World>,
    id: u64,
}

impl Future for Answer {
    type Output = Result<Reply>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut inner = self.world.inner();
        match inner.pending.remove(&self.id) {
            Some(Pending { stage: Stage::Heard(answer), .. }) => Poll::Ready(answer),
            Some(mut pending) => {
                pending.waker = Some(context.waker().clone());
                inner.pending.insert(self.id, pending);
                Poll::Pending
            }
            None => panic!("an answer was asked for twice"),
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.world.abandon(self.id);
    }
}
