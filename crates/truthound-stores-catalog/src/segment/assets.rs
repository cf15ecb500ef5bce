//! Which assets a segment has rows of: by name while they are few, by a filter when they are many.

use std::collections::BTreeSet;

use truthound_stores_core::{Error, Pattern, Result};

use crate::pack::{Pack, Unpack};

/// Names are listed while they take no more than this together.
const LISTED: usize = 1_024;
/// Bytes of the filter that takes their place: one in fifty of foreign names passes at a thousand assets.
const FILTER: usize = 1_024;
const PROBES: usize = 5;

/// The assets of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Assets {
    /// All of them.
    Listed(BTreeSet<String>),
    /// A Bloom filter (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970).
    Filtered(Vec<u8>),
}

impl Default for Assets {
    fn default() -> Self {
        Self::Listed(BTreeSet::new())
    }
}

impl Assets {
    pub(crate) fn add(&mut self, asset: &str) {
        match self {
            Self::Listed(names) => {
                if names.contains(asset) {
                    return;
                }
                names.insert(asset.to_owned());
                if names.iter().map(|name| name.len() + 1).sum::<usize>() > LISTED {
                    let mut filter = vec![0; FILTER];
                    for name in names.iter() {
                        set(&mut filter, name);
                    }
                    *self = Self::Filtered(filter);
                }
            }
            Self::Filtered(filter) => set(filter, asset),
        }
    }

    /// Tells whether there may be rows of an asset that the pattern matches.
    pub(crate) fn may_match(&self, pattern: &Pattern) -> bool {
        match (self, pattern.as_literal()) {
            (Self::Listed(names), None) => names.iter().any(|name| pattern.matches(name)),
            (Self::Listed(names), Some(asset)) => names.contains(asset),
            (Self::Filtered(_), None) => true,
            (Self::Filtered(filter), Some(asset)) => {
                bits(asset).all(|(at, bit)| filter.get(at).is_some_and(|byte| byte & bit != 0))
            }
        }
    }

    pub(super) fn pack(&self, pack: &mut Pack) {
        match self {
            Self::Listed(names) => {
                pack.number(names.len() as u64 + 1);
                for name in names {
                    pack.text(name);
                }
            }
            Self::Filtered(filter) => {
                pack.number(0);
                pack.raw(filter);
            }
        }
    }

    pub(super) fn take(unpack: &mut Unpack<'_>) -> Result<Self> {
        let Some(count) = unpack.number()?.checked_sub(1) else {
            return Ok(Self::Filtered(unpack.raw(FILTER)?.to_vec()));
        };
        if count > LISTED as u64 {
            return Err(Error::corrupt("a segment is said to have more assets than are listed"));
        }
        (0..count).map(|_| Ok(unpack.text()?.to_owned())).collect::<Result<_>>().map(Self::Listed)
    }
}

fn set(filter: &mut [u8], asset: &str) {
    for (at, bit) in bits(asset) {
        if let Some(byte) = filter.get_mut(at) {
            *byte |= bit;
        }
    }
}

/// The bits of a name: a byte's place, and the bit in it.
fn bits(asset: &str) -> impl Iterator<Item = (usize, u8)> {
    let hash = *blake3::hash(asset.as_bytes()).as_bytes();
    (0..PROBES).map(move |probe| {
        let [a, b] = [2 * probe, 2 * probe + 1].map(|at| usize::from(hash.get(at).copied().unwrap_or(0)));
        let number = (a << 8 | b) % (FILTER * 8);
        (number / 8, 1 << (number % 8))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_assets_are_listed_and_many_are_filtered() {
        let mut assets = Assets::default();
        assets.add("orders");
        assets.add("orders");
        assert!(assets.may_match(&Pattern::new("ord*")) && !assets.may_match(&Pattern::new("x*")));
        assert!(assets.may_match(&Pattern::exact("orders")) && !assets.may_match(&Pattern::exact("order")));
        assert!(matches!(&assets, Assets::Listed(names) if names.len() == 1));
        let name = |number: usize| format!("warehouse.table_{number}");
        (0..1_000).for_each(|number| assets.add(&name(number)));
        assert!((0..1_000).all(|number| assets.may_match(&Pattern::exact(&name(number)))));
        let wrong =
            (1_000..11_000).filter(|number| assets.may_match(&Pattern::exact(&name(*number)))).count();
        assert!(wrong < 600, "{wrong} of 10,000 foreign names pass");
        assert!(assets.may_match(&Pattern::new("x*")), "a filter knows nothing of patterns");
    }
}
