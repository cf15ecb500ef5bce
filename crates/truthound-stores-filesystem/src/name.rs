//! File names for ids: reversible, safe on every system, and the same as Truthound's wherever that is safe.

use std::fmt::Write as _;

/// The longest stem that spells an id out, in bytes; longer ones are shortened and hashed.
const LONGEST: usize = 180;
/// How much of a shortened stem is readable.
const READABLE: usize = 80;

/// Escapes an id into a file name without its suffix.
///
/// Characters that some system refuses or treats as special are written `%XX` (UTF-8, upper-case hex): `% / \ : * ? " < > |`, a
/// leading `_`, `.`, `~` or `-`, a trailing `.` or space, the first letter of a name that Windows reserves, and, where `fold_case` says
/// that the file system does not tell cases apart, upper-case letters (and all that is not ASCII, which such systems fold and
/// normalise). Everything else stands for itself. A stem over 180 bytes becomes `~{80 bytes}~{128-bit hash}`; its id is kept in its row, and in a sidecar
/// where its text does not say it.
pub(crate) fn escape(id: &str, fold_case: bool) -> String {
    let mut stem = String::with_capacity(id.len() + 8);
    let last = id.chars().count().saturating_sub(1);
    let reserved = is_reserved(id);
    for (index, char) in id.chars().enumerate() {
        let escaped = match char {
            '%' | '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => true,
            '_' | '.' | '~' | '-' | ' ' if index == 0 => true,
            '.' | ' ' if index == last => true,
            _ if index == 0 && reserved => true,
            _ => fold_case && (char.is_ascii_uppercase() || !char.is_ascii()),
        };
        if escaped {
            let mut bytes = [0; 4];
            for byte in char.encode_utf8(&mut bytes).bytes() {
                // Writing to a string cannot fail.
                write!(stem, "%{byte:02X}").unwrap_or_default();
            }
        } else {
            stem.push(char);
        }
    }
    if stem.len() <= LONGEST {
        return stem;
    }
    shortened(id, &stem)
}

/// Returns the shortened stem of an id whatever its length: for an id whose own stem is taken by another document.
pub(crate) fn shorten(id: &str) -> String {
    let readable: String =
        id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
    shortened(id, &readable)
}

fn shortened(id: &str, readable: &str) -> String {
    let mut cut = READABLE.min(readable.len());
    while !readable.is_char_boundary(cut) {
        cut -= 1;
    }
    let readable = readable.get(..cut).unwrap_or_default();
    let hash = blake3::hash(id.as_bytes()).to_hex();
    format!("~{readable}~{}", hash.get(..32).unwrap_or_default())
}

/// Tells whether a stem was shortened, so that it does not spell its id out.
pub(crate) fn is_shortened(stem: &str) -> bool {
    stem.starts_with('~')
}

/// Reads the id that a stem spells out; `None` if [`escape`] writes no such stem.
pub(crate) fn unescape(stem: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(stem.len());
    let mut rest = stem.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let id = String::from_utf8(bytes).ok()?;
    (escape(&id, false) == stem || escape(&id, true) == stem).then_some(id)
}

/// Returns the stem that Truthound uses for an id, if it is a name that this store never uses for anything else.
pub(crate) fn truthound(id: &str, collection_is_suites: bool) -> Option<String> {
    let stem = if collection_is_suites { id.replace(['/', '\\'], "_") } else { id.to_owned() };
    let safe = !stem.contains(['/', '\\', '\0']) && !stem.starts_with(['_', '.']) && stem.len() <= 255;
    // On Windows a raw name may open a device or another stream of a file.
    let harmless = !cfg!(windows) || escape(&stem, false) == stem;
    (safe && harmless).then_some(stem)
}

/// Tells whether Windows reserves a name, whatever follows its first dot.
fn is_reserved(id: &str) -> bool {
    let stem = id.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests;
