//! Looks at documents for those who fold, clean up and list.

use async_trait::async_trait;
use object_store::UpdateVersion;
use truthound_stores_core::{Key, Result};

use crate::beside::{Beside, Head};
use crate::write::Documents;

#[async_trait]
impl Beside for Documents {
    async fn head(&self, id: &str) -> Result<Head> {
        self.head_of(&Key::new(self.form.collection.clone(), id)?).await
    }

    fn can_remove_marks(&self) -> bool {
        self.bucket.can_delete_if()
    }

    async fn remove_mark(&self, id: &str, seen: UpdateVersion) -> Result<bool> {
        self.remove_mark_of(&Key::new(self.form.collection.clone(), id)?, &seen).await
    }
}
