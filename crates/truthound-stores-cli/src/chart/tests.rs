use super::*;

fn point(day: i64, passed: u64, checks: u64, issues: u64) -> Point {
    Point { day, passed, checks, issues }
}

/// 2026-01-01.
const START: i64 = 20_454;

#[test]
fn a_few_days_have_wide_bars_with_their_dates() {
    let points = [point(START, 10, 10, 0), point(START + 1, 5, 10, 12), point(START + 4, 9, 10, 1)];
    let drawn = draw(&points, 60);
    let expected = "\
Pass rate: 90% on 2026-01-05, lowest 50% on 2026-01-02
100% ┤█████                   ▁▁▁▁▁
     │█████                   █████
     │█████                   █████
     │█████                   █████
 50% ┤█████ █████             █████
     │█████ █████             █████
     │█████ █████             █████
     │█████ █████             █████
  0% ┼───── ───── ····· ····· ─────
      01-01 01-02             01-05

Issues: 1 on 2026-01-05, most 12 on 2026-01-02
  12 ┤      █████
     │      █████
     │      █████
     │      █████             ▃▃▃▃▃
   0 ┼───── ───── ····· ····· ─────
      01-01 01-02             01-05

· no runs";
    assert_eq!(drawn.join("\n"), expected, "\n{}", drawn.join("\n"));
}

#[test]
fn no_run_is_no_chart() {
    assert_eq!(draw(&[], 80), Vec::<String>::new());
}

#[test]
fn every_line_fits_whatever_the_width_and_the_days() {
    for days in [1, 2, 9, 30, 31, 100, 1000] {
        for step in [1, 2, 9, 400] {
            let points: Vec<Point> =
                (0..days).map(|n| point(START + n * step, 1, 3, (u64::MAX / 2) >> (n % 60))).collect();
            for width in [0, 20, 21, 33, 40, 79, 80, 133, 300] {
                for line in draw(&points, width) {
                    assert!(line.chars().count() <= width.max(20), "{days} {step} {width}: {line}");
                }
            }
        }
    }
}

#[test]
fn only_a_full_bar_means_all_and_only_no_bar_means_none() {
    assert_eq!(share(999, 1000, 64), 63);
    assert_eq!(share(1000, 1000, 64), 64);
    assert_eq!(share(1, 1000, 64), 1);
    assert_eq!(share(0, 1000, 64), 0);
    assert_eq!(share(0, 0, 64), 64, "where nothing was checked, nothing failed");
    assert_eq!(ceiling(1, 1_000_000, 32), 1);
    assert_eq!(ceiling(0, 1_000_000, 32), 0);
    assert_eq!(ceiling(u64::MAX, u64::MAX, 32), 32);
}

#[test]
fn long_gaps_are_cut_and_short_ones_are_not() {
    let gap = |days: i64| Axis::arrange(&[point(0, 1, 1, 0), point(days + 1, 1, 1, 0)], 80).slots;
    assert_eq!(gap(0).len(), 2);
    assert_eq!(gap(7).iter().filter(|slot| **slot == Slot::Gap).count(), 7);
    assert_eq!(gap(8).get(1), Some(&Slot::Cut));
    assert_eq!(gap(300).len(), 3);
}

/// Nothing is left out where a column holds several days, and the newest column holds as many as the others.
#[test]
fn columns_of_several_days_add_up() {
    let points: Vec<Point> = (0..100).map(|n| point(START + n, 1, 2, 3)).collect();
    let axis = Axis::arrange(&points, 30);
    assert_eq!(axis.days, 4);
    let columns: Vec<&Point> = axis.points().collect();
    assert_eq!(columns.iter().map(|column| column.issues).sum::<u64>(), 300);
    assert_eq!(columns.last().map(|column| (column.day, column.checks)), Some((START + 96, 8)));
}

#[test]
fn large_numbers_are_short() {
    for (number, shown) in [(0, "0"), (9999, "9999"), (12_345, "12k"), (7_654_321, "7M"), (u64::MAX, "18E")] {
        assert_eq!(compact(number), shown);
    }
}
