//! Moving records: copy, read the copy back, compare, and only then delete the record at the revision that was copied.
//!
//! A move that breaks off anywhere leaves the record, its copy or both, never neither; the next run finds the copy by its stamp and goes on.

use futures_util::future::join_all;
use truthound_stores_core::{
    Collection, Error, ErrorKind, GetOptions, Key, Pattern, PutOptions, Query, Record, Result, Store,
    StoreExt as _, Stored, Timestamp, Written,
};

use crate::saying::put_saying_why;
use crate::stamp::{self, Stamp};
use crate::{Applied, Removal, RetentionAction};

/// How many documents are read at once.
const READS: usize = 16;
/// How many bytes of documents, as they lie in the store, are moved at once, but for a single one that is larger.
const BYTES: u64 = 16 << 20;
/// How many records of a batch are looked at again. Where two runs meet, all of one's are gone.
const LOOKS: usize = 64;

/// Where records are moved to.
pub(crate) struct Destination<'t, T: ?Sized> {
    pub(crate) store: &'t T,
    pub(crate) collection: Collection,
    pub(crate) action: RetentionAction,
    /// When copies go for good: they are deletions that can be undone. `None` for copies that stay.
    pub(crate) until: Option<Timestamp>,
}

/// A record that is on its way.
struct Moving<'r> {
    removal: &'r Removal,
    /// The copy as it is to be.
    copy: Record,
}

/// Moves records; what became of each is counted.
pub(crate) async fn relocate<S: Store + ?Sized, T: Store + ?Sized>(
    source: &S,
    to: &Destination<'_, T>,
    mut removals: &[Removal],
    applied: &mut Applied,
) {
    while let Some((part, rest)) = split(removals) {
        removals = rest;
        relocate_part(source, to, part, applied).await;
    }
}

/// Parts off the next records to be moved together.
fn split(removals: &[Removal]) -> Option<(&[Removal], &[Removal])> {
    let mut bytes = 0_u64;
    let fits = |removal: &&Removal| {
        bytes = bytes.saturating_add(removal.size);
        bytes <= BYTES
    };
    let count = removals.iter().take_while(fits).count().max(1);
    removals.split_at_checked(count)
}

async fn relocate_part<S: Store + ?Sized, T: Store + ?Sized>(
    source: &S,
    to: &Destination<'_, T>,
    removals: &[Removal],
    applied: &mut Applied,
) {
    let (mut moving, mut others) = (Vec::with_capacity(removals.len()), Vec::new());
    for some in removals.chunks(READS) {
        let reads = some.iter().map(|removal| source.get_opts(&removal.key, GetOptions::default()));
        for (removal, read) in some.iter().zip(join_all(reads).await) {
            match read.and_then(|stored| to.draft(removal, stored)) {
                Ok(Some(copy)) => moving.push(Moving { removal, copy }),
                Ok(None) => {
                    applied.changed += 1;
                    others.push(removal);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    applied.gone += 1;
                    others.push(removal);
                }
                Err(error) => applied.fail(error.at(&removal.key)),
            }
        }
    }
    look_again(source, &others).await;
    let copied = to.copy(moving, applied).await;
    let verified = to.verify(copied, applied).await;
    // What was acknowledged may wait for a disk; the original goes for good.
    if !verified.is_empty()
        && let Err(error) = to.store.flush().await
    {
        for one in &verified {
            applied.fail(error.repeat().at(&one.removal.key));
        }
        return;
    }
    let going = verified.iter().map(|one| (one.removal.key.clone(), one.removal.revision.clone())).collect();
    let outcomes = source.delete_revisions(going).await;
    for (one, outcome) in verified.iter().zip(outcomes) {
        applied.left(to.action, one.removal.size, outcome);
    }
}

/// Lists records that are in another state than the plan said, and reads them after that.
///
/// Mostly they were saved or deleted meanwhile, and nothing comes of it. But on object storage a write that was cut off may have left a row of the
/// catalog as it was. The store mends that for whoever reads a document in another state than it was listed in; a plan does not list, it scans, and would
/// meet that row again at each run. A batch of many has some of them looked at: what is mended does not come again, and the next run looks at others.
pub(crate) async fn look_again<S: Store + ?Sized>(source: &S, removals: &[&Removal]) {
    for some in removals.split_at(removals.len().min(LOOKS)).0.chunks(READS) {
        join_all(some.iter().map(|removal| async move {
            let query = Query::new()
                .with_collection(removal.key.collection().clone())
                .with_data_asset(Pattern::exact(&removal.data_asset))
                .with_start_time(removal.run_time)
                .with_end_time(removal.run_time);
            if source.list_page(&query, None).await.is_ok() {
                // What became of the record was counted: nobody waits for this answer.
                drop(source.get_opts(&removal.key, GetOptions::meta_only()).await);
            }
        }))
        .await;
    }
}

impl<T: Store + ?Sized> Destination<'_, T> {
    fn stamp(&self, removal: &Removal) -> Stamp {
        Stamp { source: removal.revision.clone(), until: self.until }
    }

    /// Makes the copy of a record; `None` if the record has changed since it was planned.
    fn draft(&self, removal: &Removal, stored: Stored) -> Result<Option<Record>> {
        if stored.meta.revision != removal.revision {
            return Ok(None);
        }
        let mut record = stored.into_record()?;
        self.stamp(removal).put_on(&mut record.attributes, None).map_err(|error| error.at(&removal.key))?;
        record.key = Key::new(self.collection.clone(), removal.key.id())?;
        Ok(Some(record))
    }

    /// Writes copies, and answers those that are written.
    async fn copy<'r>(&self, moving: Vec<Moving<'r>>, applied: &mut Applied) -> Vec<Moving<'r>> {
        let creates = self.store.info().capabilities.create_only;
        let outcomes = if creates {
            let copies = moving.iter().map(|one| one.copy.clone()).collect();
            self.store.put_many(copies, PutOptions::create()).await
        } else {
            let writes = moving.iter().map(|one| self.write_unless_there(&one.copy));
            join_all(writes).await
        };
        let mut outcomes: Vec<Result<()>> = outcomes.into_iter().map(|outcome| outcome.map(|_| ())).collect();
        self.say_why(&moving, &mut outcomes).await;
        let mut copied = Vec::with_capacity(moving.len());
        for (mut one, outcome) in moving.into_iter().zip(outcomes) {
            let settled = match outcome {
                Ok(()) => Ok(()),
                Err(error) if error.kind() == ErrorKind::Conflict => self.settle(&mut one).await,
                Err(error) => Err(error),
            };
            match settled {
                Ok(()) => copied.push(one),
                Err(error) => applied.fail(self.named(error, &one)),
            }
        }
        copied
    }

    /// Writes copies once more that were refused, and says why they are written.
    async fn say_why(&self, moving: &[Moving<'_>], outcomes: &mut [Result<()>]) {
        let is_refused =
            |outcome: &Result<()>| matches!(outcome, Err(error) if error.kind() == ErrorKind::Invalid);
        let mut refused: Vec<_> =
            moving.iter().zip(outcomes).filter(|(_, outcome)| is_refused(outcome)).collect();
        for some in refused.chunks_mut(READS) {
            join_all(some.iter_mut().map(|(one, outcome)| {
                let refusal = std::mem::replace(*outcome, Ok(()));
                async move {
                    if let Err(refusal) = refusal {
                        **outcome =
                            put_saying_why(self.store, &one.copy, self.creating(), self.message(), refusal)
                                .await;
                    }
                }
            }))
            .await;
        }
    }

    /// Says to a store that wants a reason for each save why a copy is there.
    fn message(&self) -> &'static str {
        match self.action {
            RetentionAction::Delete => "deleted by retention",
            RetentionAction::Archive => "archived by retention",
            RetentionAction::Quarantine => "put in quarantine by retention",
        }
    }

    /// A copy is new, as far as the store can tell.
    fn creating(&self) -> PutOptions {
        if self.store.info().capabilities.create_only { PutOptions::create() } else { PutOptions::default() }
    }

    /// Imitates a create-only write where the store has none. The copy is read back and compared in any case.
    async fn write_unless_there(&self, copy: &Record) -> Result<Written> {
        match self.store.head(&copy.key).await {
            Ok(_) => Err(Error::new(ErrorKind::Conflict, "there is such a document").at(&copy.key)),
            Err(error) if error.kind() == ErrorKind::NotFound => self.store.put(copy.clone()).await,
            Err(error) => Err(error),
        }
    }

    /// Finds out what stands where a copy was to be written.
    async fn settle(&self, one: &mut Moving<'_>) -> Result<()> {
        let there = self.store.read(&one.copy.key).await?;
        if self.is_copy(one, &there) {
            return Ok(());
        }
        if self.until.is_some() {
            return self.copy_beside(one).await;
        }
        // A copy of an earlier state with the same text loses nothing by being this state's copy from now on.
        if !is_same(&there, &one.copy) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "the {} holds another document of this id, and is never overwritten: restore or remove that one first",
                    self.action
                ),
            )
            .at(&one.removal.key));
        }
        let over = if self.store.info().capabilities.compare_and_swap {
            PutOptions::replace(there.meta.revision)
        } else {
            PutOptions::default()
        };
        match self.store.put_opts(one.copy.clone(), over.clone()).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Invalid => {
                put_saying_why(self.store, &one.copy, over, self.message(), error).await
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a copy beside an earlier deletion of the same id, so that both can be restored.
    async fn copy_beside(&self, one: &mut Moving<'_>) -> Result<()> {
        let (id, source) = (one.removal.key.id(), &one.removal.revision);
        let Some(key) = stamp::second_key(&self.collection, id, source) else {
            let why = "an earlier deletion of this id can still be restored, and the id is too long for a second one: it goes after that";
            return Err(Error::new(ErrorKind::Conflict, why).at(&one.removal.key));
        };
        one.copy.key = key;
        self.stamp(one.removal).put_on(&mut one.copy.attributes, Some(id))?;
        match self.store.put_opts(one.copy.clone(), PutOptions::create()).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Conflict => {
                let there = self.store.read(&one.copy.key).await?;
                if self.is_copy(one, &there) { Ok(()) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Names the record that could not be moved, wherever that went wrong.
    fn named(&self, error: Error, one: &Moving<'_>) -> Error {
        error.at(&one.removal.key).with("retention", self.action.as_str())
    }

    /// Tells whether what is there is the copy that an earlier run made of the same state.
    ///
    /// The same text alone proves nothing: in a store that is its own archive, the record itself would be found.
    fn is_copy(&self, one: &Moving<'_>, there: &Stored) -> bool {
        self.stamp(one.removal).is_on(&there.meta) && is_same(there, &one.copy)
    }

    /// Reads copies back, and answers those that are what was copied.
    async fn verify<'r>(&self, copied: Vec<Moving<'r>>, applied: &mut Applied) -> Vec<Moving<'r>> {
        let mut verified = Vec::with_capacity(copied.len());
        let mut copied = copied.into_iter();
        loop {
            let some: Vec<Moving<'r>> = copied.by_ref().take(READS).collect();
            if some.is_empty() {
                return verified;
            }
            let reads = join_all(some.iter().map(|one| self.store.read(&one.copy.key))).await;
            for (one, read) in some.into_iter().zip(reads) {
                match read {
                    Ok(there) if self.is_copy(&one, &there) => verified.push(one),
                    Ok(_) => applied.fail(differs(self.action).at(&one.removal.key)),
                    Err(error) => applied.fail(self.named(error, &one)),
                }
            }
        }
    }
}

fn differs(action: RetentionAction) -> Error {
    Error::corrupt(format!(
        "what was written to be kept by {action} reads back as something else: the document stays where it is; check the other store"
    ))
}

/// Tells whether a stored document and a record are the same but for their stamps.
pub(crate) fn is_same(there: &Stored, record: &Record) -> bool {
    let (mut theirs, mut ours) = (there.meta.attributes.clone(), record.attributes.clone());
    stamp::strip(&mut theirs);
    stamp::strip(&mut ours);
    let body = there.body.as_ref();
    theirs == ours && body.is_some_and(|body| body.checksum() == record.body.checksum())
}
