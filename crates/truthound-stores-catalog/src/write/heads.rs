//! Looks at documents for those who fold, clean up and list.

use async_trait::async_trait;
use object_store::UpdateVersion;
use truthound_stores_core::{Key, Result};

use crate::beside::{Beside, Head};
use crate::document::metadata::Metadata;
use crate::write::Documents;

#[async_trait]
impl Beside for Documents {
    async fn head(&self, id: &str) -> Result<Head> {
        let key = Key::new(self.form.collection.clone(), id)?;
        let Some((fetched, handle)) = self.bucket.head(&self.path(&key)?).await? else {
            return Ok(Head::Absent);
        };
        let seen = self.form.look(&key, &fetched)?;
        Ok(match Metadata::read(&fetched.attributes) {
            Ok(Some(_)) if seen.deleted => Head::Mark(seen.state, handle),
            Ok(Some(_)) => Head::Live(seen.state),
            Ok(None) | Err(_) => Head::Foreign(seen.state),
        })
    }

    fn can_remove_marks(&self) -> bool {
        self.bucket.can_delete_if()
    }

    async fn remove_mark(&self, id: &str, seen: UpdateVersion) -> Result<bool> {
        let key = Key::new(self.form.collection.clone(), id)?;
        self.bucket.delete_if(&self.path(&key)?, &seen).await
    }
}
