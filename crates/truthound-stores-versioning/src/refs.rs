//! Branches, labels and the ends of deleted histories: small records of their own, changed by compare-and-swap.

use std::collections::BTreeMap;

use truthound_stores_core::json::{Json, Layout, Object};
use truthound_stores_core::{
    Attributes, Body, Error, ErrorKind, GetOptions, Key, Record, RecordMeta, Result, Revision, Status,
    Timestamp,
};

use crate::facts::seal;
use crate::head::Head;
use crate::number::{HASH_DIGITS, MAIN};
use crate::place::Place;
use crate::resolve::is_hash;

/// What a record names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A line of versions beside the current document.
    Branch,
    /// A version.
    Label,
    /// The last version of an item that was deleted.
    End,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Label => "label",
            Self::End => "end",
        }
    }
}

/// A branch, a label or an end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// The version that it names.
    pub(crate) head: Head,
    /// The ordinal at which a branch left.
    pub(crate) base: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) created_by: Option<String>,
    /// Chance, by which a writer whose answer was lost knows its own record.
    pub(crate) nonce: u64,
    pub(crate) removes: Removes,
}

/// Whether an end says that the history goes, up to its version. While there is a document, nobody heeds that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Removes {
    /// It is kept.
    #[default]
    Nothing,
    /// Its document is to be deleted.
    Document,
    /// Its document was deleted, and its records follow.
    Records,
}

impl Removes {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Document => "document",
            Self::Records => "records",
        }
    }
}

/// The name of all ends: an item has one.
pub(crate) const END: &str = "history";

/// The tag of an end whose history goes.
const REMOVES: &str = "removes";

impl Reference {
    /// Makes the end of a history that is kept, or the mark of one that goes.
    pub(crate) fn end(head: Head, created_at: Timestamp, nonce: u64, removes: Removes) -> Self {
        Self {
            kind: Kind::End,
            name: END.to_owned(),
            base: head.id.ordinal,
            head,
            created_at,
            created_by: None,
            nonce,
            removes,
        }
    }

    /// Writes the record, sealed.
    pub(crate) fn to_record(&self, place: &Place) -> Result<Record> {
        let key = place.reference(self.kind.as_str(), &self.name)?;
        let mut tags = BTreeMap::from([
            ("collection".to_owned(), place.item.collection().to_string()),
            ("item".to_owned(), place.item.id().to_owned()),
            ("kind".to_owned(), self.kind.as_str().to_owned()),
            ("name".to_owned(), self.name.clone()),
            ("head".to_owned(), self.head.to_string()),
            ("base".to_owned(), self.base.to_string()),
            ("nonce".to_owned(), format!("{:016x}", self.nonce)),
        ]);
        if self.removes != Removes::Nothing {
            tags.insert(REMOVES.to_owned(), self.removes.as_str().to_owned());
        }
        if let Some(author) = &self.created_by {
            tags.insert("created_by".to_owned(), author.clone());
        }
        let seal = seal(key.id(), &tags);
        tags.insert("seal".to_owned(), seal);
        let mut attributes =
            Attributes::new(place.digest.clone(), self.created_at, Status::from(self.kind.as_str()));
        attributes.tags = tags.into();
        let mut text = Object::new();
        text.set("id", key.id());
        text.set("data_asset", place.digest.as_str());
        text.set("run_time", self.created_at.to_string());
        text.set("status", self.kind.as_str());
        let tags = attributes.tags.iter().map(|(name, value)| (name.clone(), Json::from(value.as_str())));
        text.set("tags", Json::Object(tags.collect()));
        Ok(Record::new(key, attributes, Body::from_canonical(Json::Object(text).to_vec(Layout::Compact))))
    }

    /// Reads a record.
    ///
    /// # Errors
    /// `Corrupt` if it was altered or speaks of another item.
    pub(crate) fn of(place: &Place, meta: &RecordMeta) -> Result<Self> {
        let tags = &meta.attributes.tags;
        let damaged = || {
            Error::corrupt("the record of a branch or label is damaged")
                .at(&place.item)
                .with("record", meta.key.to_string())
        };
        let text = |name: &str| tags.get(name).map(String::as_str).ok_or_else(damaged);
        let kind = [Kind::Branch, Kind::Label, Kind::End]
            .into_iter()
            .find(|kind| tags.get("kind").map(String::as_str) == Some(kind.as_str()))
            .ok_or_else(damaged)?;
        let whole = tags.get("seal") == Some(&seal(meta.key.id(), tags));
        let item: &Key = &place.item;
        if !whole || text("item")? != item.id() || text("collection")? != item.collection().as_str() {
            return Err(damaged());
        }
        Ok(Self {
            kind,
            name: text("name")?.to_owned(),
            head: text("head")?.parse().map_err(|cause: Error| damaged().caused_by(cause))?,
            base: text("base")?.parse().map_err(|cause| damaged().caused_by(cause))?,
            created_at: meta.attributes.run_time,
            created_by: tags.get("created_by").cloned(),
            nonce: tags
                .get("nonce")
                .and_then(|nonce| u64::from_str_radix(nonce, 16).ok())
                .unwrap_or_default(),
            removes: [Removes::Document, Removes::Records]
                .into_iter()
                .find(|removes| tags.get(REMOVES).map(String::as_str) == Some(removes.as_str()))
                .unwrap_or_default(),
        })
    }
}

/// Tells whether a record is the mark of a removal.
pub(crate) fn is_mark(meta: &RecordMeta) -> bool {
    meta.attributes.tags.contains_key(REMOVES)
}

/// Checks the name of a branch or label.
///
/// # Errors
/// `Invalid` for a name that could be taken for a version, or that is no plain word.
pub(crate) fn check_name(kind: Kind, name: &str) -> Result<()> {
    let word = (1..=64).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let number = digits(name) || name.strip_prefix('v').is_some_and(digits);
    let semantic = name.split('.').count() == 3 && name.split('.').all(digits);
    // Names of versions by their times are no plain words.
    if word && !number && !semantic && !is_hash(name) && name != MAIN && name != LATEST {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{name:?} cannot name a {}: a name has 1 to 64 characters of A-Z, a-z, 0-9, ., _ and -, begins with a letter, digit or _, and is \
         none that a version may have in any mode (a number, v and a number, three numbers as in 1.0.0, {HASH_DIGITS} hexadecimal digits), nor \
         {MAIN} or {LATEST}",
        kind.as_str()
    )))
}

/// What everybody may call the latest version.
pub(crate) const LATEST: &str = "latest";

/// Reads one record; none if there is none.
pub(crate) async fn read<S: truthound_stores_core::Store>(
    store: &S,
    place: &Place,
    kind: Kind,
    name: &str,
) -> Result<Option<(Reference, Revision)>> {
    let key = place.reference(kind.as_str(), name)?;
    match store.get_opts(&key, GetOptions::meta_only()).await {
        Ok(stored) => Ok(Some((Reference::of(place, &stored.meta)?, stored.meta.revision))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads all branches and labels of an item.
pub(crate) async fn all<S: truthound_stores_core::Store>(store: &S, place: &Place) -> Result<Vec<Reference>> {
    let query = place.references()?;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_page(&query, after).await?;
        if let Some(damaged) = page.damaged.into_iter().next() {
            return Err(damaged);
        }
        for meta in &page.metas {
            found.push(Reference::of(place, meta)?);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}
