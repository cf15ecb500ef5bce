//! Hides what may be secret in a text that names a place: passwords of user infos, and values whose names sound secret.
//!
//! It hides too much rather than too little.

pub(super) const HIDDEN: &str = "***";

/// Tells whether an option's value should never be shown, going by its name.
pub(super) fn sounds_secret(name: &str) -> bool {
    const WORDS: [&str; 10] =
        ["pass", "pwd", "secret", "token", "key", "credential", "connection_string", "sig", "auth", "sas"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// Returns the text without its secrets.
pub(super) fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // Parts as in `host=db password=…` and `AccountName=a;AccountKey=…`.
    for part in text.split_inclusive([' ', ';', '&', ',']) {
        let (part, separator) = match part.char_indices().next_back() {
            Some((at, char)) if [' ', ';', '&', ','].contains(&char) => part.split_at(at),
            _ => (part, ""),
        };
        match part.split_once('=') {
            Some((name, _)) if sounds_secret(name) => {
                shown.push_str(name);
                shown.push('=');
                shown.push_str(HIDDEN);
            }
            _ => shown.push_str(&without_password(part)),
        }
        shown.push_str(separator);
    }
    shown
}

/// Hides the password of `user:password@host`, with or without `//` before it; the last `@` ends it, so that one inside does not
/// leak. Without any `@`, what follows a colon is hidden unless it is a port.
fn without_password(text: &str) -> String {
    let start = text.find("//").map_or(0, |at| at + 2);
    let (before, rest) = text.split_at_checked(start).unwrap_or(("", text));
    let rest_without_slash = rest.trim_start_matches('/');
    if let Some((user_info, host)) = rest.rsplit_once('@') {
        return match user_info.split_once(':') {
            Some((user, _)) => format!("{before}{user}:{HIDDEN}@{host}"),
            None => text.to_owned(),
        };
    }
    match rest_without_slash.split_once(':') {
        Some((user, after)) if !before.is_empty() && !begins_with_port(after) => {
            let slashes = rest.len() - rest_without_slash.len();
            format!("{before}{}{user}:{HIDDEN}", "/".repeat(slashes))
        }
        _ => text.to_owned(),
    }
}

/// Tells whether a port follows a colon: digits, then the end, a path, or the next host.
fn begins_with_port(after: &str) -> bool {
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.is_empty() || rest.starts_with(['/', ','])
}
