//! What upkeep says of what it found: the same words as of files on disk, where the meaning is the same.

use truthound_stores_core::{Collection, Error, ErrorKind, Finding, Key, Level};

use super::judge::Said;

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

/// Says how many documents an index has forgotten.
pub(crate) fn vanished(number: u64, collection: &Collection) -> String {
    format!("forgotten: {}{} that other programs have deleted", counted(number, "document"), of(collection))
}

/// Says how many changes were listed that were never acknowledged.
pub(crate) fn finished(number: u64, collection: &Collection) -> String {
    format!("put in order: {}{} of writers that were cut off", counted(number, "change"), of(collection))
}

/// Says what was found of one document. `object` completes the name of an object.
pub(crate) fn of_one(key: Option<Key>, said: Said, object: &dyn Fn(&str) -> String) -> Finding {
    let id = key.as_ref().map(|key| key.id().to_owned()).unwrap_or_default();
    let about = |level, text: String| of_a_document(level, key.clone(), text);
    let takes_up = "`reindex --quick` takes it up";
    match said {
        Said::Added => about(Level::Note, format!("{id} was added by another program, and is not indexed yet"))
            .with_remedy(takes_up),
        Said::Rewritten => {
            about(Level::Note, format!("{id} was rewritten by another program, and is not indexed again yet"))
                .with_remedy(takes_up)
        }
        Said::Vanished => about(Level::Damage, format!("the document's object is gone: {id}"))
            .with_remedy("restore the object, or let `verify --repair` forget the document"),
        Said::Unlisted => about(
            Level::Note,
            format!("the last state of {id} is not listed: its writer was cut off before it acknowledged the save"),
        )
        .with_remedy(takes_up),
        Said::Unburied => about(
            Level::Note,
            format!("the deletion of {id} is not listed: whoever deleted it was cut off before it was acknowledged"),
        )
        .with_remedy(takes_up),
        Said::Returned => about(
            Level::Warning,
            format!("{id} is there in a state that was deleted: an old object has come back, which is not listed"),
        )
        .with_remedy("delete the document once more, or save it"),
        Said::SetBack => about(
            Level::Damage,
            format!("the object of {id} holds an older state than the one that the index knows: it was set back"),
        )
        .with_remedy("restore the newer object, or let `verify --repair` take this one for the document"),
        Said::Disagrees => {
            let text = format!("the index says something else of {id} than its object: of its size, its checksum, or where it is");
            let finding = Finding::new(Level::Damage, "index", text);
            let finding = key.clone().into_iter().fold(finding, Finding::at);
            finding.with_remedy("`verify --repair` rebuilds it from the documents")
        }
        Said::Shadowed(name) => shadowed(key.clone(), &object(&name), &id),
        Said::Unreadable(error) => unreadable(&error),
    }
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
