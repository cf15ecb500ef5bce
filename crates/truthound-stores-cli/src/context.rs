//! What every command works with.

use std::path::Path;
use std::sync::Arc;

use truthound_stores::{Clock, Collection, Key, Store, SystemClock, Timestamp};

use crate::args::Global;
use crate::exit::Failure;
use crate::output::{Format, Out};
use crate::stderr;
use crate::store::{FILES, Place};

/// The global options, put to use.
#[derive(Debug)]
pub(crate) struct Context {
    /// Stdout.
    pub(crate) out: Out,
    /// Where the store is.
    pub(crate) place: Place,
    /// The collection to work on: that of results unless another one was asked for.
    pub(crate) collection: Collection,
    /// The collection that was asked for.
    pub(crate) asked_collection: Option<Collection>,
    /// The moment at which the command began.
    pub(crate) now: Timestamp,
    /// Whether --store or --config stands on the command line.
    pub(crate) names_store: bool,
    format: Option<Format>,
}

impl Context {
    pub(crate) fn new(global: &Global) -> Self {
        Self {
            out: Out::new(),
            place: Place::new(global),
            collection: global.collection.clone().unwrap_or(Collection::RESULTS),
            asked_collection: global.collection.clone(),
            now: SystemClock::new().now(),
            names_store: global.names_store,
            format: global.format,
        }
    }

    /// Returns the format that was asked for.
    pub(crate) fn asked_format(&self) -> Option<Format> {
        self.format
    }

    /// Returns the format to print in.
    pub(crate) fn format(&self) -> Format {
        self.format.unwrap_or(if self.out.is_terminal() { Format::Table } else { Format::Jsonl })
    }

    /// Returns the format to print rows in that are no documents, and so have no ids.
    pub(crate) fn format_without_ids(&self, what: &str) -> Result<Format, Failure> {
        match self.format() {
            Format::Ids => Err(Failure::Usage(format!(
                "{what} printed as table, json, jsonl or csv: choose one of them"
            ))),
            format => Ok(format),
        }
    }

    /// Names a document of the collection.
    pub(crate) fn key(&self, id: &str) -> Result<Key, Failure> {
        Ok(Key::new(self.collection.clone(), id)?)
    }

    /// Opens the store.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        self.place.open().await
    }

    /// Opens the store to find something in it; says if there is nothing, since a path may be misspelt.
    pub(crate) async fn open_to_read(&self) -> Result<Arc<dyn Store>, Failure> {
        let store = self.open().await?;
        self.say_if_missing(&*store);
        Ok(store)
    }

    /// Says if a store that is to be read is not there.
    pub(crate) fn say_if_missing(&self, store: &dyn Store) {
        let info = store.info();
        let has_folder = info.backend != FILES || Path::new(&info.location).exists();
        if !has_folder && self.collection == Collection::RESULTS {
            let beside = beside(Path::new(&info.location));
            stderr::note(&format!(
                "there is no folder {}: nothing was saved there yet{beside}",
                info.location
            ));
        }
    }
}

/// How many neighbours of a missing folder are named.
const NEIGHBOURS: usize = 5;

/// Says what stands where a folder of results would: another namespace or prefix may be meant.
fn beside(location: &Path) -> String {
    // The prefix and the namespace; what lies above them is none of the store's business.
    let Some(above) = location.ancestors().skip(1).take(2).find(|folder| folder.is_dir()) else {
        return String::new();
    };
    let entries = std::fs::read_dir(above).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with(['_', '.']) && name != Collection::EXPECTATIONS.as_str());
    names.sort_unstable();
    let more = if names.len() > NEIGHBOURS { ", …" } else { "" };
    names.truncate(NEIGHBOURS);
    if names.is_empty() {
        return String::new();
    }
    let names = names.join(", ");
    format!("; {} holds {names}{more}: --namespace and the option prefix say which is meant", above.display())
}
