//! Puts the rows that are due into the tail: only then is anything acknowledged.

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Attribute, Attributes as ObjectAttributes};
use truthound_stores_core::{Key, Result, random_u64};

use crate::document::Object;
use crate::document::closing::closed_by;
use crate::horizon::Moment;
use crate::row::Row;
use crate::state::State;
use crate::tail::{self, Kind, Name};
use crate::write::Documents;
use crate::write::decide::{RowStep, row_step, takes_its_place};

/// A row that has to be in the tail before an operation is acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    key: Key,
    row: Row,
    /// The end of the name under which its incarnation is, from its beginning to its end.
    suffix: String,
    /// When the put was sent that made it, or the read that found it.
    since: Moment,
}

impl Due {
    pub(crate) fn new(key: &Key, row: Row, suffix: &str, since: Moment) -> Self {
        Self { key: key.clone(), row, suffix: suffix.to_owned(), since }
    }
}

impl Documents {
    /// Puts rows in one object, again and again until the store has taken it; reads those documents again whose rows may be history by then.
    ///
    /// # Errors
    /// What keeps the rows from being put: nothing may be acknowledged.
    pub(crate) async fn settle(&self, mut dues: Vec<Due>) -> Result<()> {
        let clock = self.bucket.clock();
        let (began, mut tries, mut prepared) = (Moment::now(clock), 0, None);
        loop {
            let now = Moment::now(clock);
            if let Some(old) = dues.iter().position(|due| row_step(due.since, now) == RowStep::Read) {
                // 6. The tombstone of what was written may be folded and dropped, out of sight of a row that comes so late.
                let due = dues.swap_remove(old);
                dues.extend(self.read_again(due, now).await?);
                // A batch of other rows needs another name: the old one may be folded.
                prepared = None;
                continue;
            }
            if dues.is_empty() {
                return Ok(());
            }
            if prepared.is_none() {
                prepared = Some(self.tail_object(&dues)?);
            }
            let Some((path, object)) = &prepared else { continue };
            match self.bucket.put_row(path, object).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_retryable() && now.since(began) <= self.patience => {
                    tries += 1;
                    self.bucket.pause(tries, Some(&error)).await;
                }
                Err(error) => {
                    return Err(
                        error.with("outcome", "the document is written, but not listed: do it once more")
                    );
                }
            }
        }
    }

    async fn read_again(&self, due: Due, now: Moment) -> Result<Option<Due>> {
        let path = self.path_under(&due.key, &due.suffix)?;
        let Some((fetched, _)) = self.bucket.get(&path).await? else { return Ok(None) };
        if closed_by(&fetched.attributes).is_some() {
            return Ok(None);
        }
        let found = self.form.open(&due.key, &fetched)?;
        let follows = takes_its_place(due.row.state, Some(found.seen().state));
        Ok(follows.then(|| Due::new(&due.key, found.row(&due.key), &due.suffix, now)))
    }

    /// Makes the object of the rows that are due.
    fn tail_object(&self, dues: &[Due]) -> Result<(Path, Object)> {
        let prefix = self.place.prefix_of(tail::FOLDER);
        let (name, body) = if let [Due { row, .. }] = dues {
            let name = Name::of_row(row, self.writer, prefix, self.rows_in_names);
            let body = (name.kind() == Kind::Body).then(|| tail::body(std::slice::from_ref(row)));
            (name, body)
        } else {
            let rows: Vec<Row> = dues.iter().map(|due| due.row.clone()).collect();
            let first = rows.iter().map(|row| row.state).min_by_key(|state| state.hlc);
            let first = first.unwrap_or(State { incarnation: 0, hlc: 0 });
            let chance = random_u64(self.bucket.clock());
            (Name::of_batch(first, chance, self.writer), Some(tail::body(&rows)))
        };
        let path = self.place.catalog(&format!("{}/{}", tail::FOLDER, name.as_str()))?;
        let mut attributes = ObjectAttributes::new();
        attributes.insert(Attribute::ContentType, "application/octet-stream".into());
        Ok((path, Object { parts: body.map(Bytes::from).into_iter().collect(), attributes }))
    }
}
