//! What was found of labels lately.

use truthound_stores_core::Labels;

/// How many answers are remembered.
const PLACES: usize = 64;

/// Remembers what was found of sets of labels. Stores lend one map for all documents that have the same labels: so it is asked once, and not for each of them.
#[derive(Debug)]
pub(crate) struct Lately<T>(
    /// Each set stands at the place that its address gives it. It is held here, so that no other set comes to lie there.
    Vec<Option<(Labels, T)>>,
);

impl<T> Default for Lately<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> Lately<T> {
    /// Returns what `find` finds of these labels, or has found of them.
    pub(crate) fn of(&mut self, labels: &Labels, find: impl FnOnce(&Labels) -> T) -> T {
        self.0.resize_with(PLACES, || None);
        let address = &raw const **labels;
        let Some(place) = self.0.get_mut(address.addr() / 16 % PLACES) else { return find(labels) };
        match place {
            Some((met, found)) if std::ptr::eq(&raw const **met, address) => *found,
            place => {
                let found = find(labels);
                *place = Some((labels.clone(), found));
                found
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_a(labels: &Labels) -> bool {
        labels.contains_key("a")
    }

    #[test]
    fn one_map_is_asked_once() {
        let mut lately = Lately::default();
        let labels: Labels = [("a", "1")].into();
        assert!(lately.of(&labels, has_a));
        assert!(lately.of(&labels.clone(), |_| unreachable!("it was asked before")));
        assert!(!lately.of(&Labels::default(), has_a));
    }

    /// An address that is free again is soon that of other labels.
    #[test]
    fn what_was_dropped_is_not_taken_for_what_came_after() {
        let mut lately = Lately::default();
        for n in 0..10_000 {
            let labels: Labels = [(if n % 3 == 0 { "a" } else { "b" }, "1")].into();
            assert_eq!(lately.of(&labels, has_a), n % 3 == 0);
        }
    }
}
