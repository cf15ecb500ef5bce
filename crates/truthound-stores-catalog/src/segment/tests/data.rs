//! Rows as a data platform's results make them.

use std::sync::Arc;

use bytes::Bytes;
use truthound_stores_core::{Attributes, Checksum, Status, Timestamp};
use truthound_stores_testkit::{Generator, ManualClock, SeededRandom};

use crate::row::{CHECKSUM, Change, Facts, Row};
use crate::segment::{Entry, Opened, Stats, Whole, Writer};
use crate::state::State;

/// Makes rows like those of the testkit's generator, in the order of a segment: its documents' facts, with times, ids, counts and
/// checksums drawn anew for each row, as it draws them.
pub(super) fn rows(count: usize, seed: u64) -> Vec<Entry> {
    rows_of_days(count, seed, 0, 90)
}

/// Makes rows of `days` days.
pub(crate) fn rows_of_days(count: usize, seed: u64, first: u64, days: u64) -> Vec<Entry> {
    let known: Vec<_> = Generator::new(seed)
        .records(200)
        .into_iter()
        .map(|record| (record.attributes, record.body.as_bytes().len() as u64))
        .collect();
    let mut random = SeededRandom::new(seed);
    let mut rows: Vec<Entry> =
        (0..count).map(|_| Entry::new(0, row(&known, &mut random, first, days))).collect();
    rows.sort_by(|one, other| one.time_key().cmp(&other.time_key()));
    // Folds take up what was saved since the last.
    rows.iter_mut().enumerate().for_each(|(at, entry)| entry.generation = 17 + at as u64 / 4_096);
    rows
}

fn row(known: &[(Attributes, u64)], random: &mut SeededRandom, first: u64, days: u64) -> Row {
    let (facts, size) = random.pick(known);
    let micros = (first * 86_400 + random.below(days * 86_400)) * 1_000_000
        + if random.chance(70) { random.below(1_000_000) } else { 0 };
    let run_time = ManualClock::START.plus_micros(micros.cast_signed());
    let mut attributes = facts.clone();
    attributes.data_asset.clone_from(&random.pick(known).0.data_asset);
    attributes.tags.clone_from(&random.pick(known).0.tags);
    attributes.run_time = run_time;
    attributes.statistics.total_rows = random.between(100, 5_000_000);
    let spent: u64 = (0..attributes.statistics.total_validators).map(|_| random.between(200, 90_000)).sum();
    attributes.statistics.execution_time_ms = spent as f64 / 1_000.0;
    count_findings(&mut attributes, random);
    let mut checksum = [0; CHECKSUM];
    random.fill(&mut checksum);
    let hlc = run_time.as_micros().cast_unsigned() + spent + random.between(20_000, 2_000_000);
    // A result is saved once, in an incarnation that begins with it.
    let state = State::of_parts(hlc, 0, random.next_u64() as u16);
    let size = size + random.below(400);
    let checksum = Checksum::abbreviated(&checksum).unwrap();
    let id = new_id(run_time, random);
    Row {
        id,
        state,
        before: None,
        change: Change::Put(Box::new(Facts { attributes, suffix: ".json.gz".to_owned(), size, checksum })),
    }
}

/// Counts issues as Truthound does: one for each finding, whatever number of rows it concerns (its `total_issues` is `len(issues)`, and the
/// severities are those of these issues, so they add up to it). The generator counts the rows, which runs up to millions.
fn count_findings(attributes: &mut Attributes, random: &mut SeededRandom) {
    let statistics = &mut attributes.statistics;
    let worst = if attributes.status == Status::WARNING { 2 } else { 0 };
    let mut found = [0; 4];
    for _ in 0..statistics.failed_validators {
        found[random.between(worst, 3) as usize] += 1;
    }
    statistics.total_issues = statistics.failed_validators;
    [statistics.critical_issues, statistics.high_issues, statistics.medium_issues, statistics.low_issues] =
        found;
}

/// An id as `new_run_id` makes it.
fn new_id(at: Timestamp, random: &mut SeededRandom) -> String {
    let digits: String = at.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let (date, time) = digits.split_at(8);
    format!("run_{date}_{time}_{:08x}", random.next_u64() >> 32)
}

/// Writes a segment of rows that are in order.
pub(crate) fn write(rows: impl IntoIterator<Item = Entry>) -> (Bytes, Stats) {
    let mut writer = Writer::new(Vec::new());
    rows.into_iter().for_each(|entry| writer.push(entry).unwrap());
    let (bytes, stats) = writer.finish().unwrap();
    (bytes.into(), stats)
}

/// Opens a segment in memory.
pub(super) async fn open(bytes: &Bytes, stats: &Stats) -> (Opened, Whole) {
    let whole = Whole::new(bytes.clone(), &stats.hash).unwrap();
    let opened = Opened::open("segments/17-abc.parquet", stats, &whole, &Arc::default()).await.unwrap();
    (opened, whole)
}
