//! Cron expressions, as crontab(5) has them; times are those of UTC.

use std::str::FromStr;

use truthound_stores_core::{Error, Result, Timestamp};

use crate::calendar::{DAY, HOUR, MINUTE, date, day_number, weekday};

/// How many days are looked at for the next time: two leap days may be eight years apart.
const DAYS: i64 = 366 * 8 + 2;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Times, as a set of each of five fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both days are restricted: then either will do.
    either_day: bool,
}

impl Cron {
    /// Returns the first time after `at`.
    pub(crate) fn next_after(&self, at: Timestamp) -> Timestamp {
        let next_minute = (at.as_micros().div_euclid(MINUTE) + 1) * MINUTE;
        let first_day = day_number(Timestamp::from_micros(next_minute));
        for day in first_day..first_day + DAYS {
            if !self.has_day(day) {
                continue;
            }
            let not_before = if day == first_day { next_minute - day * DAY } else { 0 };
            for hour in (0..24).filter(|hour| has(self.hours, *hour)) {
                for minute in (0..60).filter(|minute| has(self.minutes, *minute)) {
                    let time = i64::from(hour) * HOUR + i64::from(minute) * MINUTE;
                    if time >= not_before {
                        return Timestamp::from_micros(day * DAY + time);
                    }
                }
            }
        }
        Timestamp::MAX
    }

    fn has_day(&self, day: i64) -> bool {
        let date = date(day);
        if !has(self.months, date.month) {
            return false;
        }
        let (by_date, by_weekday) = (has(self.days, date.day), has(self.weekdays, weekday(day)));
        if self.either_day { by_date || by_weekday } else { by_date && by_weekday }
    }
}

fn has(set: u64, number: u8) -> bool {
    set >> number & 1 == 1
}

/// A field of an expression.
struct Field {
    name: &'static str,
    first: u8,
    last: u8,
    /// Names of the numbers from `first` on.
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", first: 0, last: 59, names: &[] },
    Field { name: "hour", first: 0, last: 23, names: &[] },
    Field { name: "day of the month", first: 1, last: 31, names: &[] },
    Field { name: "month", first: 1, last: 12, names: &MONTHS },
    // Seven is Sunday, too.
    Field { name: "day of the week", first: 0, last: 7, names: &WEEKDAYS },
];

impl Field {
    /// Reads a list of numbers, ranges and steps as a set.
    fn read(&self, text: &str) -> Option<u64> {
        text.split(',').try_fold(0, |set, part| Some(set | self.part(part)?))
    }

    fn part(&self, part: &str) -> Option<u64> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<u8>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = if range == "*" {
            (self.first, self.last)
        } else if let Some((from, to)) = range.split_once('-') {
            (self.number(from)?, self.number(to)?)
        } else {
            let number = self.number(range)?;
            // `5/15` is every fifteenth from the fifth on.
            (number, if part.contains('/') { self.last } else { number })
        };
        let numbers = (from..=to).step_by(usize::from(step));
        (from <= to).then(|| numbers.fold(0, |set, number| set | 1 << number))
    }

    fn number(&self, text: &str) -> Option<u8> {
        let by_name = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match by_name {
            Some(place) => self.first.checked_add(u8::try_from(place).ok()?)?,
            None => text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??,
        };
        (self.first..=self.last).contains(&number).then_some(number)
    }
}

impl FromStr for Cron {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let plain = match text.trim() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            other => other,
        };
        let words: Vec<&str> = plain.split_whitespace().collect();
        let [minute, hour, day, month, week] = words.as_slice() else {
            return Err(Error::invalid(format!(
                "cron {text:?} has {} fields: write five (minute, hour, day of the month, month, day of the week), or @daily and the like",
                words.len()
            )));
        };
        let mut sets = [0; 5];
        for ((field, word), set) in FIELDS.iter().zip([minute, hour, day, month, week]).zip(&mut sets) {
            *set = field.read(word).ok_or_else(|| {
                Error::invalid(format!(
                    "cron {text:?}: the {} {word:?} is none: write *, a number from {} to {}, a range, a list or a step",
                    field.name, field.first, field.last
                ))
            })?;
        }
        let [minutes, hours, days, months, weekdays] = sets;
        let cron = Self {
            minutes,
            hours,
            days,
            months,
            weekdays: weekdays | weekdays >> 7,
            either_day: !day.starts_with('*') && !week.starts_with('*'),
        };
        if cron.next_after(Timestamp::UNIX_EPOCH) == Timestamp::MAX {
            return Err(Error::invalid(format!("cron {text:?} names a day that no year has")));
        }
        Ok(cron)
    }
}
