//! Patterns for asset names.

use std::fmt;

/// Matches asset names: `*` stands for any text, `?` for one character, `\` takes the next character
/// literally; all else is literal.
///
/// Characters are Unicode scalar values. A `\` at the very end is itself.
///
/// # Examples
/// ```
/// use truthound_stores_core::Pattern;
///
/// let sales = Pattern::new("warehouse.sales.*");
/// assert!(sales.matches("warehouse.sales.orders"));
/// assert!(!sales.matches("warehouse.hr.people"));
/// assert_eq!(Pattern::new(r"50\% \*").as_literal(), Some("50% *"));
/// assert!(Pattern::exact("a*").matches("a*") && !Pattern::exact("a*").matches("ab"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    parts: Vec<Part>,
    literal: Option<String>,
}

/// One part of a [`Pattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// This character.
    Literal(char),
    /// Exactly one character.
    AnyOne,
    /// Any number of characters.
    AnyText,
}

impl Pattern {
    /// Reads a pattern. Every text is one.
    pub fn new(text: &str) -> Self {
        let mut parts = Vec::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            let part = match char {
                '*' => Part::AnyText,
                '?' => Part::AnyOne,
                '\\' => Part::Literal(chars.next().unwrap_or('\\')),
                literal => Part::Literal(literal),
            };
            // `**` means what `*` means.
            if part != Part::AnyText || parts.last() != Some(&Part::AnyText) {
                parts.push(part);
            }
        }
        Self::from_parts(parts)
    }

    /// Makes a pattern that matches `text` alone.
    pub fn exact(text: &str) -> Self {
        Self::from_parts(text.chars().map(Part::Literal).collect())
    }

    fn from_parts(parts: Vec<Part>) -> Self {
        let literal = parts
            .iter()
            .map(|part| match part {
                Part::Literal(char) => Some(*char),
                _ => None,
            })
            .collect();
        Self { parts, literal }
    }

    /// Returns the one text that matches, if the pattern has no wildcard.
    pub fn as_literal(&self) -> Option<&str> {
        self.literal.as_deref()
    }

    /// Returns the text that every match begins with; may be empty.
    pub fn prefix(&self) -> String {
        let literals = self.parts.iter().map_while(|part| match part {
            Part::Literal(char) => Some(*char),
            _ => None,
        });
        literals.collect()
    }

    /// Lists the parts, for backends that translate the pattern into their own language.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Tells whether the whole of `text` matches. Takes time proportional to pattern × text at most.
    pub fn matches(&self, text: &str) -> bool {
        if let Some(literal) = &self.literal {
            return literal == text;
        }
        // Greedy with one point of return: the last `*` (the matching loop of fnmatch).
        let mut parts = self.parts.as_slice();
        let mut rest = text.chars();
        let mut retry: Option<(&[Part], std::str::Chars<'_>)> = None;
        loop {
            match parts.split_first() {
                Some((Part::AnyText, after)) => {
                    parts = after;
                    retry = Some((after, rest.clone()));
                    continue;
                }
                Some((part, after)) => {
                    let matched = match (part, rest.next()) {
                        (Part::AnyOne, Some(_)) => true,
                        (Part::Literal(wanted), Some(char)) => *wanted == char,
                        _ => false,
                    };
                    if matched {
                        parts = after;
                        continue;
                    }
                }
                None if rest.as_str().is_empty() => return true,
                None => {}
            }
            match &mut retry {
                Some((after, from)) => {
                    if from.next().is_none() {
                        return false;
                    }
                    parts = after;
                    rest = from.clone();
                }
                None => return false,
            }
        }
    }
}

/// Prints the pattern so that [`Pattern::new`] reads it back.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::AnyText => f.write_str("*"),
            Part::AnyOne => f.write_str("?"),
            Part::Literal(char @ ('*' | '?' | '\\')) => write!(f, "\\{char}"),
            Part::Literal(char) => write!(f, "{char}"),
        })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.to_string())
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests;
