//! The demo's versions: a result is corrected, and the correction is taken back.

use std::sync::Arc;

use truthound_stores::options::Options;
use truthound_stores::{
    Body, Collection, ErrorKind, History, Key, Origin, Reading, Record, SaveOptions, Store, StoreExt,
    VersionInfo, VersionedStore,
};

use super::Tour;
use crate::commands::versions::rows;
use crate::demo;
use crate::exit::Failure;
use crate::output::print_table;
use crate::store::VERSIONING;

type Versioned = VersionedStore<Arc<dyn Store>>;

/// How many of the latest versions are looked through for what the demo saved.
const LOOKED_AT: usize = 100;

impl Tour<'_> {
    /// Changes the demo's own result twice, the first time; it is then what it was. Nothing of the user's is ever changed.
    pub(super) async fn versions(&mut self) -> Result<(), Failure> {
        self.step("Correct a result, and take that back", &format!("versions list {}", demo::BROKEN))?;
        let key = Key::result(demo::BROKEN)?;
        let Some(store) = self.versioned().await? else {
            return Ok(self
                .context
                .out
                .line("   This store ends with each handle on it: a history needs one that stays.")?);
        };
        let Some(versions) = told(&store, &key).await? else {
            return Ok(self
                .context
                .out
                .line("   The result of this id is not the demo's: it stays as it is.")?);
        };
        if !versions.is_empty() {
            let table = rows::versions(&self.context.out, &versions);
            print_table(&mut self.context.out, &table)?;
            self.context.out.line("")?;
        }
        self.changes(&store, &key, &versions).await?;
        if let Some(said) = limits(&store, &versions) {
            self.context.out.line(format!("   {said}"))?;
        }
        Ok(())
    }

    /// Says what the oldest change was that can be seen.
    async fn changes(
        &mut self,
        store: &Versioned,
        key: &Key,
        versions: &[VersionInfo],
    ) -> Result<(), Failure> {
        let Some((older, newer)) = first_change(versions) else { return Ok(()) };
        let changes = store.diff(key, older.ordinal, newer.ordinal).await?;
        for change in changes.iter().take(3) {
            let side = |json: Option<&truthound_stores::json::Json>| {
                json.map(ToString::to_string).unwrap_or_default()
            };
            let (from, to) = (side(change.from.as_ref()), side(change.to.as_ref()));
            let (path, older, newer) = (&change.path, older.ordinal, newer.ordinal);
            let text = format!("   {path} was {from} in version {older}, {to} in version {newer}");
            self.context.out.line(crate::stderr::printable(&text))?;
        }
        Ok(())
    }

    /// Says with the demo's results who saved them and why, if somebody listens: a layer of versions may want to know.
    pub(super) fn sign(&self, records: &mut [Record]) -> Result<(), Failure> {
        if !self.has_layer()? {
            return Ok(());
        }
        let said = SaveOptions::new().with_author("demo").with_message("a sample");
        Ok(records.iter_mut().try_for_each(|record| said.attach(record))?)
    }

    fn has_layer(&self) -> Result<bool, Failure> {
        Ok(self.context.place.layers()?.iter().any(|layer| layer.kind() == VERSIONING))
    }

    /// Looks at the store with its versions, by the settings of its layer if it has one.
    async fn versioned(&self) -> Result<Option<Versioned>, Failure> {
        let place = &self.context.place;
        if !self.has_layer()? {
            return Ok(Some(place.registry().open_versions(Arc::clone(self.store), &Options::new())?));
        }
        if !self.store.info().capabilities.durable {
            return Ok(None);
        }
        Ok(Some(place.open_versions().await?))
    }
}

/// Makes the story's versions, unless an earlier demo has, and lists them; none if the result is somebody else's.
async fn told(store: &Versioned, key: &Key) -> Result<Option<Vec<VersionInfo>>, Failure> {
    let Some(original) = demo::records()?.into_iter().find(|record| record.key == *key) else {
        return Ok(None);
    };
    let there = match store.read(key).await {
        Ok(stored) => stored.into_body()?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let corrected = corrected(&original)?;
    if there == corrected.body {
        // An earlier demo was broken off in the middle.
        take_back(store, original).await?;
    } else if there != original.body {
        return Ok(None);
    } else if !keeps_one(store) && store.list_versions(key, &History::new().with_limit(2)).await?.len() < 2 {
        let said = SaveOptions::new().with_author("ada").with_message("the supplier knows of it");
        store.save(corrected, said).await?;
        take_back(store, original).await?;
    }
    Ok(Some(store.list_versions(key, &History::new()).await?))
}

fn corrected(original: &Record) -> Result<Record, Failure> {
    let text = original.body.as_str().replacen(r#""status":"failure""#, r#""status":"warning""#, 1);
    Ok(Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())?)
}

/// Makes the original the latest version again: by a rollback, or, where none of the versions that are kept is the original, by a save.
async fn take_back(store: &Versioned, original: Record) -> Result<(), Failure> {
    let said = SaveOptions::new().with_author("bob").with_message("it is a failure all the same");
    match version_of(store, &original.key, &original.body).await? {
        Some(ordinal) => store.rollback(&original.key, ordinal, said).await?,
        None => store.save(original, said).await?,
    };
    Ok(())
}

/// Finds the latest version with this text.
async fn version_of(store: &Versioned, key: &Key, text: &Body) -> Result<Option<u64>, Failure> {
    for version in store.list_versions(key, &History::new().with_limit(LOOKED_AT)).await? {
        if version.origin == Origin::Deletion {
            continue;
        }
        match store.get_version(key, version.ordinal).await {
            Ok(found) if found.record.body == *text => return Ok(Some(version.ordinal)),
            Ok(_) => {}
            // It was cleaned up just now.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Finds the oldest two versions that follow each other and differ; versions come the newest first.
fn first_change(versions: &[VersionInfo]) -> Option<(&VersionInfo, &VersionInfo)> {
    let older = versions.iter().rev();
    let newer = older.clone().skip(1);
    let has_text = |version: &VersionInfo| version.origin != Origin::Deletion;
    older
        .zip(newer)
        .find(|(older, newer)| has_text(older) && has_text(newer) && older.checksum != newer.checksum)
}

/// Tells whether a save removes the version before it.
fn keeps_one(store: &Versioned) -> bool {
    store.config().auto_cleanup && store.config().max_versions == 1
}

/// Says what the settings of the layer keep from being seen.
fn limits(store: &Versioned, versions: &[VersionInfo]) -> Option<String> {
    if keeps_one(store) {
        let why = "so that a correction would leave nothing to compare with and to go back to: nothing was corrected";
        return Some(format!("The layer keeps one version of each document (max_versions = 1), {why}."));
    }
    let most = store.config().max_versions;
    let is_cut = most > 0 && versions.last().is_some_and(|oldest| oldest.ordinal > 1);
    is_cut.then(|| {
        format!(
            "The layer keeps {most} versions of each document (max_versions = {most}): older ones are gone."
        )
    })
}
