//! Diagnostics: everything that is said to people rather than to programs.

use std::fmt::Write as _;
use std::io::Write as _;

/// Says that something failed.
pub(crate) fn error(text: &str) {
    line(&format!("error: {text}"));
}

/// Says something worth knowing.
pub(crate) fn note(text: &str) {
    line(&format!("note: {text}"));
}

fn line(text: &str) {
    // With stderr closed there is nobody to tell.
    drop(writeln!(std::io::stderr(), "{}", printable(text)));
}

/// Escapes control characters, so that no stored or given text can forge a line or command the terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            let _ = write!(shown, "{}", char.escape_default());
        } else {
            shown.push(char);
        }
    }
    shown
}
