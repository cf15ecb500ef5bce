//! One fault: what goes wrong, where and when.

use truthound_stores_core::ErrorKind;

use crate::{Gate, Operation};

/// Says what goes wrong, where and when. Add it with [`Faults::add`](crate::Faults::add).
///
/// Unless told otherwise it strikes the next call of any operation, once, before the call takes effect.
///
/// # Examples
/// ```
/// use truthound_stores_core::ErrorKind;
/// use truthound_stores_testkit::{Fault, Operation};
///
/// // The third put from now is done, but its caller hears of a timeout: a lost acknowledgement.
/// let lost = Fault::fail(ErrorKind::Timeout).on(Operation::Put).nth(3).after();
/// # let _ = lost;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing until it is added to a script"]
pub struct Fault {
    pub(super) effect: Effect,
    pub(super) moment: Moment,
    pub(super) item: Option<usize>,
    operation: Option<Operation>,
    /// Calls that pass unharmed before it strikes.
    spared: u64,
    /// How often it still strikes; `None` for ever.
    left: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) enum Effect {
    Fail(ErrorKind),
    Hold(Gate),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

impl Fault {
    /// Answers an error of `kind`.
    pub fn fail(kind: ErrorKind) -> Self {
        Self::new(Effect::Fail(kind))
    }

    /// Holds the call at `gate`.
    pub fn hold(gate: &Gate) -> Self {
        Self::new(Effect::Hold(gate.clone()))
    }

    fn new(effect: Effect) -> Self {
        Self { effect, moment: Moment::Before, item: None, operation: None, spared: 0, left: Some(1) }
    }

    /// Strikes calls of `operation` only; calls of others do not count.
    pub fn on(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Strikes the `n`-th call from now on, 1 being the next. Default: 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.spared = n.saturating_sub(1);
        self
    }

    /// Strikes so many calls in a row. Default: 1.
    pub fn times(mut self, calls: u64) -> Self {
        self.left = Some(calls);
        self
    }

    /// Strikes every call until it is healed.
    pub fn forever(mut self) -> Self {
        self.left = None;
        self
    }

    /// Strikes after the call took effect: the caller does not learn that it did.
    pub fn after(mut self) -> Self {
        self.moment = Moment::After;
        self
    }

    /// Fails one item of a batch, counted from 0, instead of all of it. Only calls of batches count then; a gate holds the
    /// whole batch all the same.
    pub fn item(mut self, index: usize) -> Self {
        self.item = Some(index);
        self
    }

    /// Decides whether a call is struck, and counts it.
    pub(super) fn strikes(&mut self, operation: Operation) -> bool {
        let batch = matches!(operation, Operation::PutMany | Operation::DeleteMany);
        let meant = self.operation.is_none_or(|wanted| wanted == operation) && (batch || self.item.is_none());
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
