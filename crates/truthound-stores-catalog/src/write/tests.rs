//! Writers over a store that counts what it is asked, breaks off where a test says so, and makes ETags of content alone if it is to.

mod batches;
mod probe;
mod requests;
mod suffix_storm;
mod suffixes;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::codec::Codec;
use truthound_stores_core::{BoxFuture, Clock, Key, PutMode, StoreConfig, Timer};
use truthound_stores_testkit::ManualClock;

use super::*;
use crate::document::tests::{form, record, text};
use crate::layout::Layout;
use crate::row::{Change, Row};
use crate::tail::{Kind, Name, rows};
use crate::wire::Wire;
use probe::{Probe, Request};

/// Waits by moving the clock: nothing else happens meanwhile.
#[derive(Debug)]
pub(crate) struct Leap(pub(crate) Arc<ManualClock>);

impl Timer for Leap {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.advance(duration);
        Box::pin(std::future::ready(()))
    }
}

/// A writer with a clock of its own, on a bucket that it may share.
struct Writer {
    documents: Documents,
    clock: Arc<ManualClock>,
    probe: Probe,
}

impl Writer {
    fn new() -> Self {
        Self::on(Probe::default(), 1, Codec::default())
    }

    fn on(probe: Probe, seed: u64, codec: Codec) -> Self {
        let clock = Arc::new(ManualClock::new(seed));
        let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let wire = Wire::new(shared, Arc::new(Leap(Arc::clone(&clock))));
        let form = form(codec);
        let layout = Layout::new(&StoreConfig::default()).unwrap();
        let documents = Documents {
            bucket: Bucket::new(Arc::new(probe.clone()), wire),
            place: layout.collection(&form.collection),
            names: Names::only(form.codec.extension(), &*clock),
            form,
            writer: seed,
            rows_in_names: true,
            patience: Duration::from_mins(2),
        };
        Self { documents, clock, probe }
    }

    /// Another writer on the same bucket.
    fn other(&self, seed: u64) -> Self {
        Self::on(self.probe.clone(), seed, self.documents.form.codec)
    }

    async fn save(&self, id: &str, mode: PutMode) -> Result<Written> {
        self.documents.save(record(id), mode, false).await
    }

    async fn upsert(&self, id: &str) -> Written {
        self.save(id, PutMode::Upsert).await.unwrap()
    }

    async fn delete(&self, id: &str) -> bool {
        self.documents.delete(&key(id), DeleteOptions::default()).await.unwrap()
    }

    fn path(&self, id: &str) -> String {
        self.documents.path(&key(id)).unwrap().to_string()
    }

    /// Returns the rows in the tail, each once.
    async fn rows(&self) -> Vec<Row> {
        let folder = self.documents.place.catalog("tail/").unwrap();
        let mut all: Vec<Row> = Vec::new();
        for path in self.probe.names(folder.as_ref()) {
            let name = Name::parse(path.strip_prefix(&format!("{folder}/")).unwrap()).unwrap();
            let found = match name.kind() {
                Kind::Named => vec![name.row().unwrap()],
                Kind::Body => rows(&name, &self.probe.bytes(&path).await).unwrap(),
            };
            all.extend(found);
        }
        all
    }

    /// Returns what the tail says of an id: whether the last row of each incarnation is a document's.
    async fn listed(&self, id: &str) -> bool {
        let rows: Vec<Row> = self.rows().await.into_iter().filter(|row| row.id == id).collect();
        let last = |row: &&Row| !rows.iter().any(|other| other.state.replaces(row.state));
        let mut live = rows.iter().filter(last).filter(|row| matches!(row.change, Change::Put(_))).peekable();
        live.peek().is_some()
    }
}

fn key(id: &str) -> Key {
    Key::result(id).unwrap()
}
