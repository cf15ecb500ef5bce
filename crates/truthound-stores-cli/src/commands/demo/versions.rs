//! The demo's versions: a result is corrected, and the correction is taken back.

use std::sync::Arc;

use truthound_stores::options::Options;
use truthound_stores::{
    Collection, ErrorKind, History, Key, Reading, Record, SaveOptions, Store, StoreExt, VersionInfo,
    VersionedStore,
};

use super::Tour;
use crate::commands::versions::rows;
use crate::demo;
use crate::exit::Failure;
use crate::output::print_table;
use crate::store::VERSIONING;

type Versioned = VersionedStore<Arc<dyn Store>>;

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
        let table = rows::versions(&self.context.out, &versions);
        print_table(&mut self.context.out, &table)?;
        let changes = store.diff(&key, 1, 2).await?;
        self.context.out.line("")?;
        for change in changes.iter().take(3) {
            let side = |json: Option<&truthound_stores::json::Json>| {
                json.map(ToString::to_string).unwrap_or_default()
            };
            let (from, to) = (side(change.from.as_ref()), side(change.to.as_ref()));
            let text = format!("   {} was {from} in the first version, {to} in the second", change.path);
            self.context.out.line(crate::stderr::printable(&text))?;
        }
        Ok(())
    }

    /// Looks at the store with its versions, by the settings of its layer if it has one.
    async fn versioned(&self) -> Result<Option<Versioned>, Failure> {
        let place = &self.context.place;
        if !place.layers()?.iter().any(|layer| layer.kind() == VERSIONING) {
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
    if there != original.body {
        return Ok(None);
    }
    if store.list_versions(key, &History::new().with_limit(3)).await?.len() < 2 {
        let text = original.body.as_str().replacen(r#""status":"failure""#, r#""status":"warning""#, 1);
        let corrected = Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())?;
        let said = SaveOptions::new().with_author("ada").with_message("the supplier knows of it");
        store.save(corrected, said).await?;
        let said = SaveOptions::new().with_author("bob").with_message("it is a failure all the same");
        store.rollback(key, 1, said).await?;
    }
    Ok(Some(store.list_versions(key, &History::new()).await?))
}
