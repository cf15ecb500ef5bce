//! What packed rows that are read one after the other have in common: few sets of labels are met often, and each is made once.

use std::collections::{BTreeMap, HashMap};

use truthound_stores_core::{Labels, Result};

use crate::pack::Unpack;

/// So many sets are remembered at the most.
const REMEMBERED: usize = 1_024;

/// Remembers the labels of rows that were read.
#[derive(Debug, Default)]
pub(crate) struct Lately(HashMap<Vec<u8>, Labels>);

impl Lately {
    /// Reads a number of labels, and them.
    ///
    /// # Errors
    /// `Corrupt` for bytes that are none.
    pub(super) fn labels(&mut self, unpack: &mut Unpack<'_>) -> Result<Labels> {
        let packed = unpack.since(|unpack| {
            for _ in 0..unpack.number()? {
                unpack.text()?;
                unpack.text()?;
            }
            Ok(())
        })?;
        if let Some(labels) = self.0.get(packed) {
            return Ok(labels.clone());
        }
        let (mut again, mut labels) = (Unpack::new(packed), BTreeMap::new());
        for _ in 0..again.number()? {
            let name = again.text()?.to_owned();
            labels.insert(name, again.text()?.to_owned());
        }
        let labels = Labels::from(labels);
        if self.0.len() < REMEMBERED {
            self.0.insert(packed.to_vec(), labels.clone());
        }
        Ok(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    fn packed(labels: &[(&str, &str)]) -> Vec<u8> {
        let mut pack = Pack::default();
        pack.number(labels.len() as u64);
        for (name, value) in labels {
            pack.text(name);
            pack.text(value);
        }
        pack.number(7);
        pack.into_bytes()
    }

    #[test]
    fn labels_are_read_as_they_were_packed_however_many_sets_there_are() {
        let mut lately = Lately::default();
        for number in (0..2 * REMEMBERED).chain(0..5) {
            let number = number.to_string();
            let bytes = packed(&[("b", number.as_str()), ("a", "")]);
            let mut unpack = Unpack::new(&bytes);
            let labels = lately.labels(&mut unpack).unwrap();
            assert_eq!(labels, [("a", ""), ("b", number.as_str())].into());
            assert_eq!(unpack.number().unwrap(), 7, "what follows is left");
        }
        assert_eq!(lately.0.len(), REMEMBERED);
    }

    #[test]
    fn labels_that_are_cut_are_corrupt() {
        let bytes = packed(&[("a", "b")]);
        for end in 0..bytes.len() - 1 {
            assert!(Lately::default().labels(&mut Unpack::new(&bytes[..end])).is_err(), "{end}");
        }
    }
}
