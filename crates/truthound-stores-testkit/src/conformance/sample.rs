//! Documents that cases are made of.

use truthound_stores_core::json::{Json, Layout, Object};
use truthound_stores_core::{Body, Collection, Key, Reading, Record};

/// Describes a small result; what a case does not set is the same in all.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    id: String,
    asset: String,
    time: String,
    status: String,
    tags: Vec<(String, String)>,
    note: String,
    collection: Collection,
    ext: Vec<(String, String)>,
}

/// Begins a result with this id.
pub(super) fn sample(id: impl Into<String>) -> Sample {
    Sample {
        id: id.into(),
        asset: "warehouse.sales.orders".to_owned(),
        time: "2026-01-31T12:00:00.123456".to_owned(),
        status: "success".to_owned(),
        tags: Vec::new(),
        note: String::new(),
        collection: Collection::RESULTS,
        ext: Vec::new(),
    }
}

impl Sample {
    pub(super) fn asset(mut self, asset: &str) -> Self {
        asset.clone_into(&mut self.asset);
        self
    }

    pub(super) fn time(mut self, time: &str) -> Self {
        time.clone_into(&mut self.time);
        self
    }

    pub(super) fn status(mut self, status: &str) -> Self {
        status.clone_into(&mut self.status);
        self
    }

    pub(super) fn tag(mut self, name: &str, value: &str) -> Self {
        self.tags.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Tells apart two texts of one id.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Puts it into another collection.
    pub(super) fn collection(mut self, collection: &Collection) -> Self {
        self.collection = collection.clone();
        self
    }

    /// Adds a fact that stands beside the text.
    pub(super) fn ext(mut self, name: &str, value: &str) -> Self {
        self.ext.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn record(self) -> Record {
        let tags: Object = self.tags.into_iter().map(|(name, value)| (name, Json::from(value))).collect();
        let mut document = Object::new();
        document.set("run_id", self.id);
        document.set("run_time", self.time);
        document.set("data_asset", self.asset);
        document.set("status", self.status);
        document.set("tags", Json::Object(tags));
        document.set("note", self.note);
        let text = Json::Object(document).to_vec(Layout::Compact);
        let mut record = Record::parse(self.collection, &text, &Reading::default())
            .unwrap_or_else(|error| panic!("the sample is no document: {error}"));
        for (name, value) in self.ext {
            record.attributes.ext.set(name, value).unwrap();
        }
        record
    }
}

/// Reads a result's text.
pub(super) fn parse(text: &[u8]) -> Record {
    Record::parse(Collection::RESULTS, text, &Reading::default())
        .unwrap_or_else(|error| panic!("the sample is no result: {error}"))
}

/// Names a collection that belongs to a wrapper.
pub(super) fn hidden(name: &str) -> Collection {
    Collection::hidden(name).unwrap()
}

/// Makes `n` results, `{prefix}00`, `{prefix}01`, …, a minute apart.
pub(super) fn many(prefix: &str, n: usize) -> Vec<Record> {
    let at = |index: usize| format!("2026-02-01T{:02}:{:02}:00", index / 60, index % 60);
    (0..n).map(|index| sample(format!("{prefix}{index:02}")).time(&at(index)).record()).collect()
}

/// Names a result.
pub(super) fn key(id: &str) -> Key {
    Key::result(id).unwrap_or_else(|error| panic!("the sample's id is unusable: {error}"))
}

/// Reads the note of a sample's text.
pub(super) fn note_of(body: &Body) -> String {
    let json = body.to_json().unwrap();
    json.get("note").and_then(Json::as_str).unwrap_or_default().to_owned()
}
