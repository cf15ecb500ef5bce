//! A run of saves and deletions that remembers what was tried and what was acknowledged.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use truthound_stores_core::{Error, PutOptions, Record, Store};

use super::{Allowed, key, stored, value};
use crate::store::FileSystemStore;

/// What happened to one document: its states in order, the first of which is that there is none, and the place of the last one that was
/// acknowledged. What failed is taken out again: it must not have happened.
#[derive(Clone, Debug)]
struct History {
    states: Vec<Option<String>>,
    acknowledged: usize,
}

#[derive(Clone, Default)]
pub(super) struct Story {
    documents: Arc<Mutex<BTreeMap<String, History>>>,
}

/// How far each document was acknowledged.
pub(super) type Mark = BTreeMap<String, usize>;

impl Story {
    fn try_it(&self, id: &str, state: Option<String>) {
        let mut documents = self.documents.lock().unwrap();
        let history =
            documents.entry(id.to_owned()).or_insert_with(|| History { states: vec![None], acknowledged: 0 });
        history.states.push(state);
    }

    fn end(&self, id: &str, done: bool) {
        let mut documents = self.documents.lock().unwrap();
        let history = documents.get_mut(id).unwrap();
        if done {
            history.acknowledged = history.states.len() - 1;
        } else {
            history.states.pop();
        }
    }

    /// Marks what is acknowledged now.
    pub(super) fn mark(&self) -> Mark {
        let documents = self.documents.lock().unwrap();
        documents.iter().map(|(id, history)| (id.clone(), history.acknowledged)).collect()
    }

    /// What there may be of a state that was taken between a mark and now.
    pub(super) fn since(&self, mark: &Mark) -> Allowed {
        let documents = self.documents.lock().unwrap();
        let from = |id: &String| mark.get(id).copied().unwrap_or(0);
        documents.iter().map(|(id, history)| (id.clone(), history.states[from(id)..].to_vec())).collect()
    }

    /// What there is, when nothing is under way.
    pub(super) fn now(&self) -> Allowed {
        self.since(&self.mark())
    }

    pub(super) async fn put(&self, store: &FileSystemStore, record: Record) -> Result<(), Error> {
        self.put_many(store, vec![record]).await.pop().unwrap()
    }

    /// Saves several at once, no id twice.
    pub(super) async fn put_many(
        &self,
        store: &FileSystemStore,
        records: Vec<Record>,
    ) -> Vec<Result<(), Error>> {
        let ids: Vec<String> = records.iter().map(|record| record.key.id().to_owned()).collect();
        for record in &records {
            self.try_it(record.key.id(), Some(value(record)));
        }
        let outcomes = store.put_many(records, PutOptions::default()).await;
        assert_eq!(outcomes.len(), ids.len());
        let ended = outcomes.into_iter().zip(&ids);
        ended
            .map(|(outcome, id)| {
                self.end(id, outcome.is_ok());
                outcome.map(drop)
            })
            .collect()
    }

    pub(super) async fn delete(&self, store: &FileSystemStore, ids: &[&str]) -> Vec<Result<bool, Error>> {
        for id in ids {
            self.try_it(id, None);
        }
        let keys = ids.iter().map(|id| key(id)).collect();
        let outcomes = store.delete_many(keys, truthound_stores_core::DeleteOptions::default()).await;
        outcomes.iter().zip(ids).for_each(|(outcome, id)| self.end(id, outcome.is_ok()));
        outcomes
    }

    /// Checks that a document is what was acknowledged last.
    pub(super) async fn holds(&self, store: &FileSystemStore, id: &str, what: &str) {
        let allowed = self.now();
        let found =
            stored(store, id).await.unwrap_or_else(|error| panic!("{what}: {id}: {}", error.report()));
        let wanted = allowed.get(id).map_or(&[None][..], Vec::as_slice);
        assert!(wanted.contains(&found), "{what}: {id} is {found:?} and not {wanted:?}");
    }
}
