//! Rows that do not hold what was written.

use sqlx::{ConnectOptions, Connection};
use truthound_stores_core::{ErrorKind, Key, OrderBy, Query, Store, StoreExt};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};

use crate::server::run;

/// One flipped byte that made a text no UTF-8 ended every listing over it. And where a row was read in part, a page went on from times and
/// names that were not its own: it skipped what came next, or began again for ever.
#[tokio::test]
async fn a_row_that_is_unreadable_hides_and_repeats_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quality.db");
    let store = DatabaseStore::open(DatabaseConfig::new(format!("sqlite:{}", path.display()))).await.unwrap();
    for column in ["data_asset", "run_time", "status", "tags", "suite_name", "execution_time_ms", "revision"]
    {
        for id in 0..5 {
            store.put(run(&format!("run_{id}"))).await.unwrap();
        }
        let mut raw = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        let damage = format!("UPDATE records SET {column} = CAST(x'80ff' AS TEXT) WHERE id = 'run_2'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(damage)).execute(&mut raw).await.unwrap();
        raw.close().await.unwrap();
        for order in [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status] {
            for ascending in [true, false] {
                for size in 1..5 {
                    let query =
                        Query::new().with_order_by(order).with_ascending(ascending).with_page_size(size);
                    let (mut ids, mut errors, mut pages, mut after) = (Vec::new(), Vec::new(), 0, None);
                    loop {
                        let page = store.list_page(&query, after).await.unwrap();
                        ids.extend(page.metas.iter().map(|meta| meta.key.id().to_owned()));
                        errors.extend(page.damaged);
                        pages += 1;
                        assert!(pages < 20, "{column}: a listing without end");
                        after = page.next;
                        if after.is_none() {
                            break;
                        }
                    }
                    ids.sort_unstable();
                    let case = format!("{column}, {order:?}, ascending {ascending}, {size} a page");
                    assert_eq!(ids, ["run_0", "run_1", "run_3", "run_4"], "{case}");
                    assert!(!errors.is_empty(), "{case}");
                    for error in errors {
                        assert_eq!(error.kind(), ErrorKind::Corrupt, "{case}");
                        assert_eq!(error.key().map(Key::id), Some("run_2"), "{case}");
                    }
                }
            }
        }
        let error = store.read(&run("run_2").key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{column}: {}", error.report());
        assert!(error.report().contains("run_2"), "{}", error.report());
    }
    // What the error advises is possible: a row that was damaged could be neither saved again nor deleted.
    assert!(store.delete(&run("run_2").key).await.unwrap());
    assert!(!store.delete(&run("run_2").key).await.unwrap());
    assert_eq!(store.count(&Query::new().with_tag("a", "b")).await.unwrap(), 4);
}
