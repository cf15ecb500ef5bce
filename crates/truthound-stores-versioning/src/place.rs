//! Where the records of an item lie: the names in the hidden collections.

use truthound_stores_core::{Collection, Key, Pattern, Query, Result, Timestamp};

use crate::checksum::hex;
use crate::number::VersionId;

/// The collection of versions.
pub(crate) const VERSIONS: &str = "versioning";
/// The collection of branches, labels and the ends of deleted histories.
pub(crate) const REFS: &str = "versioning_refs";

/// Tells whether a collection holds records of versioned stores.
pub(crate) fn is_ours(collection: &Collection) -> bool {
    collection.as_str().strip_prefix('_').is_some_and(|name| name == VERSIONS || name == REFS)
}

/// An item, and the names of its records.
///
/// Ids may be as long as a key allows and hold any character; so records go by a hash of the item, and say which item they mean.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) item: Key,
    /// 32 hexadecimal digits of the hash of collection and id; no wildcard for queries.
    pub(crate) digest: String,
}

impl Place {
    pub(crate) fn of(item: &Key) -> Self {
        // Names of collections have no line breaks.
        let name = format!("{}\n{}", item.collection(), item.id());
        let hash = blake3::hash(name.as_bytes());
        Self { item: item.clone(), digest: hex(hash.as_bytes().get(..16).unwrap_or_default()) }
    }

    /// Names the record of a version. Records of an item sort by ordinal.
    pub(crate) fn version(&self, id: VersionId) -> Result<Key> {
        Key::new(Collection::hidden(VERSIONS)?, &format!("{}-{id}", self.digest))
    }

    /// Names a branch, a label or the end of a deleted history.
    pub(crate) fn reference(&self, kind: &str, name: &str) -> Result<Key> {
        Key::new(Collection::hidden(REFS)?, &format!("{}-{kind}-{name}", self.digest))
    }

    /// Asks for versions with ordinals up to `to`, the greatest first. The ordinal stands in the place of the time, so that every backend has
    /// an index that answers this.
    pub(crate) fn versions(&self, to: u64) -> Result<Query> {
        Ok(self.of_item(VERSIONS)?.with_end_time(ordinal_time(to)))
    }

    /// Asks for versions with ordinals from `from` to `to`, the greatest first.
    pub(crate) fn versions_between(&self, from: u64, to: u64) -> Result<Query> {
        Ok(self.versions(to)?.with_start_time(ordinal_time(from)))
    }

    /// Asks for branches, labels and ends.
    pub(crate) fn references(&self) -> Result<Query> {
        Ok(self.of_item(REFS)?.with_ascending(true))
    }

    fn of_item(&self, collection: &str) -> Result<Query> {
        let collection = Collection::hidden(collection)?;
        Ok(Query::new().with_collection(collection).with_data_asset(Pattern::exact(&self.digest)))
    }
}

/// The time that stands for an ordinal: so many microseconds after 1970.
pub(crate) fn ordinal_time(ordinal: u64) -> Timestamp {
    Timestamp::from_micros(ordinal.min(MOST_VERSIONS).cast_signed())
}

/// The greatest ordinal that stands for a time of its own: in microseconds the end of the year 9999, which every backend can hold.
pub(crate) const MOST_VERSIONS: u64 = 253_402_300_799_999_999;
