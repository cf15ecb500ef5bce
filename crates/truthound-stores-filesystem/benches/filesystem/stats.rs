//! Sums over the whole of a large store, and rebuilding its index.

use truthound_stores_core::json::Json;
use truthound_stores_core::{Grouping, Pattern, Query, ReindexOptions, Store as _};
use truthound_stores_filesystem::FileSystemStore;

use truthound_stores_testkit::bench::{
    Row, Turns, Watch, median, millis, per_second, print_row, scattered, thousands,
};

use crate::Outcome;
use crate::large::Large;
use crate::sql::Bare;
use crate::workload::{ASSET, path_of, small_id};

/// How often each sum is made.
const TURNS: usize = 5;
/// How many documents are read and parsed to know how fast that goes.
const SAMPLE: u64 = 20_000;

/// Measures sums by day, of all documents and of one asset, and `reindex`.
pub(crate) async fn rows(large: &Large) -> Outcome {
    let store = large.open().await?;
    let (all, asset) = (Query::new(), Query::new().with_data_asset(Pattern::exact(ASSET)));
    let bare = Bare::by_day(&large.base);
    let mut turns = Turns::default();
    let mut of_asset = Vec::new();
    for turn in 0..=TURNS {
        let ours = sum(&store, &all).await?;
        let trend = sum(&store, &asset).await?;
        let theirs = match &bare {
            Ok(bare) => millis(bare.run((), 1)?.0),
            Err(_) => f64::NAN,
        };
        if turn > 0 {
            turns.add(ours, theirs);
            of_asset.push(trend);
        }
    }
    let row = Row::new("stats", format!("sums by day of all {} documents", thousands(large.documents)));
    print_row(&match bare {
        Ok(_) => row.turns(&turns, "ms", "the bare SQL")?,
        Err(why) => row.ours(median(&turns.ours)?, "ms").note(why),
    });
    print_row(
        &Row::new(
            "trend",
            format!("sums by day of one asset with a tenth of {}", thousands(large.documents)),
        )
        .ours(median(&of_asset)?, "ms"),
    );
    print_row(&reindex(&store, large).await?);
    store.close().await?;
    Ok(())
}

async fn sum(store: &FileSystemStore, query: &Query) -> Outcome<f64> {
    let watch = Watch::start();
    let sums = store.summarize(query, Grouping::new().with_day(true)).await?;
    let took = millis(watch.passed());
    if sums.is_empty() {
        return Err("a sum over the store is empty".into());
    }
    Ok(took)
}

async fn reindex(store: &FileSystemStore, large: &Large) -> Outcome<Row> {
    let row =
        Row::new("reindex", format!("rebuilding the index of {} documents", thousands(large.documents)));
    let Some(upkeep) = store.upkeep() else {
        return Ok(row.note("the store keeps no index"));
    };
    let watch = Watch::start();
    let report = upkeep.reindex(ReindexOptions::default(), &()).await?;
    let took = watch.passed();
    if report.documents != large.documents {
        return Err(format!("reindex read {} of {} documents", report.documents, large.documents).into());
    }
    let sample = SAMPLE.min(large.documents);
    let watch = Watch::start();
    for turn in 0..sample {
        let path = path_of(&large.base, &small_id(scattered(turn, large.documents)));
        std::hint::black_box(Json::parse(&std::fs::read(path)?)?);
    }
    let beside = format!("read + Json::parse of {} of the files, one thread", thousands(sample));
    Ok(row.ours(per_second(report.documents, took), "/s").beside(
        beside,
        per_second(sample, watch.passed()),
        "/s",
    ))
}
