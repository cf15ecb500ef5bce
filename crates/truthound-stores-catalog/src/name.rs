//! Object names for ids: safe on every store and on every file system that pretends to be one, and the same as Truthound's wherever that
//! is safe.

/// The longest id that is its own stem, in bytes; longer ones are shortened and hashed.
const LONGEST: usize = 180;
/// How much of a shortened stem is readable.
const READABLE: usize = 80;
/// How many hexadecimal digits of the hash stand in a shortened stem: 128 bits.
const HASH: usize = 32;

/// Names the object of an id, without its suffix.
///
/// An id is its own stem if it has at most 180 bytes of `[A-Za-z0-9._-]`, does not begin with `_` (the store's own names) or `.`, does not
/// end in `.`, is not reserved by an operating system and, where `folds_case` says that the store does not tell cases apart, has no upper
/// case. Any other becomes `~{80 readable bytes}~{128-bit hash}`: what it was stands in the object's metadata, and is compared on reading.
pub(crate) fn stem(id: &str, folds_case: bool) -> String {
    if is_plain(id, folds_case) { id.to_owned() } else { shortened(id, folds_case) }
}

/// Tells whether a stem does not spell its id out.
pub(crate) fn is_shortened(stem: &str) -> bool {
    stem.starts_with('~')
}

/// Returns the id that a stem spells out; `None` for a shortened one, and for one that no id has.
pub(crate) fn spelt(stem: &str, folds_case: bool) -> Option<&str> {
    is_plain(stem, folds_case).then_some(stem)
}

fn is_plain(id: &str, folds_case: bool) -> bool {
    let safe = |byte: u8| match byte {
        b'A'..=b'Z' => !folds_case,
        b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => true,
        _ => false,
    };
    (1..=LONGEST).contains(&id.len())
        && id.bytes().all(safe)
        && !id.starts_with(['_', '.'])
        && !id.ends_with('.')
        && !is_reserved(id)
}

fn shortened(id: &str, folds_case: bool) -> String {
    let readable: String = id
        .chars()
        .take(READABLE)
        .map(|char| match char {
            'A'..='Z' if folds_case => char.to_ascii_lowercase(),
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '_' | '-' => char,
            // The hash tells apart what looks alike here.
            _ => '-',
        })
        .collect();
    let hash = blake3::hash(id.as_bytes()).to_hex();
    format!("~{readable}~{}", hash.get(..HASH).unwrap_or_default())
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
