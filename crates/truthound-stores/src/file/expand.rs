//! `${NAME}` in text values.

use truthound_stores_core::{Error, Result};

/// Replaces each `${NAME}` by the variable's value, once: what a value holds is not looked at again. `$${` becomes `${`;
/// any other `$` stays.
///
/// # Errors
/// Names `key` and the variable that is not set. Neither values nor what is no name are shown: they may be secret.
pub(super) fn expand(key: &str, text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str("${");
            rest = after;
            continue;
        }
        expanded.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            return Err(Error::invalid(format!(
                "{key} has a ${{ without its }}: write $${{ for the characters themselves"
            )));
        };
        if !is_name(name) {
            return Err(Error::invalid(format!(
                "{key} has a ${{}} that holds no variable's name: write letters, digits and underscores, no digit first, or \
                 $${{ for the characters themselves"
            )));
        }
        let value = lookup(name).ok_or_else(|| {
            Error::invalid(format!("{key} needs the environment variable {name}, which is not set"))
        })?;
        expanded.push_str(&value);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests;
