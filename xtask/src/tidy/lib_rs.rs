//! A `lib.rs` is a table of contents: it declares modules and re-exports by name, and nothing else.

use super::finding::Finding;
use super::tree::Tree;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        if path.starts_with("crates/") && path.ends_with("/src/lib.rs") {
            for (line, item) in items(text) {
                if let Some(message) = objection(&item) {
                    findings.push(Finding::line(path, line, message));
                }
            }
        }
    }
    findings
}

/// Says what is wrong with an item; nothing, if it may stand in a `lib.rs`.
fn objection(item: &str) -> Option<String> {
    let declares = ["mod ", "pub mod ", "pub(crate) mod "].iter().any(|start| item.starts_with(start));
    if declares && item.ends_with(';') {
        return None;
    }
    let exports = ["pub use ", "pub(crate) use "].iter().any(|start| item.starts_with(start));
    if exports && item.contains('*') {
        return Some(format!(
            "`{item}`: re-export each item by name, so that what is public can be read here"
        ));
    }
    if exports {
        return None;
    }
    let short: String = item.chars().take(60).collect();
    Some(format!("`{short}`: lib.rs only declares modules and re-exports; move this into a module"))
}

/// Cuts a file into its items, without comments and attributes and with single spaces, each with the line it begins in.
///
/// An item goes to its `;`, or to the brace that closes it. That is all of Rust's grammar that is needed: whatever is
/// cut wrongly is no declaration and is reported as such.
fn items(text: &str) -> Vec<(usize, String)> {
    let mut items = Vec::new();
    let mut scan = Scan { rest: text, line: 1 };
    loop {
        scan.skip_trivia();
        if scan.rest.is_empty() {
            return items;
        }
        let line = scan.line;
        let item = scan.item();
        items.push((line, item.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
}

struct Scan<'a> {
    rest: &'a str,
    line: usize,
}

impl Scan<'_> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        self.line += usize::from(c == '\n');
        Some(c)
    }

    /// Skips white space, comments and attributes.
    fn skip_trivia(&mut self) {
        loop {
            if self.rest.starts_with("//") {
                while self.next().is_some_and(|c| c != '\n') {}
            } else if self.rest.starts_with("/*") {
                self.skip_block_comment();
            } else if self.rest.starts_with("#[") || self.rest.starts_with("#![") {
                self.skip_attribute();
            } else if self.rest.starts_with(char::is_whitespace) {
                self.next();
            } else {
                return;
            }
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.next();
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.next();
            }
            if self.next().is_none() || depth == 0 {
                return;
            }
        }
    }

    fn skip_attribute(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.next() {
            match c {
                '"' => self.skip_string(),
                '[' => depth += 1,
                ']' if depth == 1 => return,
                ']' => depth -= 1,
                _ => {}
            }
        }
    }

    fn skip_string(&mut self) {
        while let Some(c) = self.next() {
            match c {
                '\\' => {
                    self.next();
                }
                '"' => return,
                _ => {}
            }
        }
    }

    fn item(&mut self) -> String {
        let mut item = String::new();
        let mut depth = 0_usize;
        loop {
            if self.rest.starts_with("//") {
                while self.next().is_some_and(|c| c != '\n') {}
                item.push(' ');
            }
            let Some(c) = self.next() else { return item };
            item.push(c);
            match c {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    // After the braces of a `use` comes a semicolon; any other item ends here.
                    if depth == 0 && !self.rest.trim_start().starts_with(';') {
                        return item;
                    }
                }
                ';' if depth == 0 => return item,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
