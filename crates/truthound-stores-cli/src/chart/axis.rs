//! Which days stand in which column.

use super::{Point, date};

/// Longer gaps are cut short: a year without runs must not hide the days that had some.
const LONGEST_GAP: i64 = 7;

/// The widths that a column may have, with the space behind its bar.
const WIDTHS: [usize; 4] = [6, 3, 2, 1];

/// A column of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// What happened in the days of the column; `day` is the first of them.
    Runs(Point),
    /// Days without runs.
    Gap,
    /// Many days without runs.
    Cut,
}

/// The columns of a chart, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) slots: Vec<Slot>,
    /// How many days a column holds.
    pub(super) days: i64,
    /// How wide a column is.
    pub(super) width: usize,
}

impl Axis {
    /// Arranges points, oldest first, in `room` characters: as few days in a column as fit, and columns as wide as fit then.
    pub(super) fn arrange(points: &[Point], room: usize) -> Self {
        let mut days = 1;
        let mut slots = slots(points, days);
        while slots.len() > room.max(1) {
            days += 1;
            slots = self::slots(points, days);
        }
        let width = WIDTHS.into_iter().find(|width| slots.len() * width <= room).unwrap_or(1);
        Self { slots, days, width }
    }

    /// Returns the columns that have runs.
    pub(super) fn points(&self) -> impl Iterator<Item = &Point> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Runs(point) => Some(point),
            Slot::Gap | Slot::Cut => None,
        })
    }

    /// Returns how wide a bar is.
    pub(super) fn bar(&self) -> usize {
        self.width.saturating_sub(1).max(1)
    }

    /// Writes dates below the columns: below each if there is room, else below the first and the last.
    pub(super) fn dates(&self, gutter: usize, width: usize) -> Option<String> {
        let indent = " ".repeat(gutter + 1);
        if self.bar() >= "01-31".len() {
            let day = |slot: &Slot| match slot {
                Slot::Runs(point) => month_and_day(point.day),
                Slot::Gap | Slot::Cut => String::new(),
            };
            let days = self.slots.iter().map(|slot| format!("{:1$}", day(slot), self.width));
            return Some(format!("{indent}{}", days.collect::<String>()).trim_end().to_owned());
        }
        let (first, last) = (self.points().next()?, self.points().last()?);
        let (first, last) = (date(first.day), date(last.day));
        let plot = self.slots.len() * self.width;
        let both = first.len() + last.len() + 3;
        if plot >= both {
            // The last date ends where the last bar does.
            let room = plot + self.bar() - self.width;
            return Some(format!("{indent}{first}{last:>0$}", room - first.len()));
        }
        let both = format!("{indent}{first} – {last}");
        (both.chars().count() <= width).then_some(both)
    }

    /// Says what is not plain, on one line if it fits.
    pub(super) fn legend(&self, width: usize) -> Vec<String> {
        let mut parts = Vec::new();
        if self.days > 1 {
            parts.push(format!("a column: {} days", self.days));
        }
        if self.slots.contains(&Slot::Gap) {
            parts.push("· no runs".to_owned());
        }
        if self.slots.contains(&Slot::Cut) {
            parts.push("⋯ no runs for long".to_owned());
        }
        let line = parts.join("   ");
        if line.chars().count() <= width && !parts.is_empty() { vec![line] } else { parts }
    }
}

/// Puts points in columns of `days` days each, counted back from the last one: the newest column is never a part of one.
fn slots(points: &[Point], days: i64) -> Vec<Slot> {
    let Some(last) = points.last().map(|point| point.day) else { return Vec::new() };
    let column = |point: &Point| (last - point.day).div_euclid(days);
    let mut slots: Vec<Slot> = Vec::new();
    let mut before: Option<i64> = None;
    for point in points {
        let here = column(point);
        if before == Some(here) {
            if let Some(Slot::Runs(sum)) = slots.last_mut() {
                sum.passed = sum.passed.saturating_add(point.passed);
                sum.checks = sum.checks.saturating_add(point.checks);
                sum.issues = sum.issues.saturating_add(point.issues);
            }
            continue;
        }
        match before.map_or(0, |before| before - here - 1) {
            gap @ 1..=LONGEST_GAP => slots.extend((0..gap).map(|_| Slot::Gap)),
            gap if gap > LONGEST_GAP => slots.push(Slot::Cut),
            _ => {}
        }
        slots.push(Slot::Runs(*point));
        before = Some(here);
    }
    slots
}

/// Prints a day of some year: `01-31`.
fn month_and_day(day: i64) -> String {
    let date = date(day);
    date.split_once('-').map_or_else(|| date.clone(), |(_, rest)| rest.to_owned())
}
