//! By a function of the caller's own.

use std::fmt;
use std::sync::Arc;

use truthound_stores_core::{RecordMeta, Timestamp};

use super::{Judge, Seen, Trigger};
use crate::reason::Because;
use crate::{Reason, RetentionAction};

type Function = dyn Fn(&RecordMeta, Timestamp) -> Option<String> + Send + Sync;

/// Keeps what a function keeps.
///
/// The function is shown a record's description and the present time, and answers why the record is not kept, or `None` to keep it. It
/// should ask nothing else, so that a plan can be made again. A plan with such a policy makes the description of each record, and takes longer than one of
/// the other policies, which look at a few facts.
///
/// # Examples
/// ```
/// use truthound_stores_retention::{PredicatePolicy, RetentionAction};
///
/// let empty = PredicatePolicy::new("empty", RetentionAction::Delete, |meta, _| {
///     (meta.attributes.statistics.total_rows == 0).then(|| "no row was looked at".to_owned())
/// });
/// assert_eq!(empty.name(), "empty");
/// ```
#[derive(Clone)]
pub struct PredicatePolicy {
    name: Arc<str>,
    action: RetentionAction,
    function: Arc<Function>,
}

impl PredicatePolicy {
    /// Makes a policy of a function; `name` is what reasons call it.
    pub fn new(
        name: impl Into<Arc<str>>,
        action: RetentionAction,
        function: impl Fn(&RecordMeta, Timestamp) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), action, function: Arc::new(function) }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what becomes of records that are not kept.
    pub fn action(&self) -> RetentionAction {
        self.action
    }

    pub(super) fn judge(&self) -> Judgement {
        Judgement(self.clone())
    }
}

/// Two are equal if they are one: functions cannot be compared.
impl PartialEq for PredicatePolicy {
    fn eq(&self, other: &Self) -> bool {
        self.action == other.action && Arc::ptr_eq(&self.function, &other.function)
    }
}

impl fmt::Debug for PredicatePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PredicatePolicy")
            .field("name", &self.name)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

pub(super) struct Judgement(PredicatePolicy);

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let why = (self.0.function)(seen.described?, seen.now)?;
        let because = Because::Said { name: Arc::clone(&self.0.name), why };
        Some(Trigger::one(Reason::new(self.0.action, because)))
    }
}
