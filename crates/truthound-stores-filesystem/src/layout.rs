//! Where things are: `{base_path}/{namespace}/{prefix}/{id}.json`, as Truthound puts them.

use std::path::{Path, PathBuf};

use truthound_stores_core::{Collection, Error, Result, StoreConfig};

use crate::config::FileSystemConfig;
use crate::error::io_error;

/// The folder beside the documents that holds the index and the locks; it may be deleted.
pub(crate) const CATALOG: &str = "_catalog";

/// The folder of all collections but the two that Truthound has.
const COLLECTIONS: &str = "_collections";

/// Knows the folder of each collection.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    base: PathBuf,
    namespace: PathBuf,
    results: PathBuf,
}

impl Layout {
    /// # Errors
    /// `Invalid` for a namespace or prefix that leaves the base folder or meets another collection's folder.
    pub(crate) fn new(config: &FileSystemConfig) -> Result<Self> {
        if config.base_path.as_os_str().is_empty() {
            return Err(Error::invalid("base_path is empty: name a folder"));
        }
        let namespace = StoreConfig::segments("namespace", &config.store.namespace)?;
        if namespace.len() > 1 {
            return Err(Error::invalid(format!(
                "namespace {:?} has several parts: it is one folder; put the rest into prefix",
                config.store.namespace
            )));
        }
        let prefix = config.store.prefix.as_deref().unwrap_or(FileSystemConfig::DEFAULT_PREFIX);
        let prefix = StoreConfig::segments("prefix", prefix)?;
        let path: Vec<&str> = namespace.iter().chain(&prefix).copied().collect();
        let suites = |part: &&str| part.eq_ignore_ascii_case(Collection::EXPECTATIONS.as_str());
        // `{base}/expectations` and `{base}/{any namespace}/expectations` hold suites, of this namespace or another.
        if path.len() <= 2 && path.last().is_some_and(suites) {
            return Err(Error::invalid(
                "results cannot be kept in the folder expectations, which holds the collection of that name: choose \
                 another prefix, or ask for the collection expectations",
            ));
        }
        let base = config.base_path.clone();
        let join =
            |start: &Path, parts: &[&str]| parts.iter().fold(start.to_owned(), |path, part| path.join(part));
        let namespace = join(&base, &namespace);
        let results = join(&namespace, &prefix);
        Ok(Self { base, namespace, results })
    }

    /// The folder of results; the store's settings lie in it, too.
    pub(crate) fn results(&self) -> &Path {
        &self.results
    }

    /// The folder of a collection.
    pub(crate) fn folder(&self, collection: &Collection) -> PathBuf {
        if *collection == Collection::RESULTS {
            self.results.clone()
        } else if *collection == Collection::EXPECTATIONS {
            self.namespace.join(Collection::EXPECTATIONS.as_str())
        } else {
            self.results.join(COLLECTIONS).join(collection.as_str())
        }
    }

    /// Returns the prefix by which a folder below the namespace's is that of results.
    pub(crate) fn prefix_of(&self, folder: &Path) -> String {
        let below = folder.strip_prefix(&self.namespace).unwrap_or(folder);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    }

    /// Lists the collections beside results and expectations that have a folder, by name.
    pub(crate) fn other_collections(&self) -> Result<Vec<Collection>> {
        let folder = self.results.join(COLLECTIONS);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(io_error("list the collections", &folder, cause)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry.map_err(|cause| io_error("list the collections", &folder, cause))?.file_name();
            let name = name.to_string_lossy();
            let collection = match name.strip_prefix('_') {
                Some(hidden) => Collection::hidden(hidden),
                None => Collection::new(&name),
            };
            found.extend(collection);
        }
        found.sort();
        Ok(found)
    }

    /// Checks that no link leads a folder, or the nearest one above it that exists, out of the base folder.
    pub(crate) fn check_inside(&self, folder: &Path) -> Result<()> {
        let Ok(base) = self.base.canonicalize() else { return Ok(()) };
        // A link whose target is missing is there, too.
        let there = folder.ancestors().find(|path| path.symlink_metadata().is_ok());
        let inside = there.is_none_or(|path| match path.canonicalize() {
            Ok(path) => path.starts_with(&base),
            Err(_) => !path.is_symlink(),
        });
        if inside {
            return Ok(());
        }
        Err(Error::invalid(
            "a symbolic link leads out of the store's folder: links inside a store are not followed",
        )
        .with("path", folder.display().to_string()))
    }
}

#[cfg(test)]
mod tests;
