//! The script that decides which requests meet which trouble: by chance, or as forced.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::command::{Command, RequestKind};
use super::trouble::{Rates, Trouble};
use crate::{Gate, SeededRandom};

/// Forces trouble upon chosen requests. Give it to [`ObjectFaults::force`].
///
/// Unless told otherwise it strikes the next request that it can strike, once.
///
/// # Examples
/// ```
/// use truthound_stores_testkit::object::{ObjectFault, RequestKind, Trouble};
///
/// // The third put from now of a name that contains "root" lands, but its caller hears of a timeout.
/// let lost = ObjectFault::new(Trouble::LostReply).on(RequestKind::Put).named("root").nth(3);
/// # let _ = lost;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing until it is forced upon a store"]
pub struct ObjectFault {
    effect: Effect,
    kind: Option<RequestKind>,
    part_of_name: Option<String>,
    spared: u64,
    left: Option<u64>,
}

#[derive(Clone, Debug)]
enum Effect {
    Strike(Trouble),
    Hold(Gate),
}

impl ObjectFault {
    /// Lets `trouble` strike.
    pub fn new(trouble: Trouble) -> Self {
        Self::with(Effect::Strike(trouble))
    }

    /// Holds the request at `gate` before it is sent.
    pub fn hold(gate: &Gate) -> Self {
        Self::with(Effect::Hold(gate.clone()))
    }

    fn with(effect: Effect) -> Self {
        Self { effect, kind: None, part_of_name: None, spared: 0, left: Some(1) }
    }

    /// Strikes requests of `kind` only; others do not count.
    pub fn on(mut self, kind: RequestKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Strikes requests with a name that contains `part` only; of a listing, the prefix is the name.
    pub fn named(mut self, part: impl Into<String>) -> Self {
        self.part_of_name = Some(part.into());
        self
    }

    /// Strikes the `n`-th such request from now on, 1 being the next. Default: 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.spared = n.saturating_sub(1);
        self
    }

    /// Strikes so many requests in a row. Default: 1.
    pub fn times(mut self, requests: u64) -> Self {
        self.left = Some(requests);
        self
    }

    /// Strikes every such request until it is healed.
    pub fn forever(mut self) -> Self {
        self.left = None;
        self
    }

    /// Decides whether a request is struck, and counts it.
    fn strikes(&mut self, command: &Command) -> bool {
        let meant = self.kind.is_none_or(|kind| kind == command.kind())
            && self
                .part_of_name
                .as_ref()
                .is_none_or(|part| command.names().iter().any(|name| name.contains(part.as_str())))
            && match self.effect {
                Effect::Strike(trouble) => trouble.can_strike(command),
                Effect::Hold(_) => true,
            };
        if !meant || self.left == Some(0) {
            return false;
        }
        if self.spared > 0 {
            self.spared -= 1;
            return false;
        }
        self.left = self.left.map(|left| left - 1);
        true
    }
}

/// Decides which requests of a [`SimulatedStore`](super::SimulatedStore) meet trouble. Clones share one script.
#[derive(Clone, Debug, Default)]
pub struct ObjectFaults(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    rates: Rates,
    forced: Vec<ObjectFault>,
}

impl ObjectFaults {
    /// Sets how often each trouble strikes by chance. Default: never.
    pub fn set_rates(&self, rates: Rates) {
        self.script().rates = rates;
    }

    /// Adds a forced fault; those added before it stay.
    pub fn force(&self, fault: ObjectFault) {
        self.script().forced.push(fault);
    }

    /// Forgets forced faults and sets all rates to nothing. What is on its way already stays on its way.
    pub fn heal(&self) {
        *self.script() = Script::default();
    }

    /// Plans what becomes of a request.
    pub(super) fn plan(&self, command: &Command, random: &mut SeededRandom) -> Plan {
        let mut script = self.script();
        let mut plan = Plan::default();
        for fault in &mut script.forced {
            if fault.strikes(command) {
                match &fault.effect {
                    Effect::Strike(trouble) => plan.add(*trouble),
                    Effect::Hold(gate) => plan.gate = Some(gate.clone()),
                }
            }
        }
        for trouble in Trouble::ALL {
            let rate = script.rates.of(trouble);
            if rate > 0 && trouble.can_strike(command) && random.below(1_000) < rate {
                plan.add(trouble);
            }
        }
        plan
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of one request: at most one trouble, and what comes on top.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) trouble: Option<Trouble>,
    pub(super) duplicate: bool,
    pub(super) slow: bool,
    pub(super) gate: Option<Gate>,
}

impl Plan {
    /// The first trouble wins: what is forced comes before what chance brings.
    fn add(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Duplicate => self.duplicate = true,
            Trouble::Slow => self.slow = true,
            _ => self.trouble = self.trouble.or(Some(trouble)),
        }
    }
}
