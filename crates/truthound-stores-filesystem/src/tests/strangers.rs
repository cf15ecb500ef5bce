//! Where the clock of files is coarse, another program's file may come within the same tick as our own last change, so that the folder's
//! time says nothing of it. The watch saw it, but what it saw between two batches was once thrown away.

use std::fs::{self, File};

use truthound_stores_core::{Store, StoreExt};

use super::{folder, ids, open, record, temp_dir};
use crate::gate;

#[tokio::test]
async fn a_file_that_comes_in_the_tick_of_our_last_change_is_found_by_the_next_one() {
    for writes_more in [true, false] {
        let dir = temp_dir();
        let store = open(dir.path()).await;
        store.put(record("x", 1)).await.unwrap();
        store.flush().await.unwrap();
        let folder = folder(dir.path());
        let before = fs::metadata(&folder).unwrap().modified().unwrap();
        fs::write(folder.join("y.json"), record("y", 1).body.as_bytes()).unwrap();
        // As if the clock had not gone on.
        File::open(&folder).unwrap().set_modified(before).unwrap();
        let standing = gate::glance(&folder.join("_catalog")).unwrap();
        assert_eq!(standing.folder, gate::time_of(&folder).unwrap(), "the time says nothing");
        if writes_more {
            store.put(record("x", 2)).await.unwrap();
        }
        store.flush().await.unwrap();
        let next = open(dir.path()).await;
        assert_eq!(ids(&next, "next").await.len(), 2, "{writes_more}");
        // Then all names are known, and not compared each time.
        store.put(record("x", 3)).await.unwrap();
        store.close().await.unwrap();
        next.close().await.unwrap();
        let standing = gate::glance(&folder.join("_catalog")).unwrap();
        assert_eq!(standing.folder, gate::time_of(&folder).unwrap(), "{writes_more}");
    }
}
