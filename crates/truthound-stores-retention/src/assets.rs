//! Assets by number, and what is remembered of each.

use std::collections::HashMap;

/// Numbers assets in the order in which they are met.
#[derive(Debug, Default)]
pub(crate) struct Assets(HashMap<Box<str>, usize>);

impl Assets {
    /// Returns the number of an asset.
    pub(crate) fn number(&mut self, asset: &str) -> usize {
        if let Some(number) = self.0.get(asset) {
            return *number;
        }
        let number = self.0.len();
        self.0.insert(asset.into(), number);
        number
    }
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
