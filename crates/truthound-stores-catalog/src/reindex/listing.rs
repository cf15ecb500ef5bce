//! What the folder of a collection holds, by name alone.

use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};
use truthound_stores_core::codec::known_suffixes;
use truthound_stores_core::{Error, Result, Timestamp};

use crate::document::foreign_state;
use crate::layout::Place;
use crate::name;
use crate::state::State;
use crate::wire::Wire;

/// An object that may be a document, as a listing shows it. A million of them take about 100 MB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The object's name, without the folder.
    pub(crate) name: Box<str>,
    /// What its state is called if another program wrote it.
    pub(crate) foreign: State,
    pub(crate) size: u64,
}

/// What a name in the folder says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named<'n> {
    /// A document or a mark: stem and suffix.
    Document(&'n str, &'n str),
    /// It ends like a document's, but spells no id, and is none that an id is shortened to.
    Odd,
    /// The store's own, or nothing that a store reads.
    Other,
}

/// Reads a name. What begins with an underscore is the store's own, here and in Truthound (`_index.json`); what begins with a dot are
/// locks and temporary files; what lies in other folders is none of ours.
pub(crate) fn named(name: &str, folds_case: bool) -> Named<'_> {
    let (stem, format, _) = known_suffixes(name);
    if name.starts_with(['_', '.']) || name.contains('/') || stem.is_empty() || format.is_none() {
        return Named::Other;
    }
    let suffix = name.get(stem.len()..).unwrap_or_default();
    if name::is_shortened(stem) || name::spelt(stem, folds_case).is_some() {
        Named::Document(stem, suffix)
    } else {
        Named::Odd
    }
}

/// Lists the objects of a collection's folder that may be documents, in the order of their names.
///
/// The catalog lies in the folder, too, and is listed with it: a page or two more, where a listing by folders would have to be held whole
/// by the client library first.
///
/// # Errors
/// Those of the request.
pub(crate) async fn list(
    store: &dyn ObjectStore,
    place: &Place,
    wire: &Wire,
    folds_case: bool,
) -> Result<Vec<Item>> {
    let folder = place.folder();
    let path = Path::parse(folder.trim_end_matches('/')).map_err(|cause| {
        Error::invalid(format!("{folder:?} is no name that stores take")).caused_by(cause)
    })?;
    let list = || async {
        // From its beginning each time: what a listing that broke off has shown is not all there was.
        let mut items = Vec::new();
        let mut listed = store.list(Some(&path));
        while let Some(meta) = listed.try_next().await? {
            items.extend(item(folder, &meta, folds_case));
        }
        Ok(items)
    };
    let mut items = wire.again("list the documents", folder, list).await?;
    items.sort_unstable_by(|one: &Item, other| one.name.cmp(&other.name));
    // A page that is read while names come and go may show one twice.
    items.dedup_by(|one, other| one.name == other.name);
    Ok(items)
}

fn item(folder: &str, meta: &ObjectMeta, folds_case: bool) -> Option<Item> {
    let name = meta.location.as_ref().strip_prefix(folder)?;
    if named(name, folds_case) == Named::Other {
        return None;
    }
    let modified = Timestamp::from_micros(meta.last_modified.timestamp_micros());
    Some(Item { name: name.into(), foreign: foreign_state(meta.e_tag.as_deref(), modified), size: meta.size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_a_document() {
        for (name, expected) in [
            ("run_1.json", Named::Document("run_1", ".json")),
            ("run.1.json.gz", Named::Document("run.1", ".json.gz")),
            ("run.yml.zst", Named::Document("run", ".yml.zst")),
            ("~a-b~0123.pkl", Named::Document("~a-b~0123", ".pkl")),
            ("a b.json", Named::Odd),
            ("con.json", Named::Odd),
            ("_index.json", Named::Other),
            ("_catalog/root", Named::Other),
            ("_catalog/history/x.json", Named::Other),
            ("run_1/_manifest.json", Named::Other),
            (".run_1.json", Named::Other),
            (".json", Named::Other),
            ("run_1.gz", Named::Other),
            ("notes.txt", Named::Other),
            ("", Named::Other),
        ] {
            assert_eq!(named(name, false), expected, "{name}");
        }
        assert_eq!(named("Run.json", true), Named::Odd);
        assert_eq!(named("Run.json", false), Named::Document("Run", ".json"));
    }
}
