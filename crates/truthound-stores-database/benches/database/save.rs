//! New documents, one by one and by the thousand, beside the same rows written by hand.

use truthound_stores_core::{PutOptions, Record, Store as _, StoreExt as _};
use truthound_stores_database::DatabaseStore;
use truthound_stores_testkit::bench::{Limit, Outcome, Row, Turns, Watch, per_second, print_row, thousands};

use crate::args::Args;
use crate::database::{Database, Tables};
use crate::documents::records;
use crate::hand::{Hand, Line, Statements};

/// How many documents are in a batch.
const BATCH: usize = 1_000;
/// Run times of documents that are saved lie among those of so many.
const AMONG: u64 = 1_000_000;

/// What the sides write at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    One,
    Thousand,
}

/// Measures saves.
pub(crate) async fn one_by_one(args: &Args, database: &Database) -> Outcome {
    rows(args, database, By::One).await
}

/// Measures batches.
pub(crate) async fn in_batches(args: &Args, database: &Database) -> Outcome {
    rows(args, database, By::Thousand).await
}

async fn rows(args: &Args, database: &Database, by: By) -> Outcome {
    let (ours, by_hand) = (Tables::new("store"), database.bare_tables("hand").await?);
    let measured = measured(args, database, by, &ours, &by_hand).await;
    // Whether it went well or not: the server may be somebody's.
    database.remove(&[&ours, &by_hand]).await?;
    measured
}

async fn measured(args: &Args, database: &Database, by: By, ours: &Tables, by_hand: &Tables) -> Outcome {
    // The same documents go into tables of each side's own, so that all grow alike.
    let store = database.store(ours).await?;
    let mut hand = database.hand_beside().await?;
    let at_once = if by == By::One { 1 } else { BATCH };
    let statements = Statements::new(database.kind, by_hand, at_once);
    let mut turns = Turns::default();
    let each = if by == By::One { args.saves } else { args.batches * BATCH as u64 };
    for turn in 0..=args.turns {
        let from = turn as u64 * each;
        let documents = records(from..from + each, AMONG)?;
        let lines = documents.iter().map(Line::of).collect::<Outcome<Vec<_>>>()?;
        let by_store = by_a_store(&store, documents, by).await?;
        let theirs = with_hands(&mut hand, &statements, &lines, by).await?;
        // The first turn prepares statements and fills caches.
        if turn > 0 {
            turns.add(by_store, theirs);
        }
    }
    let saved = (args.turns as u64 + 1) * each;
    let count = store.count(&truthound_stores_core::Query::new()).await?;
    if count != saved {
        return Err(format!("the store holds {count} documents and should hold {saved}").into());
    }
    store.close().await?;
    hand.expect_same_rows(by_hand, &mut database.hand().await?, ours).await?;
    let name = database.kind.name();
    let (id, what, beside) = match by {
        By::One => ("save", "save, one caller".to_owned(), "the same rows by hand"),
        By::Thousand => (
            "batch",
            format!("documents in batches of {}", thousands(BATCH as u64)),
            "inserts of many rows by hand",
        ),
    };
    print_row(
        &Row::new(format!("{id}-{name}"), format!("{name}: {what}"))
            .turns(&turns, "/s", beside)?
            .limit(Limit::RatioAtLeast(0.9)),
    );
    Ok(())
}

/// Answers how many documents the store saves in a second.
async fn by_a_store(store: &DatabaseStore, documents: Vec<Record>, by: By) -> Outcome<f64> {
    let count = documents.len() as u64;
    match by {
        By::One => {
            let watch = Watch::start();
            for record in documents {
                store.put(record).await?;
            }
            Ok(per_second(count, watch.passed()))
        }
        By::Thousand => {
            let mut documents = documents.into_iter();
            let mut batches: Vec<Vec<Record>> = Vec::new();
            while documents.len() > 0 {
                batches.push(documents.by_ref().take(BATCH).collect());
            }
            let watch = Watch::start();
            for batch in batches {
                for written in store.put_many(batch, PutOptions::default()).await {
                    written?;
                }
            }
            Ok(per_second(count, watch.passed()))
        }
    }
}

/// Answers how many documents are written in a second by hand.
async fn with_hands(hand: &mut Hand, statements: &Statements, lines: &[Line], by: By) -> Outcome<f64> {
    let watch = Watch::start();
    match by {
        By::One => {
            for line in lines {
                hand.save(statements, line).await?;
            }
        }
        By::Thousand => {
            for lines in lines.chunks(BATCH) {
                hand.batch(statements, lines).await?;
            }
        }
    }
    Ok(per_second(lines.len() as u64, watch.passed()))
}
