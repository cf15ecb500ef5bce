//! The part of ISO 8601 that Python's `datetime.fromisoformat` accepts since 3.11 and that occurs
//! (<https://docs.python.org/3/library/datetime.html#datetime.datetime.fromisoformat>).

use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};

use super::{Timestamp, Zone};
use crate::{Error, Result};

pub(super) fn parse(text: &str, assumed: &Zone) -> Result<Timestamp> {
    instant(text, assumed).ok_or_else(|| {
        let shown: String = text.chars().take(64).collect();
        Error::invalid(format!(
            "{shown:?} is not a time: write one such as 2026-01-31, 2026-01-31T12:00:00Z or \
             2026-01-31T12:00:00.123456+09:00"
        ))
    })
}

/// Reads `+HH[:MM[:SS]]` or the same without colons as seconds east of UTC, less than a day.
pub(super) fn offset(text: &str) -> Option<i32> {
    let mut cursor = Cursor(text.as_bytes());
    let seconds = cursor.offset()?;
    cursor.is_at_end().then_some(seconds)
}

fn instant(text: &str, assumed: &Zone) -> Option<Timestamp> {
    let mut cursor = Cursor(text.as_bytes());
    let date = cursor.date()?;
    if cursor.is_at_end() {
        return assumed.instant_of(date.to_datetime(Time::midnight()));
    }
    if !cursor.take_any(b"Tt ") {
        return None;
    }
    let time = cursor.time()?;
    let local: DateTime = date.to_datetime(time);
    if cursor.is_at_end() {
        return assumed.instant_of(local);
    }
    let seconds = if cursor.take_any(b"Zz") { 0 } else { cursor.offset()? };
    if !cursor.is_at_end() {
        return None;
    }
    Zone::Fixed(seconds).instant_of(local)
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn take_any(&mut self, choices: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if choices.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn number(&mut self, digits: usize) -> Option<i32> {
        let (head, rest) = self.0.split_at_checked(digits)?;
        let mut value = 0;
        for digit in head {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i32::from(digit - b'0');
        }
        self.0 = rest;
        Some(value)
    }

    fn date(&mut self) -> Option<Date> {
        let year = i16::try_from(self.number(4)?).ok().filter(|year| *year >= 1)?;
        let dashes = self.take_any(b"-");
        if self.take_any(b"W") {
            let week = i8::try_from(self.number(2)?).ok()?;
            let weekday = match (dashes, self.0.first()) {
                (true, Some(b'-')) => {
                    self.take_any(b"-");
                    self.number(1)?
                }
                (false, Some(digit)) if digit.is_ascii_digit() => self.number(1)?,
                _ => 1,
            };
            let weekday = Weekday::from_monday_one_offset(i8::try_from(weekday).ok()?).ok()?;
            return ISOWeekDate::new(year, week, weekday).ok().map(ISOWeekDate::date);
        }
        let month = i8::try_from(self.number(2)?).ok()?;
        if dashes && !self.take_any(b"-") {
            return None;
        }
        let day = i8::try_from(self.number(2)?).ok()?;
        Date::new(year, month, day).ok()
    }

    /// Reads two-digit fields, with colons throughout or nowhere.
    fn fields(&mut self) -> Option<[i32; 3]> {
        let hour = self.number(2)?;
        let colons = self.take_any(b":");
        let more = |cursor: &Self| cursor.0.first().is_some_and(u8::is_ascii_digit);
        if !colons && !more(self) {
            return Some([hour, 0, 0]);
        }
        let minute = self.number(2)?;
        let seconds = if colons { self.take_any(b":") } else { more(self) };
        let second = if seconds { self.number(2)? } else { 0 };
        Some([hour, minute, second])
    }

    fn time(&mut self) -> Option<Time> {
        let start = self.0.len();
        let [hour, minute, second] = self.fields()?;
        let with_seconds = start - self.0.len() >= 6;
        let micros = if with_seconds && self.take_any(b".,") { self.fraction()? } else { 0 };
        let narrow = |value: i32| i8::try_from(value).ok();
        Time::new(narrow(hour)?, narrow(minute)?, narrow(second)?, micros * 1000).ok()
    }

    /// Reads a fraction of a second as microseconds; further digits are dropped, as Python does.
    fn fraction(&mut self) -> Option<i32> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (head, rest) = self.0.split_at_checked(digits)?;
        if head.is_empty() {
            return None;
        }
        self.0 = rest;
        let padded = head.iter().chain(std::iter::repeat(&b'0')).take(6);
        Some(padded.fold(0, |value, digit| value * 10 + i32::from(digit - b'0')))
    }

    fn offset(&mut self) -> Option<i32> {
        let sign = if self.take_any(b"+") {
            1
        } else if self.take_any(b"-") {
            -1
        } else {
            return None;
        };
        let [hours, minutes, seconds] = self.fields()?;
        if self.take_any(b".,") {
            // An offset with fractions of a second is legal in Python and occurs nowhere.
            self.fraction()?;
        }
        let in_range = hours < 24 && minutes < 60 && seconds < 60;
        in_range.then_some(sign * (hours * 3600 + minutes * 60 + seconds))
    }
}
