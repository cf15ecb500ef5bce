//! What a copy says of itself: where it came from, and how long it is kept.
//!
//! The facts stand in the copy's `ext`, under names that begin with `retention.`; the text is untouched.

use truthound_stores_core::{Attributes, Collection, Error, Key, RecordMeta, Result, Revision, Timestamp};

const SOURCE: &str = "retention.source";
const UNTIL: &str = "retention.until";
const ID: &str = "retention.id";

/// What is written on a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The state of the record that was copied.
    pub(crate) source: Revision,
    /// When the copy goes for good; `None` for copies that stay.
    pub(crate) until: Option<Timestamp>,
}

impl Stamp {
    /// Writes the stamp over any that is there; `id` is the record's, where the copy has another one.
    ///
    /// # Errors
    /// `Invalid` if there is no room for it.
    pub(crate) fn put_on(&self, attributes: &mut Attributes, id: Option<&str>) -> Result<()> {
        strip(attributes);
        attributes.ext.set(SOURCE, self.source.as_str())?;
        if let Some(until) = self.until {
            attributes.ext.set(UNTIL, until.as_micros().to_string())?;
        }
        if let Some(id) = id {
            attributes.ext.set(ID, id)?;
        }
        Ok(())
    }

    /// Tells whether a copy is one of this state of the record.
    pub(crate) fn is_on(&self, meta: &RecordMeta) -> bool {
        meta.attributes.ext.get(SOURCE) == Some(self.source.as_str())
    }
}

/// Takes the stamp off.
pub(crate) fn strip(attributes: &mut Attributes) {
    for name in [SOURCE, UNTIL, ID] {
        attributes.ext.remove(name);
    }
}

/// Returns when a copy goes for good; `None` if nothing says so.
pub(crate) fn until(meta: &RecordMeta) -> Option<Timestamp> {
    meta.attributes.ext.get(UNTIL)?.parse().ok().map(Timestamp::from_micros)
}

/// Returns the id of the record that a copy is of.
pub(crate) fn id_of(meta: &RecordMeta) -> &str {
    meta.attributes.ext.get(ID).unwrap_or_else(|| meta.key.id())
}

/// Tells whether a copy was written beside an earlier one of the same id.
pub(crate) fn is_beside(meta: &RecordMeta) -> bool {
    meta.attributes.ext.get(ID).is_some()
}

/// Returns the hidden collection in which deleted records wait for the end of their grace period.
pub(crate) fn trash_of(collection: &Collection) -> Result<Collection> {
    Collection::hidden(&format!("retention-trash-{collection}")).map_err(|cause| {
        let error = Error::invalid(format!(
            "the name of the collection {collection} is too long for deletions that can be undone: set grace_days = 0, or give it a \
             name of 47 characters at the most"
        ));
        error.caused_by(cause)
    })
}

/// Returns the key of a second copy with the id of another one: of a record that was deleted, saved again and deleted again.
pub(crate) fn second_key(trash: &Collection, id: &str, source: &Revision) -> Option<Key> {
    let sum = truthound_stores_core::Checksum::of(source.as_str().as_bytes()).to_string();
    let short: String = sum.chars().take(16).collect();
    Key::new(trash.clone(), &format!("{id}~{short}")).ok()
}
