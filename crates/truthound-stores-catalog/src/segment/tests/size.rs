//! What a row takes.

use std::time::Instant;

use truthound_stores_core::Pattern;

use super::data::{open, rows, write};
use crate::segment::schema::Column;
use crate::segment::{Bounds, Kills, Scan};

/// What a row may take in a segment of 100,000 rows, all told.
const LIMIT: f64 = 50.0;

#[tokio::test]
async fn a_row_takes_no_more_bytes_than_promised() {
    let count = 100_000;
    let (bytes, stats) = write(rows(count, 7));
    let each = |bytes: u64| bytes as f64 / count as f64;
    let (opened, _) = open(&bytes, &stats).await;
    let mut table = String::new();
    for column in Column::ALL {
        let chunks = (0..opened.bands().len()).filter_map(|band| opened.column(band, column));
        let taken = chunks.map(|(_, chunk, _)| chunk.compressed_size().cast_unsigned()).sum();
        table += &format!("{:<20} {:6.3}\n", column.name(), each(taken));
    }
    table += &format!("{:<20} {:6.3}\n", "filters of ids", each(stats.tail - stats.blooms));
    table += &format!("{:<20} {:6.3}\n", "tail", each(stats.length - stats.tail));
    table += &format!("{:<20} {:6.3}\n", "together", each(stats.length));
    println!("{table}");
    assert!(each(stats.length) <= LIMIT, "{table}");
}

/// Prints what reading and writing takes: `cargo test --release -p truthound-stores-catalog measure -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "measures, and asserts nothing"]
async fn measure() {
    let count = 1_000_000;
    let all = rows(count, 7);
    let start = now();
    let (bytes, stats) = write(all);
    let spent = start.elapsed();
    println!("written {:.0} rows/s, {} bytes, {} in the tail", count as f64 / spent.as_secs_f64(), bytes.len(), stats.length - stats.tail);
    let start = now();
    let (opened, whole) = open(&bytes, &stats).await;
    println!("opened in {:?}, {} bytes in memory", start.elapsed(), opened.memory());
    let kills = Kills::default();
    for (what, asset) in [("one asset", Some(Pattern::exact("warehouse.hr.people"))), ("all", None)] {
        let mut best = f64::MAX;
        let before = whole.requests();
        for _ in 0..20 {
            let start = now();
            let bounds = Bounds { data_asset: asset.clone(), ..Bounds::default() };
            let mut scan = Scan::new(&opened, &whole, &kills, bounds);
            let mut found = 0;
            while found < 100 && scan.next().await.unwrap().is_some() {
                found += 1;
            }
            assert_eq!(found, 100);
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
        println!("latest 100 of {what}: {best:.3} ms, {} requests each", (whole.requests() - before) / 20);
    }
    let start = now();
    let mut scan = Scan::new(&opened, &whole, &kills, Bounds { ascending: true, deletes: true, ..Bounds::default() });
    let mut found = 0;
    while scan.next().await.unwrap().is_some() {
        found += 1;
    }
    println!("all {found} rows in order: {:.0} rows/s", f64::from(found) / start.elapsed().as_secs_f64());
}

#[expect(clippy::disallowed_methods, reason = "what is measured is the machine")]
fn now() -> Instant {
    Instant::now()
}
