//! R-ANY-4, R-ANY-5: the disk fails at every single operation on a file, once or from then on. Every call ends, and says what is wrong and
//! where; old values stay, what was acknowledged is read at once and after the next opening, and once settled it survives a power cut.

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use truthound_stores_core::{Error, ErrorKind, Store};

use super::disk::{Chance, Disk};
use super::story::Story;
use super::{LONG, check, is_well, noted, open, record, temp_dir};
use crate::files::Step;
use crate::files::faults::{Faults, Registered};
use crate::store::FileSystemStore;

const ENOSPC: i32 = 28;
const EACCES: i32 = 13;
const EROFS: i32 = 30;
const EIO: i32 = 5;

/// A folder on a disk that may fail.
struct Place {
    dir: TempDir,
    faults: Registered,
    disk: Arc<Mutex<Disk>>,
    tale: Story,
}

impl Place {
    fn new() -> Self {
        let dir = temp_dir();
        let (faults, disk) = (Faults::of(dir.path()), Arc::new(Mutex::new(Disk::default())));
        let looking = Arc::clone(&disk);
        faults.look(move |seen| looking.lock().unwrap().saw(seen));
        Self { dir, faults, disk, tale: Story::default() }
    }

    /// Cuts the power, and checks that everything acknowledged is there.
    async fn survives_a_power_cut(&self, seed: u64, what: &str) {
        let cut = temp_dir();
        self.faults.between(|| {
            self.disk.lock().unwrap().cut(self.dir.path(), cut.path(), &mut Chance(seed));
        });
        check(cut.path(), &self.tale.now(), &format!("{what}, after a power cut")).await;
    }
}

async fn ends<T>(call: impl Future<Output = T>, what: &str) -> T {
    let ended = tokio::time::timeout(LONG, call).await;
    ended.unwrap_or_else(|_| panic!("{what}: a call does not end"))
}

/// Checks that an error is of the right kind, and names what it is about.
fn is_honest(error: &Error, errno: i32, base: &Path, what: &str) {
    let kind = if errno == EACCES || errno == EROFS { ErrorKind::Denied } else { ErrorKind::Unavailable };
    assert_eq!(error.kind(), kind, "{what}: {}", error.report());
    assert!(error.report().contains(&base.display().to_string()), "{what}: {}", error.report());
}

/// Saves, overwrites, deletes and settles; a sidecar comes and goes. Answers the errors.
async fn live_through(place: &Place, store: &FileSystemStore, what: &str) -> Vec<Error> {
    let history = &place.tale;
    let mut errors: Vec<Error> = Vec::new();
    let rounds: [(Vec<_>, Vec<&str>); 4] = [
        (vec![record("a", 1), record("b", 1)], vec![]),
        (vec![record("a", 2), noted("c", 1, "one")], vec!["b"]),
        (vec![record("b", 2), record("c", 1)], vec!["a"]),
        ((0..9).map(|number| record(&format!("d{number}"), 1)).collect(), vec!["b"]),
    ];
    for (saved, deleted) in rounds {
        let ids: Vec<String> = saved.iter().map(|record| record.key.id().to_owned()).collect();
        let outcomes = ends(history.put_many(store, saved), what).await;
        errors.extend(outcomes.into_iter().filter_map(Result::err));
        let outcomes = ends(history.delete(store, &deleted), what).await;
        errors.extend(outcomes.into_iter().filter_map(Result::err));
        for id in ids.iter().map(String::as_str).chain(deleted) {
            ends(history.holds(store, id, what), what).await;
        }
        errors.extend(ends(store.flush(), what).await.err());
        for id in ["a", "b", "c"] {
            ends(history.holds(store, id, what), what).await;
        }
    }
    errors
}

/// Lets each operation fail in turn; with `for_ever`, all that follow it, too.
fn fails_at_every_operation(errno: i32, for_ever: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut number = 0;
    loop {
        let what =
            format!("errno {errno} at operation {number}{}", if for_ever { " and all after" } else { "" });
        let place = Place::new();
        place.faults.fail(errno, move |at, _, _| if for_ever { at >= number } else { at == number });
        let failed = runtime.block_on(async {
            let store = open(place.dir.path()).await;
            let errors = live_through(&place, &store, &what).await;
            for error in &errors {
                is_honest(error, errno, place.dir.path(), &what);
            }
            if number % 2 == 0 {
                // A handle that goes on when the disk does.
                let failed = place.faults.lift();
                ends(store.flush(), &what).await.unwrap();
                place.survives_a_power_cut(number as u64, &what).await;
                ends(store.close(), &what).await.unwrap();
                is_well(place.dir.path(), &place.tale.now(), &what).await;
                return failed;
            }
            // A handle that ends while the disk fails: the next one finishes.
            if let Err(error) = ends(store.close(), &what).await {
                is_honest(&error, errno, place.dir.path(), &what);
            }
            let failed = place.faults.lift();
            place.survives_a_power_cut(number as u64, &what).await;
            is_well(place.dir.path(), &place.tale.now(), &what).await;
            failed
        });
        if failed == 0 {
            break;
        }
        number += 1;
    }
    assert!(number > 50, "{number}");
}

#[test]
fn a_full_disk_at_any_operation_costs_errors_only() {
    fails_at_every_operation(ENOSPC, false);
}

#[test]
fn a_disk_that_stays_full_from_any_operation_on_costs_errors_only() {
    fails_at_every_operation(ENOSPC, true);
}

#[test]
fn a_permission_lost_at_any_operation_costs_errors_only() {
    fails_at_every_operation(EACCES, false);
}

#[test]
fn a_disk_that_is_read_only_from_any_operation_on_costs_errors_only() {
    fails_at_every_operation(EROFS, true);
}

#[test]
fn an_error_of_the_disk_at_any_operation_costs_errors_only() {
    fails_at_every_operation(EIO, false);
}

#[test]
fn a_disk_that_only_errs_from_any_operation_on_costs_errors_only() {
    fails_at_every_operation(EIO, true);
}

/// Files that are kept open for their sync were once counted at each attempt: after some that failed between sidecar and document, the
/// document was settled without one.
#[tokio::test]
async fn a_document_that_came_to_its_place_late_is_synced_before_it_is_settled() {
    for seed in 0..8 {
        let place = Place::new();
        let store = open(place.dir.path()).await;
        place.tale.put(&store, record("y", 1)).await.unwrap();
        store.flush().await.unwrap();
        place.faults.fail(ENOSPC, |_, step, path| step == Step::Place && path.ends_with("x.json"));
        place.tale.put(&store, noted("x", 1, "one")).await.unwrap();
        for _ in 0..30 {
            store.flush().await.unwrap_err();
        }
        place.faults.lift();
        store.flush().await.unwrap();
        place.survives_a_power_cut(seed, &format!("seed {seed}")).await;
    }
}
