//! R-ANY-15: stores that are opened, used, and closed or dropped by the dozen leave no connection behind.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use truthound_stores_core::{Query, Store, StoreExt};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};

use super::{Raw, Server, config, fresh, run};

/// More than a server takes to end a connection that was hung up on.
const LONG: Duration = Duration::from_mins(1);

/// Opens a store with two handles that have several connections.
async fn used(config: &DatabaseConfig) -> (DatabaseStore, DatabaseStore) {
    let store = DatabaseStore::open(config.clone()).await.unwrap();
    let query = Query::new();
    store.put(run("run_1")).await.unwrap();
    for counted in join_all((0..4).map(|_| store.count(&query))).await {
        counted.unwrap();
    }
    let other = store.in_namespace("other").unwrap();
    assert_eq!(other.count(&query).await.unwrap(), 0);
    (store, other)
}

/// Opens and uses stores, and gets rid of them in every way there is.
async fn come_and_go(config: &DatabaseConfig) {
    for round in 0..16 {
        let (store, other) = used(config).await;
        match round % 4 {
            0 => {
                other.close().await.unwrap();
                store.close().await.unwrap();
            }
            1 => drop((store, other)),
            // Where there is no runtime that could say good-bye.
            2 => std::thread::spawn(move || drop((store, other))).join().unwrap(),
            // In the middle of a call.
            _ => {
                let query = Query::new();
                let mut call = store.count(&query);
                let _begun = poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await;
                drop(call);
                drop((store, other));
            }
        }
    }
}

async fn nothing_is_left_on(server: Server, url: &str, raw: &mut Raw, number: &str) {
    let config = config(url, &fresh());
    let (store, _other) = used(&config).await;
    // Nobody else's are counted, and all of ours.
    assert!(store.pool_status().open > 1, "{server:?}: {:?}", store.pool_status());
    assert_eq!(raw.number(number).await.cast_unsigned(), store.pool_status().open, "{server:?}");
    come_and_go(&config).await;
    let open = store.pool_status().open;
    let gone = async { while raw.number(number).await.cast_unsigned() > open {} };
    assert!(tokio::time::timeout(LONG, gone).await.is_ok(), "connections are left on {server:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_is_left_on_postgres() {
    let Some(url) = Server::Postgres.url() else { return };
    let name = fresh();
    let mut raw = Raw::connect(Server::Postgres, &url).await;
    let number = format!("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'");
    nothing_is_left_on(Server::Postgres, &format!("{url}?application_name={name}"), &mut raw, &number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_is_left_on_mariadb() {
    let Some(url) = Server::MariaDb.url() else { return };
    let user = format!("u{}", &fresh()[1..]);
    let mut raw = Raw::connect(Server::MariaDb, &url).await;
    raw.run(&format!("CREATE USER '{user}'@'127.0.0.1' IDENTIFIED BY 'counted'")).await;
    raw.run(&format!("GRANT ALL ON *.* TO '{user}'@'127.0.0.1'")).await;
    let ours = format!("mysql://{user}:counted@{}", url.rsplit_once('@').unwrap().1);
    let number = format!("SELECT count(*) FROM information_schema.processlist WHERE user = '{user}'");
    let tested =
        AssertUnwindSafe(nothing_is_left_on(Server::MariaDb, &ours, &mut raw, &number)).catch_unwind().await;
    // The server may be somebody's own.
    raw.run(&format!("DROP USER '{user}'@'127.0.0.1'")).await;
    if let Err(failure) = tested {
        std::panic::resume_unwind(failure);
    }
}

/// How many of this program's open files are in a folder.
#[cfg(target_os = "linux")]
fn open_files(folder: &std::path::Path) -> usize {
    let all = std::fs::read_dir("/proc/self/fd").unwrap();
    // One may be closed between the listing and the look.
    all.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok())
        .filter(|file| file.starts_with(folder))
        .count()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_of_sqlite_is_left_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let config = config(&format!("sqlite:{}", path.join("quality.db").display()), &fresh());
    let (store, other) = used(&config).await;
    assert!(open_files(&path) > 1);
    drop((store, other));
    come_and_go(&config).await;
    let gone = async {
        while open_files(&path) > 0 {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(LONG, gone).await.is_ok(), "{} files are left open", open_files(&path));
}
