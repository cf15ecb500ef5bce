//! Texts as all databases can hold them: without U+0000, which PostgreSQL's texts cannot have.
//!
//! U+0000 becomes U+0001 U+0001, and U+0001 becomes U+0001 U+0002. Both are as rare as they look. The order by code point stays what it is, and
//! no text begins another that it did not begin before.

use std::borrow::Cow;

/// Writes a text so that it has no U+0000.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', '\u{1}']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\0' => escaped.push_str("\u{1}\u{1}"),
            '\u{1}' => escaped.push_str("\u{1}\u{2}"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// Reads what [`escape`] wrote; `None` for what it never writes.
pub(crate) fn unescape(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    if !text.contains('\u{1}') {
        return Some(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\u{1}' => match chars.next() {
                Some('\u{1}') => plain.push('\0'),
                Some('\u{2}') => plain.push('\u{1}'),
                _ => return None,
            },
            other => plain.push(other),
        }
    }
    Some(Cow::Owned(plain))
}

#[cfg(test)]
mod tests;
