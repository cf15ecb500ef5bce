//! By several policies.

use std::fmt;

use serde::{Deserialize, Serialize};
use truthound_stores_core::{Error, Result, Timestamp};

use super::{Judge, Policy, Seen, TagBasedPolicy, Trigger, Turn};
use crate::lately::Lately;

/// Says how many policies of a composite must want a record gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyMode {
    /// One is enough.
    #[default]
    Any,
    /// All of them.
    All,
}

impl fmt::Display for PolicyMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any",
            Self::All => "all",
        })
    }
}

/// Joins policies: `CompositePolicy` of the configuration document.
///
/// A record goes if any of the policies wants it gone, or only if all do. Of their actions, each policy its own, the mildest is carried out:
/// quarantine, archive, delete.
///
/// In the mode `any`, what limits how much is kept comes last: a [`CountBasedPolicy`](crate::CountBasedPolicy) and a [`KeepPolicy`](crate::KeepPolicy)
/// give no place to a record that another policy of the composite wants gone by its age, status or tag or by a function, and a
/// [`SizeBasedPolicy`](crate::SizeBasedPolicy) none to one that any of those wants gone. So the newest ten are the newest ten of what is left, and not ten failures
/// of which nothing is left. What is protected takes a place, since it stays. Policies of one kind do not take from each other: of two counts, and of two keeps,
/// each looks at all that is left, and a record stays only if both keep it. A composite `any` within an `any` counts as if its policies stood in the outer
/// one, but for tags. In the mode `all` nobody leaves by one policy, and all records are counted.
///
/// In the mode `any`, a record that has the tag of a [`TagBasedPolicy`] is exempt from each
/// [`TimeBasedPolicy`](crate::TimeBasedPolicy) that stands directly beside it: the tag gives it an age of its own, be it longer or shorter. In the mode
/// `all` nothing needs an exemption, since the tag's policy must agree.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CompositePolicy {
    /// The policies; one at the least.
    pub policies: Vec<Policy>,
    /// How many of them must want a record gone. Default: any.
    #[serde(default)]
    pub mode: PolicyMode,
}

impl CompositePolicy {
    pub(super) const NAMES: &'static [&'static str] = &["policies", "mode"];

    /// Wants gone what any of the policies wants gone.
    pub fn any(policies: impl IntoIterator<Item = Policy>) -> Self {
        Self { policies: policies.into_iter().collect(), mode: PolicyMode::Any }
    }

    /// Wants gone only what all of the policies want gone.
    pub fn all(policies: impl IntoIterator<Item = Policy>) -> Self {
        Self { policies: policies.into_iter().collect(), mode: PolicyMode::All }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.policies.is_empty() {
            return Err(Error::invalid(
                "policies is empty: without a policy nothing is decided; name one at the least",
            ));
        }
        self.policies.iter().try_for_each(Policy::check)
    }

    /// Tells whether one of the policies must be shown descriptions.
    pub(crate) fn describes(&self) -> bool {
        self.policies.iter().any(Policy::describes)
    }

    pub(crate) fn horizon(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let mut joined: Option<Timestamp> = None;
        for policy in &self.policies {
            let Some(horizon) = policy.horizon(now)? else { return Ok(None) };
            joined = Some(match (self.mode, joined) {
                (_, None) => horizon,
                (PolicyMode::Any, Some(other)) => horizon.max(other),
                (PolicyMode::All, Some(other)) => horizon.min(other),
            });
        }
        Ok(joined)
    }

    pub(crate) fn judge(&self) -> Result<Judgement> {
        let mut children = Vec::new();
        match self.mode {
            PolicyMode::Any => self.gather(&mut children)?,
            PolicyMode::All => {
                for policy in &self.policies {
                    children.push(Child::new(policy, Vec::new())?);
                }
            }
        }
        // The order of those of one turn stays: it is that of reasons.
        children.sort_by_key(|child| child.turn);
        Ok(Judgement { mode: self.mode, children })
    }

    /// Adds the policies of an `any`, and those of each `any` within: one of them is enough wherever it stands.
    fn gather(&self, children: &mut Vec<Child>) -> Result<()> {
        for policy in &self.policies {
            match policy {
                Policy::Composite(inner) if inner.mode == PolicyMode::Any => inner.gather(children)?,
                policy => {
                    let exempt = if matches!(policy, Policy::Time(_)) { self.tags() } else { Vec::new() };
                    children.push(Child::new(policy, exempt)?);
                }
            }
        }
        Ok(())
    }

    /// Returns the policies whose tags exempt records from the policies of age beside them.
    fn tags(&self) -> Vec<TagBasedPolicy> {
        let tags = self.policies.iter().filter_map(|policy| match policy {
            Policy::Tag(policy) => Some(policy.clone()),
            _ => None,
        });
        tags.collect()
    }
}

pub(crate) struct Judgement {
    mode: PolicyMode,
    /// By turns.
    children: Vec<Child>,
}

struct Child {
    turn: Turn,
    /// Whose records are none of its business.
    exempt: Vec<TagBasedPolicy>,
    exempted: Lately<bool>,
    judge: Box<dyn Judge>,
}

impl Child {
    fn new(policy: &Policy, exempt: Vec<TagBasedPolicy>) -> Result<Self> {
        Ok(Self { turn: policy.turn(), exempt, exempted: Lately::default(), judge: policy.judge()? })
    }

    fn is_exempt(&mut self, seen: &Seen<'_>) -> bool {
        !self.exempt.is_empty()
            && self
                .exempted
                .of(seen.facts.tags(), |tags| self.exempt.iter().any(|policy| policy.concerns(tags)))
    }
}

impl Judgement {
    fn any(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let (mut wanted, mut turn, mut leaves) = (None::<Trigger>, Turn::Facts, seen.leaves);
        for child in &mut self.children {
            if child.turn != turn {
                turn = child.turn;
                leaves |= wanted.is_some();
            }
            if child.is_exempt(seen) {
                continue;
            }
            let Some(trigger) = child.judge.judge(&Seen { leaves, ..*seen }) else { continue };
            match &mut wanted {
                Some(wanted) => wanted.join(trigger),
                None => wanted = Some(trigger),
            }
        }
        wanted
    }

    fn all(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let (mut wanted, mut agreed) = (None::<Trigger>, true);
        // Each is asked, whatever the others said: what counts records must see all of them.
        for child in &mut self.children {
            match (&mut wanted, child.judge.judge(seen)) {
                (_, None) => agreed = false,
                (Some(wanted), Some(trigger)) => wanted.join(trigger),
                (wanted @ None, trigger) => *wanted = trigger,
            }
        }
        wanted.filter(|_| agreed)
    }
}

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        match self.mode {
            PolicyMode::Any => self.any(seen),
            PolicyMode::All => self.all(seen),
        }
    }
}
