//! What upkeep says of what it found: the same words as of files on disk, where the meaning is the same.

use truthound_stores_core::{Collection, Error, ErrorKind, Finding, Key, Level};

/// Says what is known of a document's damage.
pub(crate) fn damaged(key: Option<Key>, message: String) -> Finding {
    let finding = of_a_document(Level::Damage, key, message);
    finding.with_remedy("restore the object, save the document once more, or delete it")
}

/// Says of a document that it could not be looked at, which says nothing about what it is.
pub(crate) fn unseen(key: Option<Key>, message: String) -> Finding {
    let finding = of_a_document(Level::Warning, key, message);
    finding.with_remedy("this document was not verified: make it readable, and verify again")
}

/// Says why a document could not be read.
pub(crate) fn unreadable(error: &Error) -> Finding {
    let about = if error.kind() == ErrorKind::Corrupt { damaged } else { unseen };
    about(error.key().cloned(), error.report())
}

pub(crate) fn of_a_document(level: Level, key: Option<Key>, message: String) -> Finding {
    key.into_iter().fold(Finding::new(level, "document", message), Finding::at)
}

/// Says of an object that its name spells no id.
pub(crate) fn odd_name(path: &str) -> Finding {
    let text = format!(
        "{path} ends like a document, but its name spells no id that is kept under it: it is not read"
    );
    Finding::new(Level::Warning, "document", text)
        .with_remedy("save the document once more under its id, and remove the object")
}

/// Says of an object that another one holds its document.
pub(crate) fn shadowed(key: Option<Key>, path: &str, id: &str) -> Finding {
    let text = format!("{path} is an older object of the document {id}, which another object holds");
    of_a_document(Level::Note, key, text)
}

/// Says that a catalog was built.
pub(crate) fn built(documents: u64, collection: &Collection) -> Finding {
    let text = format!("the index{} was built from {}", of(collection), counted(documents, "document"));
    Finding::new(Level::Good, "index", text)
}

/// Says how many documents of other programs an index has learnt of.
pub(crate) fn taken_up(number: u64, collection: &Collection) -> String {
    format!("taken up: {}{} of other programs", counted(number, "document"), of(collection))
}

/// Says of an index that it is damaged.
pub(crate) fn damaged_index(collection: &Collection, what: &str) -> Finding {
    Finding::new(Level::Damage, "index", format!("the index{} is damaged: {what}", of(collection)))
}

/// Says how many of something there are: `1 document`, `2 documents`.
pub(crate) fn counted(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Names the collection in what is said of its index, where it is not the one that people mean.
pub(crate) fn of(collection: &Collection) -> String {
    if *collection == Collection::RESULTS { String::new() } else { format!(" of {collection}") }
}
