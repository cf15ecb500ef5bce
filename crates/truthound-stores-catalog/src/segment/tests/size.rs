//! What a row takes.

use truthound_stores_core::Pattern;

use super::data::{open, rows, rows_of_days, write};
use crate::segment::schema::Column;
use crate::segment::{BAND, Bounds, Kills, Merge, Scan, Writer, count, sums};
use crate::workers::Workers;

/// What a row may take in a segment of 100,000 rows, all told.
const LIMIT: f64 = 40.0;

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

/// Prints what reading and writing takes, of a million rows with `TRUTHOUND_LONG_TESTS=1 cargo test --release -p truthound-stores-catalog
/// reading_and_writing -- --nocapture`; of fewer it is the same work.
#[tokio::test]
async fn reading_and_writing_many_rows_finds_all_of_them() {
    let is_long = std::env::var_os("TRUTHOUND_LONG_TESTS").is_some_and(|value| !value.is_empty());
    let (bands, times) = if is_long { (31, 200_u32) } else { (2, 5) };
    let (mut writer, mut spent) = (Writer::new(Vec::new()), 0.0);
    for batch in 0..bands {
        let rows = rows_of_days(BAND, batch, batch * 3, 3);
        let start = now();
        for entry in rows {
            writer.push(entry).unwrap();
        }
        spent += now() - start;
    }
    let start = now();
    let (bytes, stats) = writer.finish().unwrap();
    spent += now() - start;
    let bytes = bytes.into();
    println!(
        "{} rows, {:.0} written a second, {} bytes, {} in the tail",
        stats.rows(),
        f64::from(stats.rows()) / spent,
        stats.length,
        stats.length - stats.tail
    );
    let start = now();
    let (opened, whole) = open(&bytes, &stats).await;
    println!("opened in {:.1} ms, {} bytes in memory", (now() - start) * 1e3, opened.memory());
    let kills = Kills::default();
    for (what, asset) in [("one asset", Some(Pattern::exact("warehouse.hr.people"))), ("all", None)] {
        let start = now();
        let before = whole.requests();
        for _ in 0..times {
            let bounds = Bounds { data_asset: asset.clone(), limit: Some(101), ..Bounds::default() };
            let mut scan = Scan::new(&opened, &whole, &kills, bounds);
            let mut found = 0;
            while found < 100 && scan.next().await.unwrap().is_some() {
                found += 1;
            }
            assert_eq!(found, 100);
        }
        println!(
            "latest 100 of {what}: {:.3} ms, {} requests each",
            (now() - start) * 1e3 / f64::from(times),
            (whole.requests() - before) / u64::from(times)
        );
    }
    let start = now();
    let mut scan =
        Scan::new(&opened, &whole, &kills, Bounds { ascending: true, deletes: true, ..Bounds::default() });
    let mut found = 0;
    while scan.next().await.unwrap().is_some() {
        found += 1;
    }
    println!("all {found} rows in order: {:.0} rows/s", f64::from(found) / (now() - start));
    let start = now();
    let (mut merge, mut writer) =
        (Merge::new([(&opened, &whole, &kills)], &Workers::default()), Writer::new(Vec::new()));
    while let Some((_, _, entry)) = merge.next().await.unwrap() {
        writer.push(entry).unwrap();
    }
    let (_, merged) = writer.finish().unwrap();
    println!("merged: {:.0} rows/s read and written", f64::from(merged.rows()) / (now() - start));
    let start = now();
    let counted = count(&opened, &whole, &kills, &Bounds::default()).await.unwrap();
    println!("counted {counted} rows in {:.1} ms", (now() - start) * 1e3);
    let (start, mut bytes) = (now(), 0);
    sums(&opened, &whole, &kills, &Bounds::default(), |_, size| bytes += size).await.unwrap();
    println!("summed {bytes} bytes up in {:.1} ms", (now() - start) * 1e3);
}

/// The seconds that this thread ran, where the system tells: others may use the machine, too.
fn now() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    times.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9
}
