//! Finds the next byte that matters, eight at a time.
//!
//! The arithmetic on words is that of "Determine if a word has a byte less than n" and "… equal to
//! n" in Sean Eron Anderson's "Bit Twiddling Hacks". A byte above the first hit may be reported
//! wrongly, which is why only the lowest hit of a word counts.

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Counts the bytes before the first quote, backslash or control character.
#[inline]
pub(super) fn plain(text: &[u8]) -> usize {
    run(text, |word| special(word) & HIGHS, |byte| matches!(byte, b'"' | b'\\' | 0..0x20))
}

/// Counts the bytes before the first one that Python escapes: those, and all beyond U+007E.
#[inline]
pub(super) fn plain_ascii(text: &[u8]) -> usize {
    run(
        text,
        |word| (special(word) | equal(word, 0x7f) | word) & HIGHS,
        |byte| matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7f..),
    )
}

/// Marks quotes, backslashes and control characters in their high bits.
#[inline]
fn special(word: u64) -> u64 {
    equal(word, b'"') | equal(word, b'\\') | (word.wrapping_sub(ONES * 0x20) & !word)
}

/// Marks bytes that are `byte`, in their high bits.
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    let zero = word ^ (ONES * u64::from(byte));
    zero.wrapping_sub(ONES) & !zero
}

#[inline]
fn run(text: &[u8], in_word: impl Fn(u64) -> u64, in_byte: impl Fn(u8) -> bool) -> usize {
    let mut rest = text;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        // Little-endian, so that the first byte is the lowest.
        let hits = in_word(u64::from_le_bytes(*word));
        if hits != 0 {
            return text.len() - rest.len() + hits.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let end = rest.iter().position(|byte| in_byte(*byte)).unwrap_or(rest.len());
    text.len() - rest.len() + end
}

#[cfg(test)]
mod tests;
