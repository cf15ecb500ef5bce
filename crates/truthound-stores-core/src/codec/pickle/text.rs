//! The texts of pickles: UTF-8 in which lone surrogates may stand (`surrogatepass`).

/// Splits `bytes` at its first surrogate: the text before, the surrogate, and what follows it.
///
/// `None` if what stands there is neither UTF-8 nor a surrogate.
pub(super) fn split(bytes: &[u8]) -> Option<(&str, Option<u16>, &[u8])> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Some((text, None, &[])),
        Err(error) => error,
    };
    let (valid, rest) = bytes.split_at_checked(error.valid_up_to())?;
    let (first, rest) = rest.split_first_chunk::<3>()?;
    let [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf] = *first else { return None };
    let surrogate = 0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f);
    Some((std::str::from_utf8(valid).ok()?, Some(surrogate), rest))
}

/// Tells whether `bytes` are text.
pub(super) fn is_valid(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        match split(rest) {
            Some((_, _, after)) => rest = after,
            None => return false,
        }
    }
    true
}

/// Appends one code point, which may be a surrogate; `None` beyond U+10FFFF.
pub(super) fn push(text: &mut Vec<u8>, code: u32) -> Option<()> {
    if let Some(char) = char::from_u32(code) {
        text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        return Some(());
    }
    let [high, low] = u16::try_from(code).ok()?.to_be_bytes();
    text.extend_from_slice(&[0xed, 0x80 | (high & 0x0f) << 2 | low >> 6, 0x80 | (low & 0x3f)]);
    Some(())
}

/// Decodes Python's codec `raw_unicode_escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`.
pub(super) fn raw_unicode_escape(line: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((first, after)) = rest.split_first() {
        let digits = match rest {
            [b'\\', b'u', ..] => 4,
            [b'\\', b'U', ..] => 8,
            [b'\\', other, after @ ..] => {
                text.push(b'\\');
                push(&mut text, u32::from(*other))?;
                rest = after;
                continue;
            }
            _ => {
                push(&mut text, u32::from(*first))?;
                rest = after;
                continue;
            }
        };
        let (hex, after) = rest.get(2..)?.split_at_checked(digits)?;
        let code = hex
            .iter()
            .try_fold(0_u32, |code, digit| Some(code.checked_mul(16)? | char::from(*digit).to_digit(16)?))?;
        push(&mut text, code)?;
        rest = after;
    }
    Some(text)
}

/// Takes the quotes off a string of Python 2; `None` if it has escapes.
pub(super) fn unquote(line: &[u8]) -> Option<&[u8]> {
    match line {
        [b'\'', text @ .., b'\''] | [b'"', text @ .., b'"'] if !text.contains(&b'\\') => Some(text),
        _ => None,
    }
}
