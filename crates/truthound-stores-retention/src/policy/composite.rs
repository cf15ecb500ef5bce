//! By several policies.

use std::fmt;

use serde::{Deserialize, Serialize};
use truthound_stores_core::{Error, RecordMeta, Result, Timestamp};

use super::{Judge, Policy, Seen, TagBasedPolicy, Trigger};

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
        let mut order: Vec<&Policy> = self.policies.iter().collect();
        // Those that add up come last, when it is known who leaves anyway.
        order.sort_by_key(|policy| policy.weighs());
        let child = |policy: &Policy| {
            let by_age_alone = matches!(policy, Policy::Time(_));
            Ok(Child { by_age_alone, weighs: policy.weighs(), judge: policy.judge()? })
        };
        let tags = self.policies.iter().filter_map(|policy| match policy {
            Policy::Tag(policy) => Some(policy.clone()),
            _ => None,
        });
        Ok(Judgement {
            mode: self.mode,
            tags: tags.collect(),
            children: order.into_iter().map(child).collect::<Result<_>>()?,
        })
    }
}

pub(crate) struct Judgement {
    mode: PolicyMode,
    tags: Vec<TagBasedPolicy>,
    children: Vec<Child>,
}

struct Child {
    by_age_alone: bool,
    weighs: bool,
    judge: Box<dyn Judge>,
}

impl Judgement {
    fn any(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        let exempt = is_tagged(&self.tags, seen.meta);
        let (mut wanted, mut leaves) = (None::<Trigger>, seen.leaves);
        for child in self.children.iter_mut().filter(|child| !(exempt && child.by_age_alone)) {
            let Some(trigger) = child.judge.judge(&Seen { leaves, ..*seen }) else { continue };
            // Those that add up do not take from each other.
            leaves |= !child.weighs;
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

fn is_tagged(tags: &[TagBasedPolicy], meta: &RecordMeta) -> bool {
    tags.iter().any(|policy| policy.concerns(meta))
}

impl Judge for Judgement {
    fn judge(&mut self, seen: &Seen<'_>) -> Option<Trigger> {
        match self.mode {
            PolicyMode::Any => self.any(seen),
            PolicyMode::All => self.all(seen),
        }
    }
}
