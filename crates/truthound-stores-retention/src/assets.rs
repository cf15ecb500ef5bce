//! Assets by number, and what is remembered of each.

use std::collections::HashMap;

/// How many names are at hand.
const AT_HAND: usize = 256;

/// Numbers assets in the order in which they are met.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    numbers: HashMap<Box<str>, usize>,
    /// Names that were met lately, each at the place that its length and its end give it: most names are found here, and need no hash of all their bytes.
    at_hand: Vec<Option<(Box<str>, usize)>>,
}

impl Assets {
    /// Returns the number of an asset.
    pub(crate) fn number(&mut self, asset: &str) -> usize {
        self.at_hand.resize(AT_HAND, None);
        let Some(hand) = self.at_hand.get_mut(place(asset)) else { return number(&mut self.numbers, asset) };
        match hand {
            Some((name, number)) if **name == *asset => *number,
            hand => {
                let number = number(&mut self.numbers, asset);
                *hand = Some((asset.into(), number));
                number
            }
        }
    }
}

fn number(numbers: &mut HashMap<Box<str>, usize>, asset: &str) -> usize {
    if let Some(number) = numbers.get(asset) {
        return *number;
    }
    let number = numbers.len();
    numbers.insert(asset.into(), number);
    number
}

/// Returns the place of a name. Names of tables mostly differ at their end.
fn place(asset: &str) -> usize {
    let end = asset.as_bytes().iter().rev().take(8);
    let mixed = end.fold(asset.len(), |mixed, byte| mixed.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    mixed % AT_HAND
}

/// Holds a state for each asset that was met, by its number.
#[derive(Debug)]
pub(crate) struct PerAsset<T>(Vec<T>);

impl<T> PerAsset<T> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns the state of an asset; all begin as `first` says.
    #[allow(clippy::indexing_slicing, reason = "it was just made long enough")]
    pub(crate) fn of(&mut self, asset: usize, first: impl FnMut() -> T) -> &mut T {
        if self.0.len() <= asset {
            self.0.resize_with(asset + 1, first);
        }
        &mut self.0[asset]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More than are at hand, and many at one place.
    #[test]
    fn each_asset_keeps_its_number() {
        let name = |n: usize| format!("{n}.orders_of_the_year");
        let mut assets = Assets::default();
        for _ in 0..3 {
            for n in 0..2 * AT_HAND {
                assert_eq!(assets.number(&name(n)), n);
            }
        }
        assert_eq!(assets.number(""), 2 * AT_HAND);
    }
}
