//! Where things are in a bucket: `{prefix}/{namespace}/results/{run_id}.json`, as Truthound puts them, and the catalog beside them.

use object_store::path::Path;
use truthound_stores_core::{Collection, Error, Result, StoreConfig};

/// Where documents go if no prefix is given; Truthound's own.
pub(crate) const DEFAULT_PREFIX: &str = "truthound/";
/// The folder of all collections but the two that Truthound has.
const COLLECTIONS: &str = "_collections";
/// The folder of a collection's catalog, beside its documents.
const CATALOG: &str = "_catalog";
/// Every store takes names of 1,000 bytes; so many of them are left for what stands before the collections.
const LONGEST_BASE: usize = 600;

/// Knows the folders of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// What stands before the collections: nothing, or segments that each end in a slash.
    base: String,
}

/// Knows the names of the objects of one collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The folder of the collection, with a slash at its end.
    folder: String,
}

impl Layout {
    /// Reads where documents are from the settings.
    ///
    /// # Errors
    /// `Invalid`, naming the setting, for a namespace of several parts, for parts that leave the store or that it keeps for itself, and
    /// for a path that leaves no room for names.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        let prefix = config.prefix.as_deref().unwrap_or(DEFAULT_PREFIX);
        let prefix = StoreConfig::segments("prefix", prefix)?;
        let namespace = StoreConfig::segments("namespace", &config.namespace)?;
        if namespace.len() > 1 {
            return Err(Error::invalid(format!(
                "namespace {:?} has several parts: it is one part of a path; put the rest into prefix",
                config.namespace
            )));
        }
        let base: String = prefix.iter().chain(&namespace).flat_map(|part| [*part, "/"]).collect();
        if base.len() > LONGEST_BASE {
            return Err(Error::invalid(format!(
                "prefix and namespace take {} bytes together: at most {LONGEST_BASE} leave room for the names of documents",
                base.len()
            )));
        }
        let layout = Self { base };
        // What our rules allow, the library may refuse.
        layout.collection(&Collection::RESULTS).document("x", ".json").map(|_| layout)
    }

    /// Returns the place of a collection.
    pub(crate) fn collection(&self, collection: &Collection) -> Place {
        let known = [Collection::RESULTS, Collection::EXPECTATIONS].contains(collection);
        let folder = if known {
            format!("{}{collection}/", self.base)
        } else {
            format!("{}{COLLECTIONS}/{collection}/", self.base)
        };
        Place { folder }
    }

    /// Returns the folder that holds a folder for each collection that Truthound does not have.
    pub(crate) fn other_collections(&self) -> Result<Path> {
        path(&format!("{}{COLLECTIONS}", self.base))
    }
}

impl Place {
    /// Returns the folder of the documents, with a slash at its end; everything in it that begins with an underscore is not one.
    pub(crate) fn folder(&self) -> &str {
        &self.folder
    }

    /// Names a document's object.
    pub(crate) fn document(&self, stem: &str, suffix: &str) -> Result<Path> {
        path(&format!("{}{stem}{suffix}", self.folder))
    }

    /// Names an object of the catalog: `root`, or one in `tail`, `segments` or `history`.
    pub(crate) fn catalog(&self, name: &str) -> Result<Path> {
        path(&format!("{}{CATALOG}/{name}", self.folder))
    }

    /// Returns the folder of the documents as stores list it.
    pub(crate) fn folder_path(&self) -> Result<Path> {
        path(self.folder.trim_end_matches('/'))
    }

    /// Returns the catalog's folder.
    pub(crate) fn catalog_folder(&self) -> Result<Path> {
        path(&format!("{}{CATALOG}", self.folder))
    }

    /// Returns how many bytes stand before the names of a folder of the catalog.
    pub(crate) fn prefix_of(&self, folder: &str) -> usize {
        self.folder.len() + CATALOG.len() + 1 + folder.len() + 1
    }
}

fn path(text: &str) -> Result<Path> {
    Path::parse(text)
        .map_err(|cause| Error::invalid(format!("{text:?} is no name that stores take")).caused_by(cause))
}

#[cfg(test)]
mod tests;
