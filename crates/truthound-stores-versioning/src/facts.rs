//! All that a version's record says of it, as tags that a listing shows, under a seal: its name, by which it is found, and the rest as one JSON object, for each tag costs a row
//! in an index.

use std::collections::BTreeMap;

use truthound_stores_core::json::{Json, Layout};
use truthound_stores_core::{Checksum, Error, Key, RecordMeta, Result, Timestamp};

use crate::checksum::hex;
use crate::head::Head;
use crate::info::VersionInfo;
use crate::number::{Before, Semantic, VersionId};
use crate::place::Place;

/// The tag that queries ask for.
pub(crate) const VERSION: &str = "version";
/// The tag that holds all the rest; in the record's text it is an object, which counts as a tag by its text.
pub(crate) const FACTS: &str = "facts";
const SEAL: &str = "seal";
const METADATA: &str = "meta.";

/// A version: what users see of it, and how it hangs together with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) info: VersionInfo,
    pub(crate) id: VersionId,
    /// The version before it.
    pub(crate) parent: Option<VersionId>,
    /// The version of a branch that it took over.
    pub(crate) merged: Option<VersionId>,
    /// The record that holds the content: another one where content is shared.
    pub(crate) holder: VersionId,
    /// The start of the store's own checksum of the content, by which a write from outside is seen.
    pub(crate) sum: Option<Checksum>,
    /// The lowest ordinal that was kept when this version was made.
    pub(crate) floor: u64,
    pub(crate) semantic: Option<Semantic>,
    /// The state of the document that the save was to replace: while that stands, the save was not done.
    pub(crate) over: Option<String>,
    /// A hash of what else the record holds beside facts and content.
    pub(crate) extra: Option<String>,
}

impl Facts {
    /// What the next version must know.
    pub(crate) fn head(&self) -> Head {
        Head {
            id: self.id,
            holder: self.holder,
            sum: self.sum,
            created_at: self.info.created_at,
            floor: self.floor,
            semantic: self.semantic,
            name: self.info.version.clone(),
        }
    }

    /// Writes the facts, sealed.
    pub(crate) fn to_tags(&self, record: &str) -> BTreeMap<String, String> {
        let info = &self.info;
        let mut fields: BTreeMap<String, Json> = BTreeMap::new();
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), Json::from(value));
            }
        };
        set("collection", Some(info.item.collection().to_string()));
        set("item", Some(info.item.id().to_owned()));
        set("created_at", Some(info.created_at.to_string()));
        set("created_by", info.created_by.clone());
        set("message", info.message.clone());
        set("parent", info.parent.clone());
        set("checksum", Some(info.checksum.clone()));
        set("algorithm", Some(info.algorithm.to_string()));
        set("size", Some(info.size.to_string()));
        set("branch", Some(info.branch.clone()));
        set("origin", Some(info.origin.to_string()));
        set("id", Some(self.id.to_string()));
        set("parent_id", self.parent.map(|id| id.to_string()));
        set("merged_id", self.merged.map(|id| id.to_string()));
        set("content_id", Some(self.holder.to_string()));
        set("sum", self.sum.map(|sum| sum.to_string()));
        set("floor", Some(self.floor.to_string()));
        set("semantic", self.semantic.map(|version| version.to_string()));
        set("over", self.over.clone());
        set("extra", self.extra.clone());
        for (name, value) in &info.metadata {
            set(&format!("{METADATA}{name}"), Some(value.clone()));
        }
        let facts = Json::Object(fields.into_iter().collect()).to_vec(Layout::Compact);
        let mut tags = BTreeMap::from([
            (VERSION.to_owned(), info.version.clone()),
            (FACTS.to_owned(), String::from_utf8_lossy(&facts).into_owned()),
        ]);
        let seal = seal(record, &tags);
        tags.insert(SEAL.to_owned(), seal);
        tags
    }

    /// Reads the facts of a record of the item at `place`.
    ///
    /// # Errors
    /// `Corrupt` if the seal is broken or the record speaks of another item.
    pub(crate) fn of(place: &Place, meta: &RecordMeta) -> Result<Self> {
        let damaged = |what: &str| {
            Error::corrupt(format!("the record of a version is damaged: {what}"))
                .at(&place.item)
                .with("record", meta.key.to_string())
        };
        let tags = &meta.attributes.tags;
        if tags.get(SEAL) != Some(&seal(meta.key.id(), tags)) {
            return Err(damaged("its seal is broken"));
        }
        let fields = fields(tags).ok_or_else(|| damaged("what it says cannot be read"))?;
        let read = || -> Result<Self> {
            let optional = |name: &str| fields.get(name).cloned();
            let text =
                |name: &str| optional(name).ok_or_else(|| Error::corrupt(format!("{name} is missing")));
            let id = |name: &str| optional(name).map(|text| text.parse::<VersionId>()).transpose();
            let number = |name: &str| {
                text(name)?
                    .parse::<u64>()
                    .map_err(|cause| Error::corrupt(format!("{name} is no number")).caused_by(cause))
            };
            let own: VersionId = text("id")?.parse()?;
            let metadata = fields
                .iter()
                .filter_map(|(name, value)| Some((name.strip_prefix(METADATA)?.to_owned(), value.clone())));
            Ok(Self {
                info: VersionInfo {
                    item: place.item.clone(),
                    ordinal: own.ordinal,
                    version: tags
                        .get(VERSION)
                        .cloned()
                        .ok_or_else(|| Error::corrupt("its name is missing"))?,
                    created_at: text("created_at")?.parse::<Timestamp>()?,
                    created_by: optional("created_by"),
                    message: optional("message"),
                    parent: optional("parent"),
                    metadata: metadata.collect(),
                    checksum: text("checksum")?,
                    algorithm: text("algorithm")?.parse()?,
                    size: number("size")?,
                    branch: text("branch")?,
                    origin: text("origin")?.parse()?,
                },
                id: own,
                parent: id("parent_id")?,
                merged: id("merged_id")?,
                holder: text("content_id")?.parse()?,
                sum: optional("sum").as_deref().map(sum_of).transpose()?,
                floor: number("floor")?,
                semantic: optional("semantic").map(|text| text.parse()).transpose()?,
                over: optional("over"),
                extra: optional("extra"),
            })
        };
        let facts = read().map_err(|cause| damaged("what it says cannot be read").caused_by(cause))?;
        let named = |name: &str| fields.get(name).map(String::as_str);
        let item: &Key = &place.item;
        if named("item") != Some(item.id()) || named("collection") != Some(item.collection().as_str()) {
            return Err(damaged("it speaks of another item"));
        }
        if meta.key != place.version(facts.id)? {
            return Err(damaged("it stands under another name"));
        }
        Ok(facts)
    }
}

/// Reads what the tags of a record say beside the version's name.
fn fields(tags: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    let facts = Json::parse(tags.get(FACTS)?.as_bytes()).ok()?;
    let field = |(name, value): (&str, &Json)| Some((name.to_owned(), value.as_str()?.to_owned()));
    facts.as_object()?.iter().map(field).collect()
}

/// Reads off a record of which item it speaks: the names of its collection and of itself.
pub(crate) fn item_named(tags: &BTreeMap<String, String>) -> Option<(String, String)> {
    let mut fields = fields(tags)?;
    Some((fields.remove("collection")?, fields.remove("item")?))
}

impl From<&Head> for Before {
    fn from(head: &Head) -> Self {
        Self { ordinal: head.id.ordinal, created_at: head.created_at, semantic: head.semantic }
    }
}

/// Reads the start of a checksum.
pub(crate) fn sum_of(text: &str) -> Result<Checksum> {
    let refuse = || Error::invalid(format!("{text:?} is no checksum's start"));
    let digits = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(digits).collect();
    bytes.and_then(|bytes| Checksum::abbreviated(&bytes)).ok_or_else(refuse)
}

/// How many bytes of the store's checksum are kept: two documents of an item do not share them by chance or by intent.
pub(crate) const SUM_BYTES: usize = 16;

/// Shortens a checksum to what is kept of it.
pub(crate) fn short_sum(checksum: &Checksum) -> Option<Checksum> {
    checksum.as_bytes().get(..SUM_BYTES).and_then(Checksum::abbreviated)
}

/// Hashes names and values with their lengths, so that nothing can move from one into the other.
pub(crate) fn seal(record: &str, tags: &BTreeMap<String, String>) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add(record);
    for (name, value) in tags.iter().filter(|(name, _)| *name != SEAL) {
        add(name);
        add(value);
    }
    hex(hasher.finalize().as_bytes().get(..16).unwrap_or_default())
}
