//! Labels: a map that is shared by those who describe a document.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Holds names and values: a `BTreeMap<String, String>` by all that can be done with it, of which a copy costs nothing.
///
/// Copies share one map until one of them is changed. Stores list millions of descriptions, which have few sets of labels between them.
///
/// # Examples
/// ```
/// use truthound_stores_core::Labels;
///
/// let mut labels: Labels = [("team", "data")].into();
/// let before = labels.clone();
/// labels.insert("environment".to_owned(), "production".to_owned());
/// assert_eq!(labels["team"], "data");
/// assert_eq!((labels.len(), before.len()), (2, 1));
/// ```
#[derive(Clone, Default)]
pub struct Labels(
    /// Nothing for none: most documents of some stores have no labels.
    Option<Arc<Map>>,
);

type Map = BTreeMap<String, String>;

static NONE: Map = BTreeMap::new();

impl Deref for Labels {
    type Target = Map;

    fn deref(&self) -> &Map {
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Labels {
    fn deref_mut(&mut self) -> &mut Map {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

impl From<Map> for Labels {
    fn from(map: Map) -> Self {
        Self((!map.is_empty()).then(|| Arc::new(map)))
    }
}

impl<N: Into<String>, V: Into<String>, const COUNT: usize> From<[(N, V); COUNT]> for Labels {
    fn from(pairs: [(N, V); COUNT]) -> Self {
        pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
    }
}

impl FromIterator<(String, String)> for Labels {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Map::from_iter(pairs).into()
    }
}

impl<'l> IntoIterator for &'l Labels {
    type Item = (&'l String, &'l String);
    type IntoIter = btree_map::Iter<'l, String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Labels {
    type Item = (String, String);
    type IntoIter = btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.map(Arc::unwrap_or_clone).unwrap_or_default().into_iter()
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(ours), Some(theirs)) if Arc::ptr_eq(ours, theirs) => true,
            _ => **self == **other,
        }
    }
}

impl Eq for Labels {}

/// Is a map.
impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Is a map.
impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_same_map_until_one_is_changed() {
        let one: Labels = [("team", "data"), ("a", "b")].into();
        let mut other = one.clone();
        assert!(Arc::ptr_eq(one.0.as_ref().unwrap(), other.0.as_ref().unwrap()));
        other.remove("a");
        assert_eq!((one.len(), other.len()), (2, 1));
        assert_ne!(one, other);
        other.clear();
        assert_eq!(other, Labels::default());
    }

    #[test]
    fn they_are_written_and_read_as_a_map() {
        let labels: Labels = [("b", "2"), ("a", "1")].into();
        let text = serde_json::to_string(&labels).unwrap();
        assert_eq!(text, r#"{"a":"1","b":"2"}"#);
        assert_eq!(serde_json::from_str::<Labels>(&text).unwrap(), labels);
        assert_eq!(serde_json::from_str::<Labels>("{}").unwrap(), Labels::default());
        assert_eq!(format!("{labels:?}"), r#"{"a": "1", "b": "2"}"#);
        assert_eq!((&labels).into_iter().count(), 2);
    }
}
