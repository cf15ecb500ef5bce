//! Where a measurement takes place: aside from what the user has stored, so that nothing of it stays, not even in the change feed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use truthound_stores::{Store, SystemClock, random_u64};

use crate::context::Context;
use crate::exit::Failure;

/// A folder that was made for a measurement, and those above it that were made for it.
#[derive(Debug)]
pub(super) struct Aside {
    folder: PathBuf,
    /// The lowest first.
    above: Vec<PathBuf>,
}

/// Opens a store to be measured, and says what to remove in the end. A store without files has nothing to remove but documents.
pub(super) async fn open(context: &Context) -> Result<(Arc<dyn Store>, Option<Aside>), Failure> {
    let store = context.open().await?;
    let name = format!("bench-{:016x}", random_u64(&SystemClock::new()));
    let Some(store) = context.place.open_aside(&*store, &name).await? else { return Ok((store, None)) };
    let aside = Aside::of(Path::new(&store.info().location), &name);
    Ok((store, aside))
}

impl Aside {
    /// Finds the folder of that name above `location`, before it is made.
    fn of(location: &Path, name: &str) -> Option<Self> {
        let folder = location.ancestors().find(|folder| folder.file_name().is_some_and(|own| own == name))?;
        let above = folder.ancestors().skip(1);
        let above = above.take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        Some(Self { folder: folder.to_owned(), above: above.map(Path::to_owned).collect() })
    }

    /// Removes what was made for the measurement. The store is closed.
    pub(super) fn remove(self) -> Result<(), Failure> {
        match fs::remove_dir_all(&self.folder) {
            Ok(()) => {}
            // Nothing could be saved.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => {
                let folder = self.folder.display();
                return Err(Failure::Other(format!(
                    "the documents of this measurement are left in {folder}: {cause}; delete that folder"
                )));
            }
        }
        for folder in &self.above {
            // One that somebody else uses by now is not empty, and stays.
            drop(fs::remove_dir(folder));
        }
        Ok(())
    }
}
