//! The latest hundred documents of an asset, beside the bare SQL on the same tables.

use truthound_stores_core::Store as _;
use truthound_stores_database::DatabaseStore;
use truthound_stores_testkit::bench::{
    LATEST, Limit, Outcome, Row, Turns, Watch, is_complete, latest_of_asset, median, micros, per_second,
    print_row, save_numbers, small_result, thousands,
};

use crate::args::Args;
use crate::database::{Database, Tables};
use crate::hand::{Hand, Statements};

const BATCH: u64 = 5_000;

/// Measures listings.
pub(crate) async fn rows(args: &Args, database: &Database) -> Outcome {
    let tables = Tables::new("list");
    let measured = measured(args, database, &tables).await;
    // Whether it went well or not: the server may be somebody's.
    database.remove(&[&tables]).await?;
    measured
}

async fn measured(args: &Args, database: &Database, tables: &Tables) -> Outcome {
    let name = database.kind.name();
    let store = database.store(tables).await?;
    fill(&store, name, args.documents).await?;
    let mut hand = database.hand().await?;
    // What a server does by itself after so many rows is done before time is taken, and not in the middle.
    hand.settle(tables).await?;
    let statements = Statements::new(database.kind, tables, 1);
    let mut turns = Turns::default();
    for turn in 0..=args.turns {
        let by_store = by_a_store(&store, args.calls).await?;
        let theirs = by_bare_sql(&mut hand, &statements, args.calls).await?;
        // The first turn reads pages and prepares statements.
        if turn > 0 {
            turns.add(by_store, theirs);
        }
    }
    store.close().await?;
    let what =
        format!("{name}: list of the latest {LATEST} of one asset at {} stored", thousands(args.documents));
    print_row(
        &Row::new(format!("list-{name}"), what)
            .turns(&turns, "/s", "the bare SQL")?
            .limit(Limit::RatioAtLeast(0.9)),
    );
    Ok(())
}

async fn fill(store: &DatabaseStore, name: &str, documents: u64) -> Outcome {
    let watch = Watch::start();
    save_numbers(store, 0..documents, BATCH, |number| small_result(number, documents)).await?;
    let what = format!("{name}: filling tables with {} small documents", thousands(documents));
    print_row(
        &Row::new(format!("fill-{name}"), what)
            .ours(per_second(documents, watch.passed()), "/s")
            .note("put_many of 5,000, making the documents included"),
    );
    Ok(())
}

/// Answers how many listings the store makes in a second, by the median of one.
async fn by_a_store(store: &DatabaseStore, calls: usize) -> Outcome<f64> {
    let query = latest_of_asset();
    let mut took = Vec::with_capacity(calls);
    for _ in 0..calls {
        let watch = Watch::start();
        let page = store.list_page(&query, None).await?;
        took.push(micros(watch.passed()));
        is_complete(page.metas.len())?;
    }
    Ok(1e6 / median(&took)?)
}

async fn by_bare_sql(hand: &mut Hand, statements: &Statements, calls: usize) -> Outcome<f64> {
    let limit = i64::try_from(LATEST)?;
    let mut took = Vec::with_capacity(calls);
    for _ in 0..calls {
        let watch = Watch::start();
        let found = hand.latest(statements, limit).await?;
        took.push(micros(watch.passed()));
        is_complete(found)?;
    }
    Ok(1e6 / median(&took)?)
}
