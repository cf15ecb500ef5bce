//! Names for the states of a document, ordered within an incarnation whatever clocks say.

use std::fmt;
use std::str::FromStr;

use truthound_stores_core::{Clock, Error, Result, Revision, Timestamp, random_u64};

/// So many bits of an incarnation are chance; the others are the time when it began.
const CHANCE: u32 = 16;
/// So many bits have that time, in microseconds: it begins anew every nine years.
const BEGAN: u32 = u64::BITS - CHANCE;

/// One state of one document.
///
/// An incarnation is what lies between an object's creation and its removal; each attempt to create one draws another. Within it
/// `hlc` rises with each write, whatever the writer's clock says (a hybrid logical clock: Kulkarni et al., "Logical Physical Clocks", 2014).
/// Between incarnations no clock decides. So incarnation and `hlc` name a state of an id: what the conditions of puts let follow each other
/// never shares both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct State {
    /// When it began, and chance. Only compared: what came later has no larger one.
    pub(crate) incarnation: u64,
    /// Microseconds since 1970, or more.
    pub(crate) hlc: u64,
}

/// A state as its object's metadata name it. The nonce, drawn once for each operation and the same in all its attempts, tells a writer
/// whether it was its own write that landed. Rows do without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) state: State,
    pub(crate) nonce: u32,
}

impl State {
    /// Names the first state of a new incarnation.
    pub(crate) fn first(clock: &dyn Clock) -> Self {
        let hlc = micros(clock);
        Self { incarnation: hlc << CHANCE | random_u64(clock) >> BEGAN, hlc }
    }

    /// Names the state that follows this one.
    pub(crate) fn next(self, clock: &dyn Clock) -> Self {
        Self { incarnation: self.incarnation, hlc: micros(clock).max(self.hlc.saturating_add(1)) }
    }

    /// Tells whether this state replaces another: the same incarnation, and later.
    pub(crate) fn replaces(self, other: Self) -> bool {
        self.incarnation == other.incarnation && self.hlc > other.hlc
    }

    /// Says it with an operation's nonce.
    pub(crate) fn by(self, nonce: u32) -> Stamp {
        Stamp { state: self, nonce }
    }

    /// Takes the incarnation apart: how long before this state it began, in microseconds, and its chance. Most documents are saved once:
    /// of those the first is nought.
    pub(crate) fn parts(self) -> (i64, u16) {
        let age = self.hlc.wrapping_sub(self.incarnation >> CHANCE) << CHANCE;
        let [.., high, low] = self.incarnation.to_be_bytes();
        (age.cast_signed() >> CHANCE, u16::from_be_bytes([high, low]))
    }

    /// Puts a state together from its time and [`parts`](Self::parts).
    pub(crate) fn of_parts(hlc: u64, age: i64, chance: u16) -> Self {
        Self { incarnation: hlc.wrapping_sub(age.cast_unsigned()) << CHANCE | u64::from(chance), hlc }
    }

    pub(crate) fn saved_at(self) -> Timestamp {
        Timestamp::from_micros(i64::try_from(self.hlc).unwrap_or(i64::MAX))
    }

    /// Names the state as `Display` prints it: by hand, since a listing names each of its rows, and a formatter takes longer than all else.
    pub(crate) fn revision(self) -> Revision {
        let mut text = [b'-'; 16 + 1 + 16];
        let (first, rest) = text.split_at_mut(16);
        put_hexadecimal(first, self.incarnation);
        // The second number goes to the left, up to the hyphen, without zeros in front.
        let digits = (u64::BITS - self.hlc.leading_zeros()).div_ceil(4).max(1) as usize;
        let rest = rest.get_mut(1..=digits).unwrap_or_default();
        put_hexadecimal(rest, self.hlc);
        Revision::new(std::str::from_utf8(text.get(..17 + digits).unwrap_or_default()).unwrap_or_default())
    }
}

fn micros(clock: &dyn Clock) -> u64 {
    u64::try_from(clock.now().as_micros()).unwrap_or(0)
}

/// Fills a place with a number's last hexadecimal digits.
fn put_hexadecimal(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        let value = (number & 0xf) as u8;
        *digit = if value < 10 { b'0' + value } else { b'a' + (value - 10) };
        number >>= 4;
    }
}

/// Draws the nonce of an operation.
pub(crate) fn nonce(clock: &dyn Clock) -> u32 {
    (random_u64(clock) >> 32) as u32
}

/// Prints two numbers in lower-case hexadecimal: 16 digits, and as many as it takes.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{:x}", self.incarnation, self.hlc)
    }
}

/// Prints the state, and the nonce in 8 digits.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}", self.state, self.nonce)
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let state = text.split_once('-').and_then(|(incarnation, hlc)| {
            Some(Self { incarnation: hexadecimal(incarnation)?, hlc: hexadecimal(hlc)? })
        });
        // What prints otherwise was written by somebody else.
        state.filter(|state| state.to_string() == text).ok_or_else(|| strange(text))
    }
}

impl FromStr for Stamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (state, nonce) = text.rsplit_once('-').ok_or_else(|| strange(text))?;
        let nonce = hexadecimal(nonce).and_then(|nonce| u32::try_from(nonce).ok());
        let stamp = Self { state: state.parse()?, nonce: nonce.ok_or_else(|| strange(text))? };
        if stamp.to_string() == text { Ok(stamp) } else { Err(strange(text)) }
    }
}

fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

fn strange(text: &str) -> Error {
    Error::corrupt(format!("{text:?} names no state of a document"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use truthound_stores_testkit::ManualClock;

    use super::*;

    #[test]
    fn a_state_follows_its_predecessor_though_the_clock_stands_an_hour_behind() {
        let (ahead, behind) = (ManualClock::new(1), ManualClock::new(2));
        ahead.advance(Duration::from_hours(1));
        let first = State::first(&ahead);
        let second = first.next(&behind);
        assert_eq!((second.incarnation, second.hlc), (first.incarnation, first.hlc + 1));
        assert!(second.replaces(first) && !first.replaces(second));
        ahead.advance(Duration::from_secs(1));
        assert_eq!(second.next(&ahead).hlc, first.hlc + 1_000_000);
    }

    #[test]
    fn states_of_two_incarnations_have_no_order() {
        let clock = ManualClock::new(1);
        let first = State::first(&clock);
        let same_time = State::first(&clock);
        clock.advance(Duration::from_secs(1));
        for other in [same_time, State::first(&clock)] {
            assert_ne!(first.incarnation, other.incarnation);
            assert!(!first.replaces(other) && !other.replaces(first));
        }
    }

    #[test]
    fn a_document_that_is_saved_once_is_as_old_as_its_incarnation() {
        let clock = ManualClock::new(1);
        let first = State::first(&clock);
        assert_eq!(first.parts().0, 0);
        clock.advance(Duration::from_secs(3));
        assert_eq!(first.next(&clock).parts(), (3_000_000, first.parts().1));
    }

    proptest! {
        #[test]
        fn parts_make_the_state_again(incarnation: u64, hlc: u64) {
            let state = State { incarnation, hlc };
            let (age, chance) = state.parts();
            prop_assert_eq!(State::of_parts(hlc, age, chance), state);
        }

        #[test]
        fn a_revision_is_the_state_as_it_is_printed(incarnation: u64, hlc: u64, shift in 0..64_u32) {
            let state = State { incarnation, hlc: hlc >> shift };
            let (text, revision) = (state.to_string(), state.revision());
            prop_assert_eq!(revision.as_str(), text.as_str());
        }
    }

    #[test]
    fn texts_read_back_and_others_are_refused() {
        for state in [State { incarnation: 0, hlc: 0 }, State { incarnation: u64::MAX, hlc: u64::MAX }] {
            assert_eq!(state.to_string().parse::<State>().unwrap(), state);
            assert_eq!(state.revision().as_str(), state.to_string());
            for nonce in [0, u32::MAX] {
                let stamp = state.by(nonce);
                assert_eq!(stamp.to_string().parse::<Stamp>().unwrap(), stamp);
                assert!(stamp.to_string().parse::<State>().is_err());
            }
            assert!(state.to_string().parse::<Stamp>().is_err());
        }
        let whole = State { incarnation: 0xa1, hlc: 2 }.by(3).to_string();
        for text in [
            "",
            "-",
            "1-2-3",
            "00000000000000a1-2-00000003-4",
            "00000000000000G1-2-00000003",
            "00000000000000a1-+2-00000003",
            &whole.to_uppercase(),
            &format!("{whole} "),
        ] {
            assert!(text.parse::<Stamp>().is_err(), "{text:?}");
            assert!(text.parse::<State>().is_err(), "{text:?}");
        }
    }
}
