//! Listings of the latest hundred documents of an asset, beside the bare SQL and beside a small store.

use std::sync::{Arc, Mutex, PoisonError};

use truthound_stores_core::{Pattern, Query, Store as _};
use truthound_stores_filesystem::FileSystemStore;

use truthound_stores_testkit::bench::{Limit, Row, Turns, Watch, median, micros, print_row, thousands};

use crate::Outcome;
use crate::large::Large;
use crate::plan::Plan;
use crate::sql::Bare;
use crate::workload::ASSET;

/// How many documents a listing answers.
pub(crate) const LATEST: usize = 100;

/// Asks for the latest documents of the asset.
pub(crate) fn query() -> Query {
    Query::new().with_data_asset(Pattern::exact(ASSET)).with_limit(LATEST as u64).with_page_size(LATEST)
}

/// Measures the listing in a process that has the store open.
pub(crate) async fn rows(plan: &Plan, small: &Large, large: &Large) -> Outcome {
    let (at_small, at_large) = (small.open().await?, large.open().await?);
    let bare = Bare::latest(&large.base).map(|bare| Arc::new(Mutex::new(bare)));
    let (mut beside_sql, mut growth, mut apart) = (Turns::default(), Turns::default(), Turns::default());
    for turn in 0..=plan.turns {
        let ours = by_store(&at_large, plan.calls).await?;
        let theirs = match &bare {
            Ok(bare) => Some((by_sql(bare, plan.calls)?, by_sql_apart(bare, plan.calls).await?)),
            Err(_) => None,
        };
        let at_small = by_store(&at_small, plan.calls).await?;
        if turn > 0 {
            growth.add(ours, at_small);
            if let Some((theirs, hopped)) = theirs {
                beside_sql.add(ours, theirs);
                apart.add(ours, hopped);
            }
        }
    }
    at_small.close().await?;
    at_large.close().await?;
    let what = format!("list of the latest {LATEST} of one asset at {} stored", thousands(large.documents));
    let row = Row::new("list", what.clone());
    match bare {
        Ok(_) => {
            print_row(&row.turns(&beside_sql, "µs", "the bare SQL")?.limit(Limit::RatioAtMost(1.5)));
            let beside = "the bare SQL on a blocking thread";
            print_row(&Row::new("list-apart", what.clone()).turns(&apart, "µs", beside)?);
        }
        Err(why) => print_row(&row.ours(median(&growth.ours)?, "µs").note(why)),
    }
    let beside = format!("the same at {} stored", thousands(small.documents));
    print_row(&Row::new("list-growth", what).turns(&growth, "µs", beside)?);
    Ok(())
}

async fn by_store(store: &FileSystemStore, calls: usize) -> Outcome<f64> {
    let query = query();
    let mut took = Vec::with_capacity(calls);
    for _ in 0..calls {
        let watch = Watch::start();
        let page = store.list_page(&query, None).await?;
        took.push(micros(watch.passed()));
        complete(page.metas.len())?;
    }
    median(&took)
}

fn by_sql(bare: &Mutex<Bare>, calls: usize) -> Outcome<f64> {
    let (took, found) = bare.lock().unwrap_or_else(PoisonError::into_inner).run((ASSET,), calls)?;
    complete(found)?;
    Ok(micros(took))
}

/// Asks as a program that must not block its runtime does: each time on another thread.
async fn by_sql_apart(bare: &Arc<Mutex<Bare>>, calls: usize) -> Outcome<f64> {
    let mut took = Vec::with_capacity(calls);
    for _ in 0..calls {
        let bare = Arc::clone(bare);
        let watch = Watch::start();
        let found =
            tokio::task::spawn_blocking(move || by_sql(&bare, 1).map_err(|error| error.to_string())).await?;
        found?;
        took.push(micros(watch.passed()));
    }
    median(&took)
}

/// Makes sure that what was measured did the work.
pub(crate) fn complete(found: usize) -> Outcome {
    if found == LATEST {
        return Ok(());
    }
    Err(format!("a listing found {found} documents and should have found {LATEST}").into())
}
