//! Dates of UTC, as whole numbers: what buckets of time and schedules are made of.

use truthound_stores_core::Timestamp;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A date of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31.
    pub(crate) day: u8,
}

/// Returns how many days lie between 1970-01-01 and the day of `at`.
pub(crate) fn day_number(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(DAY)
}

/// Returns the date of a day, by its number (Howard Hinnant, "chrono-compatible low-level date algorithms").
pub(crate) fn date(day_number: i64) -> Date {
    // Years begin in March here, so that the leap day is the last of its year; eras have 400 of them.
    let shifted = day_number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let narrow = |value: i64| u8::try_from(value).unwrap_or_default();
    Date { year, month: narrow(month), day: narrow(day) }
}

/// The parts of time that a day belongs to, as numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    pub(crate) number: i64,
    pub(crate) week: i64,
    pub(crate) month: i64,
    pub(crate) year: i64,
}

impl Day {
    /// Finds the day of `at`, of which `earlier` may be the answer already: whoever goes through times in their order meets many of each day.
    pub(crate) fn of(at: Timestamp, earlier: Option<Self>) -> Self {
        let number = day_number(at);
        if let Some(day) = earlier.filter(|day| day.number == number) {
            return day;
        }
        let Date { year, month, .. } = date(number);
        Self { number, week: week_number(number), month: year * 12 + i64::from(month), year }
    }
}

/// Returns the number of a day's ISO week: weeks begin on Monday.
pub(crate) fn week_number(day_number: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    (day_number + 3).div_euclid(7)
}

/// Returns the day of the week: 0 is Sunday, as cron has it.
pub(crate) fn weekday(day_number: i64) -> u8 {
    u8::try_from((day_number + 4).rem_euclid(7)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> i64 {
        day_number(text.parse().unwrap())
    }

    #[test]
    fn dates_are_those_that_timestamps_print() {
        // Two days of every month of eight hundred years, by the printing of core.
        for month in 0..9_600_i64 {
            for offset in [0, 27] {
                let day = -200_000 + month * 30 + offset;
                let shown = Timestamp::from_micros(day * DAY).to_string();
                let Date { year, month, day } = date(day);
                assert!(shown.starts_with(&format!("{year:04}-{month:02}-{day:02}T")), "{shown}");
            }
        }
    }

    #[test]
    fn a_day_that_is_remembered_is_answered_for_its_own_times_only() {
        let mut earlier = None;
        for text in
            ["2026-12-31T23:59:59", "2026-12-31T00:00:00", "2027-01-01T00:00:00", "2024-02-29T12:00:00"]
        {
            let at: Timestamp = text.parse().unwrap();
            let day = Day::of(at, earlier);
            let date = date(day_number(at));
            assert_eq!((day.number, day.week), (day_number(at), week_number(day_number(at))), "{text}");
            assert_eq!((day.month, day.year), (date.year * 12 + i64::from(date.month), date.year), "{text}");
            earlier = Some(day);
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(weekday(number("2026-11-29")), 0, "a Sunday");
        assert_eq!(weekday(number("1969-12-31")), 3);
        assert_eq!(week_number(number("2026-11-29")) + 1, week_number(number("2026-11-30")));
        assert_eq!(week_number(number("2026-11-23")), week_number(number("2026-11-29")));
        assert_eq!(week_number(number("1969-12-29")), week_number(number("1970-01-04")));
    }
}
