//! Writing: each collection's documents through its own catalog.

use truthound_stores_core::{
    Collection, DeleteOptions, Error, ErrorKind, Key, PutOptions, Record, Result, Written,
};

use super::Inner;

impl Inner {
    pub(super) async fn put(&self, record: Record, opts: PutOptions) -> Result<Written> {
        let key = record.key.clone();
        let named = |error: Error| error.during("put").at(&key);
        self.enter("put").map_err(named)?;
        record.validate().map_err(named)?;
        let live = self.to_write(&record.key.collection().clone()).await.map_err(named)?;
        let written = live.documents.save(record, opts.mode, false).await;
        live.wrote(1, &*self.runtime);
        written
    }

    pub(super) async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let keys: Vec<Key> = records.iter().map(|record| record.key.clone()).collect();
        let mut outcomes = Outcomes::new(records.len());
        for (collection, records) in by_collection(records, |record| record.key.collection()) {
            let (at, records): (Vec<usize>, Vec<Record>) = records.into_iter().unzip();
            let opened = match self.enter("put") {
                Ok(()) => self.to_write(&collection).await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(live) => {
                    let written = live.documents.save_many(records, &opts.mode).await;
                    live.wrote(at.len(), &*self.runtime);
                    outcomes.set(&at, written);
                }
                Err(error) => outcomes.set(&at, at.iter().map(|_| Err(error.repeat()))),
            }
        }
        outcomes.finish("put", &keys)
    }

    pub(super) async fn delete(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let named = |error: Error| error.during("delete").at(key);
        self.enter("delete").map_err(named)?;
        let live = self.to_write(key.collection()).await.map_err(named)?;
        let deleted = live.documents.delete(key, opts).await;
        live.wrote(1, &*self.runtime);
        deleted
    }

    pub(super) async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let mut outcomes = Outcomes::new(keys.len());
        for (collection, keys) in by_collection(keys.clone(), Key::collection) {
            let (at, keys): (Vec<usize>, Vec<Key>) = keys.into_iter().unzip();
            let opened = match self.enter("delete") {
                Ok(()) => self.to_write(&collection).await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(live) => {
                    let deleted = live.documents.delete_many(keys, &opts).await;
                    live.wrote(at.len(), &*self.runtime);
                    outcomes.set(&at, deleted);
                }
                Err(error) => outcomes.set(&at, at.iter().map(|_| Err(error.repeat()))),
            }
        }
        outcomes.finish("delete", &keys)
    }
}

/// Parts a batch by collection, in order, with the place of each item.
fn by_collection<T>(items: Vec<T>, of: impl Fn(&T) -> &Collection) -> Vec<(Collection, Vec<(usize, T)>)> {
    let mut parts: Vec<(Collection, Vec<(usize, T)>)> = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        let collection = of(&item);
        match parts.iter_mut().find(|(other, _)| other == collection) {
            Some((_, part)) => part.push((at, item)),
            None => parts.push((collection.clone(), vec![(at, item)])),
        }
    }
    parts
}

/// One outcome for each item of a batch.
struct Outcomes<T>(Vec<Option<Result<T>>>);

impl<T> Outcomes<T> {
    fn new(count: usize) -> Self {
        Self(std::iter::repeat_with(|| None).take(count).collect())
    }

    fn set(&mut self, at: &[usize], outcomes: impl IntoIterator<Item = Result<T>>) {
        for (at, outcome) in at.iter().zip(outcomes) {
            if let Some(place) = self.0.get_mut(*at) {
                *place = Some(outcome);
            }
        }
    }

    fn finish(self, operation: &'static str, keys: &[Key]) -> Vec<Result<T>> {
        let missing = || Err(Error::new(ErrorKind::Internal, "an operation of a batch has no outcome"));
        let named = self.0.into_iter().zip(keys);
        named
            .map(|(outcome, key)| {
                outcome.unwrap_or_else(missing).map_err(|error| error.during(operation).at(key))
            })
            .collect()
    }
}
