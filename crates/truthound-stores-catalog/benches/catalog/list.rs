//! Listings of the latest hundred documents of an asset, with the segments in memory, beside a table with the right index.

use std::path::Path;
use std::sync::Arc;

use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogStore, TokioRuntime};
use truthound_stores_core::{Store as _, SystemClock};
use truthound_stores_testkit::bench::{
    Limit, Outcome, Row, Turns, Watch, median, micros, print_row, thousands,
};

use crate::args::Args;
use crate::fill::{Filled, LATEST, complete, config, objects, query};
use crate::sql::Table;

pub(crate) async fn rows(args: &Args, filled: &Filled, room: &Path) -> Outcome {
    eprintln!("bench: filling the table beside it");
    let table = Table::fill(room, filled.documents)?;
    let strong = filled.open()?;
    let bucket = Arc::<InMemory>::clone(&filled.bucket);
    let bounded = CatalogStore::open_with(
        objects(bucket),
        config().with_bounded(3_600_000),
        Arc::new(SystemClock::new()),
        Arc::new(TokioRuntime),
    )?;
    let (mut by_strong, mut by_bounded) = (Turns::default(), Turns::default());
    for turn in 0..=args.turns {
        let ours = by_store(&strong, args.calls).await?;
        let (theirs, found) = table.latest(args.calls)?;
        complete(found)?;
        let at_hand = by_store(&bounded, args.calls).await?;
        // The first turn reads the segments.
        if turn > 0 {
            by_strong.add(ours, theirs);
            by_bounded.add(at_hand, theirs);
        }
    }
    strong.close().await?;
    bounded.close().await?;
    let what = format!("list of the latest {LATEST} of one asset at {} stored", thousands(filled.documents));
    let beside = "a table of SQLite's with the right index";
    print_row(
        &Row::new("catalog-list", what.clone())
            .turns(&by_strong, "µs", beside)?
            .limit(Limit::RatioAtMost(3.0)),
    );
    print_row(&Row::new("catalog-list-bounded", what).turns(&by_bounded, "µs", beside)?);
    Ok(())
}

async fn by_store(store: &CatalogStore, calls: usize) -> Outcome<f64> {
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
