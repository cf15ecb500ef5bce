//! Hides what may be secret in a text that names a place: passwords of user infos, and values whose names sound secret.
//!
//! It hides too much rather than too little.

use std::ops::Range;

use super::is_scheme;

pub(super) const HIDDEN: &str = "***";

/// What stands between the parts of `host=db password=…` and `AccountName=a;AccountKey=…`.
const SEPARATORS: [char; 4] = [' ', ';', '&', ','];

/// Tells whether an option's value should never be shown, going by its name.
pub(super) fn sounds_secret(name: &str) -> bool {
    const WORDS: [&str; 10] =
        ["pass", "pwd", "secret", "token", "key", "credential", "connection_string", "sig", "auth", "sas"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// Returns what stands between a URL's scheme and its options, without its secrets.
pub(super) fn place(rest: &str) -> String {
    without_secrets(rest, slashes(rest))
}

/// Returns an option's value without its secrets: it may be a URL itself.
pub(super) fn value(text: &str) -> String {
    let start = match text.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => scheme.len() + "://".len(),
        _ => slashes(text),
    };
    without_secrets(text, start)
}

fn slashes(text: &str) -> usize {
    text.len() - text.trim_start_matches('/').len()
}

/// Hides the secrets of a text whose user info, if it has one, begins at `start`.
fn without_secrets(text: &str, start: usize) -> String {
    // A password may hold whatever else separates: it is looked for first.
    let password = password(text, start);
    let mut hidden = named(text, password.as_ref());
    hidden.extend(password);
    show(text, hidden)
}

/// Finds the password of `user:password@host`, with or without `//` before it; the last `@` ends it, so that one inside does not leak. Without
/// any `@`, it is what follows a colon after `//`, unless that is a port.
fn password(text: &str, start: usize) -> Option<Range<usize>> {
    let Some(at) = text.rfind('@') else {
        let authority = text.split_at_checked(start).filter(|(before, _)| before.ends_with("//"));
        let from = start + unfinished_password(authority?.1)?;
        return Some(from..text.len());
    };
    let colon = text.get(start..at)?.find(':')?;
    Some(start + colon + 1..at)
}

/// Finds where a password begins that no `@` ends, in what follows `//`: after a colon that no port follows.
pub(super) fn unfinished_password(authority: &str) -> Option<usize> {
    let authority = authority.split('/').next().unwrap_or_default();
    // The colons within the brackets are an IPv6 address's own.
    let address = if authority.starts_with('[') { authority.find(']').unwrap_or(0) } else { 0 };
    let from = address + authority.get(address..)?.find(':')? + 1;
    let after = authority.get(from..)?;
    (!is_port(after)).then_some(from)
}

/// Tells whether a port follows a colon: digits, then the end, or the next host, which is more than a number.
fn is_port(after: &str) -> bool {
    let rest = after.trim_start_matches(|char: char| char.is_ascii_digit());
    match rest.strip_prefix(',') {
        None => rest.is_empty(),
        Some(hosts) => {
            let next = hosts.split([':', ',']).next().unwrap_or_default();
            !next.bytes().all(|byte| byte.is_ascii_digit())
        }
    }
}

/// Finds the values whose names sound secret. A value ends where the next name begins: a separator by itself may be part of it.
fn named(text: &str, password: Option<&Range<usize>>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut secret = false;
    let end = password.map_or(0, |password| password.end);
    let (user_info, rest) = text.split_at_checked(end).unwrap_or(("", text));
    let parts = user_info.split_inclusive(SEPARATORS).chain(rest.split_inclusive(SEPARATORS));
    let mut at = 0;
    for part in parts {
        let (begin, bare) = (at, part.trim_end_matches(SEPARATORS));
        at += part.len();
        match bare.split_once('=') {
            Some((name, _)) => {
                let value = begin + name.len() + 1;
                // `ann:mykey=x@`: a `=` of the password's own, which is hidden already.
                let within =
                    password.is_some_and(|password| begin < password.start && value > password.start);
                secret = sounds_secret(name) && !(within && value <= end);
                if secret {
                    found.push(value..begin + bare.len());
                }
            }
            None => {
                if let Some(last) = found.last_mut().filter(|_| secret && !bare.is_empty()) {
                    last.end = begin + bare.len();
                }
            }
        }
    }
    found
}

/// Shows a text with something else in place of what is hidden.
fn show(text: &str, mut hidden: Vec<Range<usize>>) -> String {
    hidden.sort_unstable_by_key(|range| range.start);
    let mut shown = String::with_capacity(text.len());
    // How far the text is shown or hidden; and whether the last of it is hidden.
    let (mut at, mut is_hidden) = (0, false);
    for range in hidden {
        if !is_hidden || range.start > at {
            shown.push_str(text.get(at..range.start).unwrap_or_default());
            shown.push_str(HIDDEN);
            is_hidden = true;
        }
        at = at.max(range.end);
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    shown
}
