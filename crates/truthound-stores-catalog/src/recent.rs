//! What was listed lately: by it, whoever reads a document of another revision knows that its row may be missing (decision 0009, §3.6).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use truthound_stores_core::{Key, RecordMeta, Revision};

/// So many documents are remembered; then all are forgotten.
const MOST: usize = 8_192;

/// The revisions under which documents were listed.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<HashMap<Key, Revision>>);

impl Recent {
    /// Remembers a page.
    pub(crate) fn listed(&self, metas: &[RecordMeta]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + metas.len() > MOST {
            known.clear();
        }
        let latest = metas.iter().take(MOST);
        known.extend(latest.map(|meta| (meta.key.clone(), meta.revision.clone())));
    }

    /// Returns, and forgets, under which revision a document was listed.
    pub(crate) fn take(&self, key: &Key) -> Option<Revision> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key)
    }
}
