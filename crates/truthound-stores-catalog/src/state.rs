//! Names for the states of a document, ordered within an incarnation whatever clocks say.

use std::fmt;
use std::str::FromStr;

use truthound_stores_core::{Clock, Error, Result, Revision, Timestamp, random_u64};

/// So many bits of chance name an incarnation.
const INCARNATION: u64 = (1 << 48) - 1;

/// One state of one document.
///
/// An incarnation is what lies between an object's creation and its removal; it is drawn by lot by each attempt to create one. Within it
/// `hlc` rises with each write, whatever the writer's clock says (a hybrid logical clock: Kulkarni et al., "Logical Physical Clocks", 2014).
/// Between incarnations no clock decides. The nonce, drawn once for each operation and the same in all its attempts, tells a writer whether
/// it was its own write that landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct State {
    pub(crate) incarnation: u64,
    /// Microseconds since 1970, or more.
    pub(crate) hlc: u64,
    pub(crate) nonce: u32,
}

impl State {
    /// Names the first state of a new incarnation, which an operation makes.
    pub(crate) fn first(clock: &dyn Clock, nonce: u32) -> Self {
        Self { incarnation: random_u64(clock) & INCARNATION, hlc: micros(clock), nonce }
    }

    /// Names the state that follows this one, which an operation makes.
    pub(crate) fn next(self, clock: &dyn Clock, nonce: u32) -> Self {
        Self { incarnation: self.incarnation, hlc: micros(clock).max(self.hlc.saturating_add(1)), nonce }
    }

    /// Tells whether this state replaces another: the same incarnation, and later.
    pub(crate) fn replaces(self, other: Self) -> bool {
        self.incarnation == other.incarnation && self.hlc > other.hlc
    }

    /// Returns the incarnation's bytes, as few as it has.
    pub(crate) fn incarnation_bytes(self) -> [u8; 6] {
        let mut bytes = [0; 6];
        bytes.copy_from_slice(self.incarnation.to_be_bytes().split_at(2).1);
        bytes
    }

    /// Reads the bytes of an incarnation.
    pub(crate) fn incarnation_of(bytes: [u8; 6]) -> u64 {
        bytes.iter().fold(0, |incarnation, byte| incarnation << 8 | u64::from(*byte))
    }

    pub(crate) fn saved_at(self) -> Timestamp {
        Timestamp::from_micros(i64::try_from(self.hlc).unwrap_or(i64::MAX))
    }

    pub(crate) fn revision(self) -> Revision {
        Revision::new(self.to_string())
    }
}

fn micros(clock: &dyn Clock) -> u64 {
    u64::try_from(clock.now().as_micros()).unwrap_or(0)
}

/// Draws the nonce of an operation.
pub(crate) fn nonce(clock: &dyn Clock) -> u32 {
    (random_u64(clock) >> 32) as u32
}

/// Prints three numbers in lower-case hexadecimal: 12 digits, as many as it takes, 8 digits.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}-{:x}-{:08x}", self.incarnation, self.hlc, self.nonce)
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.split('-');
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let read = (|| {
            let (incarnation, hlc, nonce) = (number()?, number()?, u32::try_from(number()?).ok()?);
            Some(Self { incarnation, hlc, nonce })
        })();
        // What prints otherwise was written by somebody else.
        read.filter(|state| state.to_string() == text)
            .ok_or_else(|| Error::corrupt(format!("{text:?} names no state of a document")))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use truthound_stores_testkit::ManualClock;

    use super::*;

    #[test]
    fn a_state_follows_its_predecessor_though_the_clock_stands_an_hour_behind() {
        let (ahead, behind) = (ManualClock::new(1), ManualClock::new(2));
        ahead.advance(Duration::from_hours(1));
        let first = State::first(&ahead, 1);
        let second = first.next(&behind, 2);
        assert_eq!((second.incarnation, second.hlc), (first.incarnation, first.hlc + 1));
        assert!(second.replaces(first) && !first.replaces(second));
        ahead.advance(Duration::from_secs(1));
        assert_eq!(second.next(&ahead, 3).hlc, first.hlc + 1_000_000);
    }

    #[test]
    fn states_of_two_incarnations_have_no_order() {
        let clock = ManualClock::new(1);
        let first = State::first(&clock, 1);
        clock.advance(Duration::from_secs(1));
        let other = State::first(&clock, 2);
        assert_ne!(first.incarnation, other.incarnation);
        assert!(!first.replaces(other) && !other.replaces(first));
    }

    #[test]
    fn texts_read_back_and_others_are_refused() {
        for state in [
            State { incarnation: 0, hlc: 0, nonce: 0 },
            State { incarnation: INCARNATION, hlc: u64::MAX, nonce: u32::MAX },
        ] {
            assert_eq!(state.to_string().parse::<State>().unwrap(), state);
        }
        let whole = State { incarnation: 1, hlc: 2, nonce: 3 }.to_string();
        for text in [
            "",
            "-",
            "1-2-3",
            "000000000001-2-00000003-4",
            "00000000000G-2-00000003",
            &whole.to_uppercase(),
            &format!("{whole} "),
        ] {
            let parsed = text.parse::<State>();
            assert!(parsed.is_err() || text == whole, "{text:?}: {parsed:?}");
        }
    }
}
