//! What upkeep says of what it found, in words that are the same everywhere.

use truthound_stores_core::{Collection, Finding, Key, Level};

use super::rebuild;
use crate::index;
use crate::layout::CATALOG;
use crate::store::Inner;

/// Says what is known of a document's damage.
pub(super) fn damaged(collection: &Collection, id: Option<&str>, message: String) -> Finding {
    let finding = of_a_document(Level::Damage, collection, id, message);
    finding.with_remedy("restore the file, save the document once more, or delete it")
}

/// Says of a document that it could not be looked at, which says nothing about what it is.
pub(super) fn unseen(collection: &Collection, id: Option<&str>, message: String) -> Finding {
    let finding = of_a_document(Level::Warning, collection, id, message);
    finding.with_remedy("this document was not verified: make it readable, and verify again")
}

fn of_a_document(level: Level, collection: &Collection, id: Option<&str>, message: String) -> Finding {
    let key = id.and_then(|id| Key::new(collection.clone(), id).ok());
    key.into_iter().fold(Finding::new(level, "document", message), Finding::at)
}

/// Says how many documents of other programs an index has learnt of.
pub(super) fn taken_up(number: u64, collection: &Collection) -> String {
    format!("taken up: {}{} of other programs", counted(number, "document"), of(collection))
}

/// Says of an index that it is damaged.
pub(super) fn damaged_index(inner: &Inner, collection: &Collection, what: &str) -> Finding {
    let path = inner.layout.folder(collection).join(CATALOG).join(index::FILE);
    let text = format!("the index{} is damaged ({}): {what}", of(collection), path.display());
    Finding::new(Level::Damage, "index", text)
}

/// Says when and why an index was rebuilt, if it says so itself.
pub(super) fn rebuilt_once(
    index: &rusqlite::Connection,
    collection: &Collection,
) -> rusqlite::Result<Option<Finding>> {
    let when_and_why: Option<String> = index::meta(index, rebuild::REBUILT)?;
    Ok(when_and_why.map(|text| {
        let text = format!("the index{} was rebuilt from the documents {text}", of(collection));
        Finding::new(Level::Note, "index", text)
    }))
}

/// Says how many of something there are: `1 document`, `2 documents`.
pub(super) fn counted(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Names the collection in what is said of its index, where it is not the one that people mean.
pub(super) fn of(collection: &Collection) -> String {
    if *collection == Collection::RESULTS { String::new() } else { format!(" of {collection}") }
}
