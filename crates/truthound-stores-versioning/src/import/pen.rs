//! Writes records of versions in batches.

use truthound_stores_core::{ErrorKind, GetOptions, PutOptions, Record, Result, Store};

use crate::facts::Facts;
use crate::place::Place;

const MOST_RECORDS: usize = 256;
const MOST_BYTES: usize = 8 << 20;

/// Collects records and writes them. Nobody sees them until a document or a branch names one.
#[derive(Debug)]
pub(super) struct Pen<'a, S> {
    store: &'a S,
    place: &'a Place,
    records: Vec<Record>,
    bytes: usize,
    /// Only count.
    is_dry: bool,
    pub(super) written: u64,
}

impl<'a, S: Store> Pen<'a, S> {
    pub(super) fn new(store: &'a S, place: &'a Place, is_dry: bool) -> Self {
        Self { store, place, records: Vec::new(), bytes: 0, is_dry, written: 0 }
    }

    pub(super) async fn write(&mut self, record: Record) -> Result<()> {
        if self.is_dry {
            self.written += 1;
            return Ok(());
        }
        self.bytes += record.body.as_bytes().len();
        self.records.push(record);
        if self.records.len() >= MOST_RECORDS || self.bytes >= MOST_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    pub(super) async fn flush(&mut self) -> Result<()> {
        let records = std::mem::take(&mut self.records);
        self.bytes = 0;
        if records.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = records.iter().map(|record| record.key.clone()).collect();
        let answers = self.store.put_many(records, PutOptions::create()).await;
        for (key, answer) in keys.into_iter().zip(answers) {
            match answer {
                Ok(_) => self.written += 1,
                // An answer was lost, or another import does the same just now: names of records say what is in them.
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    let there = self.store.get_opts(&key, GetOptions::meta_only()).await?;
                    Facts::of(self.place, &there.meta)?;
                }
                Err(error) => return Err(error.at(&self.place.item)),
            }
        }
        Ok(())
    }
}

/// Makes the chance in the name of a record: of what it holds and follows, so that whoever writes it again finds it there.
pub(super) fn nonce(place: &Place, what: &str, sum: &str, parent: &str) -> u64 {
    let hash = blake3::hash(format!("{}\n{what}\n{sum}\n{parent}", place.digest).as_bytes());
    let start: [u8; 8] = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(start)
}
