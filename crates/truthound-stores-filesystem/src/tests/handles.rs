//! Two handles, as two processes would have, on one folder. One of them is stopped between its acknowledgement and its files, while the
//! other overwrites, deletes and settles. When the first goes on, files are never older than what was acknowledged last.
//!
//! The stopped one spells the folder differently, so that its operations are told from the other's.

use std::path::PathBuf;

use tempfile::TempDir;
use truthound_stores_core::{MaintainOptions, ReindexOptions, Store, Upkeep};

use super::story::Story;
use super::{check, folder, live, noted, open, record, stored, temp_dir};
use crate::files::Step;
use crate::files::faults::{Faults, Registered};
use crate::store::FileSystemStore;

const EIO: i32 = 5;

struct Two {
    dir: TempDir,
    story: Story,
    /// What the one that is stopped does to files.
    faults: Registered,
    stopped: FileSystemStore,
    other: FileSystemStore,
}

/// Opens both; `x` is there, and known to both.
async fn two() -> Two {
    let dir = temp_dir();
    std::fs::create_dir(dir.path().join("aside")).unwrap();
    let aside: PathBuf = dir.path().join("aside/../store");
    let (story, faults) = (Story::default(), Faults::of(&aside));
    let other = open(&dir.path().join("store")).await;
    story.put(&other, record("x", 1)).await.unwrap();
    other.flush().await.unwrap();
    let stopped = open(&aside).await;
    // Its threads have begun.
    story.put(&stopped, record("own", 1)).await.unwrap();
    stopped.flush().await.unwrap();
    assert!(faults.count() > 0, "its operations are seen");
    Two { dir, story, faults, stopped, other }
}

impl Two {
    /// Stops the publisher of the one: it cannot write or remove anything.
    fn stop(&self) {
        self.faults.fail(EIO, |_, step, _| matches!(step, Step::Stage | Step::Remove));
    }

    /// Lets it go on, and ends all.
    async fn go_on(self, what: &str) {
        self.faults.lift();
        let before = self.faults.log().len();
        self.stopped.flush().await.unwrap();
        let places = [Step::Place, Step::Remove];
        let log = self.faults.log();
        let touched: Vec<_> = log[before..].iter().filter(|(step, _)| places.contains(step)).collect();
        assert!(touched.is_empty(), "{what}: a stale publisher has done {touched:?}");
        self.end(what).await;
    }

    async fn end(self, what: &str) {
        self.other.flush().await.unwrap();
        for id in self.story.now().keys() {
            self.story.holds(&self.stopped, id, what).await;
            self.story.holds(&self.other, id, what).await;
        }
        self.stopped.close().await.unwrap();
        self.other.close().await.unwrap();
        check(&self.dir.path().join("store"), &self.story.now(), what).await;
    }
}

#[tokio::test]
async fn a_stale_overwrite_is_not_published_over_a_newer_one() {
    let two = two().await;
    two.stop();
    two.story.put(&two.stopped, record("x", 2)).await.unwrap();
    two.stopped.flush().await.unwrap_err();
    two.story.put(&two.other, record("x", 3)).await.unwrap();
    two.other.flush().await.unwrap();
    two.go_on("overwritten").await;
}

#[tokio::test]
async fn a_stale_overwrite_is_not_published_after_a_deletion() {
    let two = two().await;
    two.stop();
    two.story.put(&two.stopped, noted("x", 2, "one")).await.unwrap();
    two.stopped.flush().await.unwrap_err();
    two.story.delete(&two.other, &["x"]).await.pop().unwrap().unwrap();
    two.other.flush().await.unwrap();
    assert!(!folder(&two.dir.path().join("store")).join("x.json").exists());
    two.go_on("deleted").await;
}

#[tokio::test]
async fn a_stale_deletion_does_not_remove_what_was_made_again() {
    let two = two().await;
    two.stop();
    two.story.delete(&two.stopped, &["x"]).await.pop().unwrap().unwrap();
    two.stopped.flush().await.unwrap_err();
    assert_eq!(stored(&two.other, "x").await.unwrap(), None);
    two.story.put(&two.other, record("x", 3)).await.unwrap();
    two.other.flush().await.unwrap();
    two.go_on("made again").await;
}

/// The one is stopped within the very step that puts its file in its place, and the other is acknowledged meanwhile.
#[tokio::test]
async fn what_is_acknowledged_while_an_older_state_is_put_in_its_place_comes_after_it() {
    for deletes in [false, true] {
        let two = two().await;
        two.faults.hold(|_, step, path| step == Step::Place && path.ends_with("x.json"));
        two.story.put(&two.stopped, record("x", 2)).await.unwrap();
        two.faults.wait_until_held();
        if deletes {
            two.story.delete(&two.other, &["x"]).await.pop().unwrap().unwrap();
        } else {
            two.story.put(&two.other, record("x", 3)).await.unwrap();
        }
        two.story.holds(&two.stopped, "x", "while held").await;
        two.faults.go_on();
        two.other.flush().await.unwrap();
        two.stopped.flush().await.unwrap();
        two.end(if deletes { "deleted meanwhile" } else { "overwritten meanwhile" }).await;
    }
}

/// The index is rebuilt meanwhile, so that the stopped one's is another. It once went on by its own, and put its state over a newer one.
#[tokio::test]
async fn a_publisher_whose_index_was_replaced_goes_by_the_new_one() {
    for change in ["nothing", "overwritten", "deleted"] {
        let two = two().await;
        two.stop();
        two.story.put(&two.stopped, record("x", 2)).await.unwrap();
        two.story.put(&two.stopped, noted("y", 1, "one")).await.unwrap();
        two.stopped.flush().await.unwrap_err();
        two.other.reindex(ReindexOptions::default(), &()).await.unwrap();
        two.story.holds(&two.other, "x", "taken over").await;
        two.story.holds(&two.other, "y", "taken over").await;
        match change {
            "overwritten" => two.story.put(&two.other, record("x", 3)).await.unwrap(),
            "deleted" => assert!(two.story.delete(&two.other, &["x", "y"]).await.iter().all(Result::is_ok)),
            _ => {}
        }
        two.other.flush().await.unwrap();
        two.faults.lift();
        two.stopped.flush().await.unwrap();
        two.end(&format!("{change} after the index was rebuilt")).await;
    }
}

/// A handle that ended without a word leaves its work to the other, but not what that has overwritten since.
#[tokio::test]
async fn what_a_dead_handle_left_is_finished_unless_it_is_stale() {
    let two = two().await;
    two.stop();
    two.story.put(&two.stopped, record("x", 2)).await.unwrap();
    two.story.put(&two.stopped, record("y", 1)).await.unwrap();
    two.story.delete(&two.stopped, &["own"]).await.pop().unwrap().unwrap();
    two.story.put(&two.other, record("x", 3)).await.unwrap();
    two.other.flush().await.unwrap();
    // It ends with its publisher failing: nothing more of it is written.
    live(&two.stopped).stop();
    let next = open(&two.dir.path().join("store")).await;
    for id in ["x", "y", "own"] {
        two.story.holds(&next, id, "by the next").await;
    }
    next.maintain(MaintainOptions::default(), &()).await.unwrap();
    next.close().await.unwrap();
    two.faults.lift();
    two.end("finished by another").await;
}
