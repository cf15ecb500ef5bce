//! Numbers and bytes as names of objects: of fixed length, so that names sort as their numbers do, and of letters that every store takes.

const BASE32: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What each byte is worth as a digit: names are read by the thousand.
static WORTH32: [u8; 256] = worth(BASE32);
static WORTH64: [u8; 256] = worth(BASE64);
/// What a byte that is no digit is worth.
const NONE: u8 = 0xff;

#[allow(clippy::indexing_slicing, reason = "at compile time")]
const fn worth(digits: &[u8]) -> [u8; 256] {
    let mut worth = [NONE; 256];
    let mut at = 0;
    while at < digits.len() {
        #[allow(clippy::cast_possible_truncation, reason = "there are 64 at the most")]
        let value = at as u8;
        worth[digits[at] as usize] = value;
        at += 1;
    }
    worth
}

fn value_of(worth: &[u8; 256], digit: u8) -> Option<u32> {
    worth.get(usize::from(digit)).filter(|value| **value != NONE).map(|value| u32::from(*value))
}

/// Tells whether a byte is a digit of [`base32`].
pub(crate) fn is_base32(digit: u8) -> bool {
    value_of(&WORTH32, digit).is_some()
}

/// Writes the last `5 × digits` bits of a number as so many digits (base32hex in lower case: RFC 4648, section 7, which keeps the order).
pub(crate) fn base32(number: u64, digits: u32) -> String {
    (0..digits)
        .rev()
        .map(|at| {
            let value = number.checked_shr(5 * at).unwrap_or(0) & 31;
            char::from(BASE32.get(value as usize).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// Writes bytes as text for names (base64url without padding: RFC 4648, section 5).
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or(0)));
        let bits = a << 16 | b << 8 | c;
        for at in 0..=group.len() {
            let value = bits >> (18 - 6 * at) & 63;
            text.push(char::from(BASE64.get(value as usize).copied().unwrap_or(b'A')));
        }
    }
    text
}

/// Reads bytes; `None` for anything that [`base64`] does not write.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.as_bytes().chunks(4) {
        let bits = group
            .iter()
            .enumerate()
            .try_fold(0_u32, |bits, (at, digit)| Some(bits | value_of(&WORTH64, *digit)? << (18 - 6 * at)))?;
        let [_, a, b, c] = bits.to_be_bytes();
        // Bits beyond the last byte are nought: each text is written in one way.
        match (group.len(), b, c) {
            (4, _, _) => bytes.extend_from_slice(&[a, b, c]),
            (3, _, 0) => bytes.extend_from_slice(&[a, b]),
            (2, 0, 0) => bytes.push(a),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from_base32(text: &str) -> Option<u64> {
        text.bytes().try_fold(0_u64, |number, digit| {
            number.checked_mul(32)?.checked_add(value_of(&WORTH32, digit)?.into())
        })
    }

    #[test]
    fn these_are_the_letters_of_the_standard() {
        assert_eq!(base64(b"fo"), "Zm8");
        assert_eq!(base64(&[0xfb, 0xff, 0xbf]), "-_-_");
        assert_eq!(base32(u64::MAX, 13), "fvvvvvvvvvvvv");
        assert_eq!(base32(33, 3), "011");
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
            prop_assert_eq!(from_base64(&base64(&bytes)), Some(bytes));
        }

        #[test]
        fn numbers_come_back_and_sort_as_their_names(one: u64, other: u64) {
            prop_assert_eq!(from_base32(&base32(one, 13)), Some(one));
            prop_assert!(base32(other, 14).bytes().all(is_base32));
            prop_assert_eq!(base32(one, 13).cmp(&base32(other, 13)), one.cmp(&other));
        }

        #[test]
        fn no_two_texts_are_the_same_bytes(text in "[A-Za-z0-9_-]{0,12}") {
            if let Some(bytes) = from_base64(&text) {
                prop_assert_eq!(base64(&bytes), text);
            }
        }
    }
}
