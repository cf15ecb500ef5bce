//! The unique part of a name of the tail: of fixed length, so that thousands of them are copied and compared without a piece of memory each.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::UNIQUE;
use crate::digits::is_base32;

/// What a fold notes of a name that it took.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Unique([u8; UNIQUE]);

impl Unique {
    /// Reads the unique part that a name begins with; `None` for what is no such name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let digits = name.as_bytes().first_chunk()?;
        digits.iter().all(|digit| is_base32(*digit)).then_some(Self(*digits))
    }

    pub(crate) fn as_str(&self) -> &str {
        // They are digits, each of one byte.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Unique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl Serialize for Unique {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{UNIQUE} digits")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Unique, E> {
                let whole = Unique::of(text).filter(|_| text.len() == UNIQUE);
                whole.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        from.deserialize_str(Text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_and_read_as_its_digits() {
        let text = "001i791320g0002kaha58l2kaha";
        let unique = Unique::of(&format!("{text}-0000aa~b")).unwrap();
        assert_eq!(serde_json::to_string(&unique).unwrap(), format!("{text:?}"));
        assert_eq!(serde_json::from_str::<Unique>(&format!("{text:?}")).unwrap(), unique);
        assert_eq!(format!("{unique:?}"), format!("{text:?}"));
    }

    #[test]
    fn what_has_another_length_or_other_letters_is_none() {
        for text in [
            "",
            "x",
            "001i791320g0002kaha58l2kah",
            "001i791320g0002kaha58l2kahz",
            "001i791320g0002kaha58l2kahaa",
        ] {
            assert!(serde_json::from_str::<Unique>(&format!("{text:?}")).is_err(), "{text:?}");
        }
        assert_eq!(Unique::of("001i791320g0002kaha58l2kahé"), None);
    }
}
