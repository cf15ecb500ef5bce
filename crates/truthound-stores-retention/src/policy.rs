//! Policies: which records are not kept. Pure: what is decided follows from facts and `now`.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use truthound_stores_core::options::{Options, unknown_name};
use truthound_stores_core::{Error, Facts, RecordMeta, Result, Timestamp};

use crate::{Reason, RetentionAction};

mod composite;
mod count;
mod keep;
mod predicate;
mod size;
mod status;
mod tag;
mod time;

pub use composite::{CompositePolicy, PolicyMode};
pub use count::CountBasedPolicy;
pub use keep::KeepPolicy;
pub use predicate::PredicatePolicy;
pub use size::SizeBasedPolicy;
pub use status::StatusBasedPolicy;
pub use tag::TagBasedPolicy;
pub use time::TimeBasedPolicy;

/// Is any of the policies.
///
/// In a file, a policy is a table with its `type` (`time`, `count`, `size`, `status`, `tag`, `keep`, `composite`) and the names of its
/// fields.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Policy {
    /// By age.
    Time(TimeBasedPolicy),
    /// By how many newer ones there are.
    Count(CountBasedPolicy),
    /// By how much all take.
    Size(SizeBasedPolicy),
    /// By age, for one status.
    Status(StatusBasedPolicy),
    /// By age, for one tag.
    Tag(TagBasedPolicy),
    /// By what is to be kept of each hour, day, week, month and year.
    Keep(KeepPolicy),
    /// By several policies.
    Composite(CompositePolicy),
    /// By a function of the caller's own.
    Predicate(PredicatePolicy),
}

/// What a policy is shown of a record.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) facts: &'a dyn Facts,
    /// Its description, if a policy asks for it ([`CompositePolicy::describes`]).
    pub(crate) described: Option<&'a RecordMeta>,
    /// The number of its asset.
    pub(crate) asset: usize,
    pub(crate) now: Timestamp,
    /// It stays whatever policies want.
    pub(crate) protected: bool,
    /// Another policy of the same `any` wants it gone, one whose turn is earlier.
    pub(crate) leaves: bool,
}

impl Seen<'_> {
    /// Returns the record's age, in microseconds; negative for one of the future.
    pub(crate) fn age(&self) -> i64 {
        self.now.micros_since(self.facts.run_time())
    }

    /// Tells whether it takes a place among those that are kept: what leaves takes none.
    pub(crate) fn takes_a_place(&self) -> bool {
        !self.leaves || self.protected
    }
}

/// When a policy of an `any` is asked: those that give places to the newest records know by then who takes none.
///
/// Policies of one turn do not take from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Turn {
    /// It judges each record by itself.
    Facts,
    /// It keeps so many, of all or of each part of time.
    Places,
    /// It keeps what fits into a size.
    Sizes,
}

/// What a policy wants done with a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trigger {
    pub(crate) action: RetentionAction,
    pub(crate) reasons: Vec<Reason>,
}

impl Trigger {
    pub(crate) fn one(reason: Reason) -> Self {
        Self { action: reason.action, reasons: vec![reason] }
    }

    /// Joins what another policy wants: the milder action wins.
    fn join(&mut self, other: Self) {
        self.action = self.action.min(other.action);
        self.reasons.extend(other.reasons);
    }
}

/// A policy at work: shown one record after the other, each once and the newest first.
pub(crate) trait Judge: Send {
    /// Answers what the policy wants done; `None` to keep the record.
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger>;
}

/// The action of a policy that names none.
fn delete() -> RetentionAction {
    RetentionAction::Delete
}

const TYPES: &[&str] = &["time", "count", "size", "status", "tag", "keep", "composite"];

impl Policy {
    /// Reads a policy from options by name: its `type`, and its fields.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that is missing, unknown, of the wrong type or
    /// of a value that cannot be.
    pub fn from_options(options: &Options) -> Result<Self> {
        let mut options = options.clone();
        let kind = match options.remove("type") {
            Some(Value::String(kind)) => kind,
            Some(_) => return Err(Error::invalid("the type of a policy is not a text: write it in quotes")),
            None => {
                return Err(Error::invalid(format!(
                    "a policy has no type: write type = one of {}",
                    TYPES.join(", ")
                )));
            }
        };
        let policy = match kind.as_str() {
            "time" => Self::Time(options.read("the time policy", TimeBasedPolicy::NAMES)?),
            "count" => Self::Count(options.read("the count policy", CountBasedPolicy::NAMES)?),
            "size" => Self::Size(options.read("the size policy", SizeBasedPolicy::NAMES)?),
            "status" => Self::Status(options.read("the status policy", StatusBasedPolicy::NAMES)?),
            "tag" => Self::Tag(options.read("the tag policy", TagBasedPolicy::NAMES)?),
            "keep" => Self::Keep(options.read("the keep policy", KeepPolicy::NAMES)?),
            "composite" => Self::Composite(options.read("the composite policy", CompositePolicy::NAMES)?),
            other => return Err(unknown_name("type", other, "a policy", TYPES)),
        };
        policy.check()?;
        Ok(policy)
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// `Invalid`, naming the setting that cannot be.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Time(policy) => policy.check(),
            Self::Count(policy) => policy.check(),
            Self::Size(policy) => policy.check(),
            Self::Status(policy) => policy.check(),
            Self::Tag(policy) => policy.check(),
            Self::Keep(policy) => policy.check(),
            Self::Composite(policy) => policy.check(),
            Self::Predicate(_) => Ok(()),
        }
    }

    /// Collects the actions that the policy may want.
    pub(crate) fn actions(&self, into: &mut Vec<RetentionAction>) {
        match self {
            Self::Time(policy) => into.push(policy.action),
            Self::Count(policy) => into.push(policy.action),
            Self::Size(policy) => into.push(policy.action),
            Self::Status(policy) => into.push(policy.action),
            Self::Tag(policy) => into.push(policy.action),
            Self::Keep(policy) => into.push(policy.action),
            Self::Predicate(policy) => into.push(policy.action()),
            Self::Composite(policy) => policy.policies.iter().for_each(|policy| policy.actions(into)),
        }
    }

    /// Tells whether the policy must be shown descriptions.
    pub(crate) fn describes(&self) -> bool {
        match self {
            Self::Predicate(_) => true,
            Self::Composite(policy) => policy.describes(),
            _ => false,
        }
    }

    /// Returns the latest run time that the policy can want gone, judging each record by itself; `None` if it must see all.
    pub(crate) fn horizon(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        match self {
            Self::Time(policy) => policy.horizon(now).map(Some),
            Self::Status(policy) => policy.horizon(now).map(Some),
            Self::Tag(policy) => policy.horizon(now).map(Some),
            Self::Composite(policy) => policy.horizon(now),
            Self::Count(_) | Self::Size(_) | Self::Keep(_) | Self::Predicate(_) => Ok(None),
        }
    }

    /// Returns when the policy is asked; a composite is as late as the last of its policies.
    fn turn(&self) -> Turn {
        match self {
            Self::Time(_) | Self::Status(_) | Self::Tag(_) | Self::Predicate(_) => Turn::Facts,
            Self::Count(_) | Self::Keep(_) => Turn::Places,
            Self::Size(_) => Turn::Sizes,
            Self::Composite(policy) => policy.policies.iter().map(Self::turn).max().unwrap_or(Turn::Facts),
        }
    }

    /// Begins to judge.
    pub(crate) fn judge(&self) -> Result<Box<dyn Judge>> {
        Ok(match self {
            Self::Time(policy) => Box::new(policy.judge()?),
            Self::Count(policy) => Box::new(policy.judge()),
            Self::Size(policy) => Box::new(policy.judge()),
            Self::Status(policy) => Box::new(policy.judge()?),
            Self::Tag(policy) => Box::new(policy.judge()?),
            Self::Keep(policy) => Box::new(policy.judge()?),
            Self::Composite(policy) => Box::new(policy.judge()?),
            Self::Predicate(policy) => Box::new(policy.judge()),
        })
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let options = Options::from_value(Value::deserialize(deserializer)?);
        let policy = options.and_then(|options| Self::from_options(&options));
        policy.map_err(|error| de::Error::custom(error.message()))
    }
}

macro_rules! from {
    ($($variant:ident($policy:ty);)*) => {$(
        impl From<$policy> for Policy {
            fn from(policy: $policy) -> Self {
                Self::$variant(policy)
            }
        }
    )*};
}

from! {
    Time(TimeBasedPolicy);
    Count(CountBasedPolicy);
    Size(SizeBasedPolicy);
    Status(StatusBasedPolicy);
    Tag(TagBasedPolicy);
    Keep(KeepPolicy);
    Composite(CompositePolicy);
    Predicate(PredicatePolicy);
}

/// Is a short description, such as `time: at most 90 days (delete)`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(policy) => write!(f, "time: at most {} days ({})", policy.max_age_days, policy.action),
            Self::Count(policy) => {
                let of = if policy.per_asset { " of each asset" } else { "" };
                write!(f, "count: the newest {}{of} ({})", policy.max_count, policy.action)
            }
            Self::Size(policy) => {
                write!(f, "size: at most {} bytes ({})", policy.max_size_bytes, policy.action)
            }
            Self::Status(policy) => write!(
                f,
                "status {}: at most {} days ({})",
                policy.status, policy.max_age_days, policy.action
            ),
            Self::Tag(policy) => {
                write!(f, "tag {}: at most {} days ({})", policy.tag(), policy.max_age_days, policy.action)
            }
            Self::Keep(policy) => write!(f, "keep: {} ({})", policy.rules(), policy.action),
            Self::Composite(policy) => {
                write!(f, "{} of [", policy.mode)?;
                for (place, policy) in policy.policies.iter().enumerate() {
                    write!(f, "{}{policy}", if place == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Predicate(policy) => write!(f, "{} ({})", policy.name(), policy.action()),
        }
    }
}

#[cfg(test)]
mod tests;
