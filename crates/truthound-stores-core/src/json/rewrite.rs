//! Rewrites documents without building them up.

use super::sink::Sink;
use super::{Layout, Token, Tokens, number};
use crate::Result;

/// Writes the same document in another layout.
///
/// Values, the texts of numbers and the order of keys stay, also names that occur twice.
///
/// # Errors
/// [`Invalid`](crate::ErrorKind::Invalid) as from [`Tokens`].
///
/// # Examples
/// ```
/// use truthound_stores_core::json::{Layout, relayout};
///
/// let stored = br#"{ "rate": 1.50, "worst": -Infinity, "asset": "caf\u00e9" }"#;
/// let canonical = relayout(stored, Layout::Compact)?;
/// assert_eq!(canonical, r#"{"rate":1.50,"worst":-Infinity,"asset":"café"}"#.as_bytes());
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
pub fn relayout(text: &[u8], layout: Layout) -> Result<Vec<u8>> {
    let mut sink = Sink::new(layout, text.len());
    for token in Tokens::new(text) {
        sink.token(token?);
    }
    Ok(sink.finish())
}

/// Writes a document so that strict parsers read it, too: compact, with null for `NaN`, `Infinity`
/// and `-Infinity`, and with U+FFFD for lone surrogates.
///
/// Other numbers keep their text, also one that no float can hold: `1e400`.
///
/// # Errors
/// [`Invalid`](crate::ErrorKind::Invalid) as from [`Tokens`].
///
/// # Examples
/// ```
/// assert_eq!(truthound_stores_core::json::strict(b"[NaN, 1e-05]")?, b"[null,1e-05]");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
pub fn strict(text: &[u8]) -> Result<Vec<u8>> {
    let mut sink = Sink::new(Layout::Compact, text.len());
    for token in Tokens::new(text) {
        match token? {
            Token::Number(text) if !number::is_finite(text) => sink.token(Token::Null),
            Token::String(text) if text.has_lone_surrogate() => sink.string(&text.decode()),
            Token::Key(text) if text.has_lone_surrogate() => sink.key(&text.decode()),
            token => sink.token(token),
        }
    }
    Ok(sink.finish())
}

#[cfg(test)]
mod tests;
