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
        if commands_a_terminal(char) {
            let _ = write!(shown, "{}", char.escape_default());
        } else {
            shown.push(char);
        }
    }
    shown
}

/// Escapes the same characters as JSON writes them, line ends aside: for what is printed as data, but to a terminal.
pub(crate) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if commands_a_terminal(char) && !['\n', '\r'].contains(&char) {
            let _ = write!(shown, "\\u{:04x}", u32::from(char));
        } else {
            shown.push(char);
        }
    }
    shown
}

/// Tells whether a character moves the cursor, starts an escape sequence, turns the direction of writing, or cannot be seen.
fn commands_a_terminal(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_commands_a_terminal_is_shown() {
        let text = "a\u{1b}[31m\u{9b}31m\u{202e}b\u{200b}é😀\r\n";
        assert_eq!(printable(text), r"a\u{1b}[31m\u{9b}31m\u{202e}b\u{200b}é😀\r\n");
        assert_eq!(harmless(text), "a\\u001b[31m\\u009b31m\\u202eb\\u200bé😀\r\n");
    }
}
