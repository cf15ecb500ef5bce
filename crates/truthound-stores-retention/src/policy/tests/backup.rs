//! The examples by which backup tools explain their `--keep` options (restic's manual, "Removing backup snapshots"; borg's, "borg prune"), run here.

use super::*;

/// A record of noon of each of so many days, back from a date, every so many days.
fn noons(last: &str, count: i64, step: i64) -> Vec<RecordMeta> {
    let last: Timestamp = format!("{last}T12:00:00Z").parse().unwrap();
    let day = crate::calendar::DAY;
    (0..count)
        .map(|n| {
            let mut meta = meta(&format!("{n:06}"), "a", "success", 0.0);
            meta.attributes.run_time = last.plus_micros(-n * step * day);
            meta
        })
        .collect()
}

fn kept(policy: KeepPolicy, metas: &[RecordMeta]) -> Vec<String> {
    let gone: std::collections::BTreeSet<String> = ids(policy, metas).into_iter().collect();
    let kept = metas.iter().filter(|meta| !gone.contains(meta.key.id()));
    kept.map(|meta| shown(meta.attributes.run_time, 10)).collect()
}

/// A backup on twelve Sundays, and four days are asked for: those with backups count, so that four Sundays stay.
#[test]
fn days_without_records_count_for_nothing() {
    let sundays = noons("2019-11-17", 12, 7);
    let four = kept(KeepPolicy::new(Delete).with_daily(4), &sundays);
    assert_eq!(four, ["2019-11-17", "2019-11-10", "2019-11-03", "2019-10-27"]);
}

/// A backup a day for a hundred years, and 7 days, 5 weeks, 12 months, 75 years are asked for: the days are the first of the weeks, too, and so on.
#[test]
fn one_record_may_serve_several_rules() {
    let century = noons("2026-11-29", 36_525, 1);
    let rules = KeepPolicy::new(Delete).with_daily(7).with_weekly(5).with_monthly(12).with_yearly(75);
    let kept = kept(rules, &century);
    let days =
        ["2026-11-29", "2026-11-28", "2026-11-27", "2026-11-26", "2026-11-25", "2026-11-24", "2026-11-23"];
    let weeks = ["2026-11-22", "2026-11-15", "2026-11-08", "2026-11-01"];
    let months = ["2026-10-31", "2026-09-30", "2026-08-31", "2026-07-31", "2026-06-30", "2026-05-31"];
    let more = ["2026-04-30", "2026-03-31", "2026-02-28", "2026-01-31", "2025-12-31"];
    // Of this year and the last the newest is there already.
    let years = (1952..=2024).rev().map(|year| format!("{year}-12-31"));
    let expected = days.iter().chain(&weeks).chain(&months).chain(&more).map(|date| (*date).to_owned());
    assert_eq!(kept, expected.chain(years).collect::<Vec<_>>());
}

/// Several backups a day: the last of each day stays, and of the days the last of each month.
#[test]
fn the_newest_of_each_part_of_time_stays() {
    let mut metas = noons("2015-12-31", 365, 1);
    for meta in noons("2015-12-31", 365, 1) {
        let mut late = meta;
        late.key = truthound_stores_core::Key::result(&format!("late {}", late.key.id())).unwrap();
        late.attributes.run_time = late.attributes.run_time.plus_micros(6 * crate::calendar::HOUR);
        metas.push(late);
    }
    let rules = KeepPolicy::new(Delete).with_daily(14).with_monthly(7);
    let gone: std::collections::BTreeSet<String> = ids(rules, &metas).into_iter().collect();
    let stays: Vec<&RecordMeta> = metas.iter().filter(|meta| !gone.contains(meta.key.id())).collect();
    assert!(stays.iter().all(|meta| meta.key.id().starts_with("late ")));
    let dates: Vec<String> = stays.iter().map(|meta| shown(meta.attributes.run_time, 10)).collect();
    assert_eq!(dates.len(), 14 + 6, "{dates:?}");
    for month in ["2015-11-30", "2015-10-31", "2015-09-30", "2015-08-31", "2015-07-31", "2015-06-30"] {
        assert!(dates.contains(&month.to_owned()), "{dates:?}");
    }
}

/// Weeks are those of ISO 8601, which begin on Mondays, whatever year they lie in.
#[test]
fn the_week_between_two_years_is_one() {
    let around = noons("2027-01-04", 12, 1);
    assert_eq!(
        kept(KeepPolicy::new(Delete).with_weekly(3), &around),
        ["2027-01-04", "2027-01-03", "2026-12-27"]
    );
    assert_eq!(kept(KeepPolicy::new(Delete).with_yearly(2), &around), ["2027-01-04", "2026-12-31"]);
}
