//! Labels that documents have in common, so that a set of them is held once and not with each document.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use truthound_stores_core::Labels;

/// How many sets are remembered.
const PLACES: usize = 1024;

/// Remembers sets of labels that were met lately: one for each place, which its hash gives it.
#[derive(Debug, Default)]
pub(super) struct SharedLabels(Vec<Labels>);

impl SharedLabels {
    /// Returns the labels, as the map that others have if they were met lately.
    pub(super) fn shared(&mut self, labels: Labels) -> Labels {
        if labels.is_empty() {
            return labels;
        }
        let mut hasher = DefaultHasher::new();
        labels.hash(&mut hasher);
        self.0.resize(PLACES, Labels::default());
        let place = usize::try_from(hasher.finish() % PLACES as u64).unwrap_or_default();
        let Some(met) = self.0.get_mut(place) else { return labels };
        if *met != labels {
            *met = labels;
        }
        met.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(number: usize) -> Labels {
        [("team", number.to_string())].into()
    }

    fn is_one(one: &Labels, other: &Labels) -> bool {
        std::ptr::eq(&raw const **one, &raw const **other)
    }

    /// A million documents once held a million maps of the same two labels.
    #[test]
    fn equal_labels_are_one_map() {
        let mut shared = SharedLabels::default();
        let one = shared.shared(team(1));
        assert_eq!(shared.shared(team(2)), team(2));
        assert!(is_one(&shared.shared(team(1)), &one) && !is_one(&team(1), &one));
        assert_eq!(shared.shared(Labels::default()), Labels::default());
    }

    #[test]
    fn no_more_are_held_than_there_are_places() {
        let mut shared = SharedLabels::default();
        for number in 0..3 * PLACES {
            assert_eq!(shared.shared(team(number)), team(number));
        }
        assert_eq!(shared.0.len(), PLACES);
    }
}
