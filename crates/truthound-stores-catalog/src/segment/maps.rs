//! Names and values as JSON text, and back. Few maps are met often: each is written and read once.

use std::collections::{BTreeMap, HashMap};

use parquet::data_type::ByteArray;
use truthound_stores_core::json::{Json, Layout, Object};
use truthound_stores_core::{Error, Labels, Result};

pub(super) type Map = BTreeMap<String, String>;

/// So many maps are remembered at the most.
const REMEMBERED: usize = 4_096;
/// Their texts have so many bytes together at the most.
const REMEMBERED_BYTES: usize = 4 << 20;

/// Writes maps.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// That of the row before: rows that have the same labels often lie next to each other, and share them.
    last: Option<(Labels, ByteArray)>,
    all: HashMap<Map, ByteArray>,
}

impl Texts {
    pub(super) fn write(&mut self, labels: &Labels) -> ByteArray {
        if let Some((last, text)) = &self.last
            && last == labels
        {
            return text.clone();
        }
        let map: &Map = labels;
        let text = self.all.get(map).cloned().unwrap_or_else(|| {
            let members = map.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let text = ByteArray::from(to_json(members));
            if self.all.len() < REMEMBERED {
                self.all.insert(map.clone(), text.clone());
            }
            text
        });
        self.last = Some((labels.clone(), text.clone()));
        text
    }
}

/// Reads maps. Rows that have the same labels share them.
#[derive(Debug, Default)]
pub(super) struct Maps {
    all: HashMap<Vec<u8>, Labels>,
    bytes: usize,
}

impl Maps {
    pub(super) fn read(&mut self, text: &[u8]) -> Result<Labels> {
        if let Some(map) = self.all.get(text) {
            return Ok(map.clone());
        }
        let map = Labels::from(from_json(text)?);
        if self.all.len() < REMEMBERED && self.bytes + text.len() <= REMEMBERED_BYTES {
            self.bytes += text.len();
            self.all.insert(text.to_vec(), map.clone());
        }
        Ok(map)
    }
}

pub(super) fn to_json<'m>(entries: impl Iterator<Item = (&'m str, &'m str)>) -> Vec<u8> {
    let members = entries.map(|(name, value)| (name.to_owned(), Json::from(value)));
    Json::Object(members.collect::<Object>()).to_vec(Layout::Compact)
}

pub(super) fn from_json(text: &[u8]) -> Result<Map> {
    let strange = || Error::corrupt("the tags of a row are no object of texts");
    let json = Json::parse(text).map_err(|cause| strange().caused_by(cause))?;
    let members = json.as_object().ok_or_else(strange)?.iter();
    members
        .map(|(name, value)| Ok((name.to_owned(), value.as_str().ok_or_else(strange)?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four thousand sets of long labels were remembered as four thousand short ones are.
    #[test]
    fn so_many_sets_are_remembered_and_no_more_bytes_of_them() {
        for (length, most) in [(10_usize, REMEMBERED), (60_000, REMEMBERED_BYTES / 60_000)] {
            let mut maps = Maps::default();
            for number in 0..REMEMBERED + 10 {
                let value = format!("{number:0length$}");
                let text = to_json([("lot", value.as_str())].into_iter());
                assert_eq!(maps.read(&text).unwrap(), [("lot", value.as_str())].into());
                if maps.all.len() < number {
                    break;
                }
            }
            assert!(maps.bytes <= REMEMBERED_BYTES && maps.all.len() <= most, "{} sets", maps.all.len());
            assert!(maps.all.len() + 2 >= most, "{} sets", maps.all.len());
        }
    }
}
