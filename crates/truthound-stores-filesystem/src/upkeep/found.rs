//! What upkeep says of what it found, in words that are the same everywhere.

use std::path::Path;

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

/// Says that not all of an index could be read, and where it is kept.
pub(super) fn kept_now(which: &str, missing: u64, kept: Option<&Path>) -> Option<Finding> {
    let kept_as = kept.map(|path| format!("; it is kept as {}", path.display())).unwrap_or_default();
    if missing > 0 {
        let changes = counted(missing, "acknowledged change");
        let text = format!("{changes} could not be read from the {which} index, and may be missing{kept_as}");
        return Some(Finding::new(Level::Damage, "log", text).with_remedy("save these documents once more"));
    }
    kept?;
    let text = format!(
        "the {which} index could not be read to its end: saves of its last moments, whose files were not written yet, may be in it \
         and nowhere else{kept_as}"
    );
    Some(Finding::new(Level::Warning, "log", text))
}

/// Names what is kept of indexes that were damaged once.
pub(super) fn kept_before(catalog: &Path) -> Option<Finding> {
    let entries = std::fs::read_dir(catalog).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(rebuild::KEPT)).collect();
    names.sort();
    if names.is_empty() {
        return None;
    }
    let text = format!(
        "kept of an index that was damaged: {} in {}; saves that are missed may be in there and nowhere else",
        names.join(", "),
        catalog.display()
    );
    Some(Finding::new(Level::Note, "index", text).with_remedy("delete them once nothing is missed"))
}

/// Says why acknowledged documents may be missing, if they may.
pub(super) fn doubt(index: &rusqlite::Connection) -> rusqlite::Result<Option<Finding>> {
    let doubt: Option<String> = index::meta(index, rebuild::DOUBT)?;
    let cure = "see which documents are missing, and save them once more; `verify --repair` says this for the last time";
    Ok(doubt.map(|text| Finding::new(Level::Damage, "log", text).with_remedy(cure)))
}

/// Says how many of something there are: `1 document`, `2 documents`.
pub(super) fn counted(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Names the collection in what is said of its index, where it is not the one that people mean.
pub(super) fn of(collection: &Collection) -> String {
    if *collection == Collection::RESULTS { String::new() } else { format!(" of {collection}") }
}
