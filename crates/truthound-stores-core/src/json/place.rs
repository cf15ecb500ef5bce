//! Says where in a document a problem is.

use crate::Error;

/// Makes the error for a `problem` at the byte `offset` of `text`.
///
/// Lines and columns count from 1, columns in characters.
pub(super) fn not_json(text: &str, offset: usize, problem: &str) -> Error {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let before = before.strip_prefix(BOM).unwrap_or(before);
    let line = before.split(|byte| *byte == b'\n').count();
    let start = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let column = 1 + start.iter().filter(|byte| !is_continuation(**byte)).count();
    Error::invalid(format!("not JSON: {problem} at line {line}, column {column}"))
}

/// The UTF-8 byte order mark, which some editors put before a document.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Tells whether a byte continues a UTF-8 sequence.
fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}
