//! The page that the table stands in, between two markers.

/// Replaces what stands between the markers of `name`.
pub(super) fn with_table(page: &str, name: &str, table: &str) -> Result<String, String> {
    let (begin, end) = (format!("<!-- bench:{name} -->"), format!("<!-- /bench:{name} -->"));
    let (before, rest) = page.split_once(&begin).ok_or_else(|| format!("lacks the marker {begin}"))?;
    let (_, after) = rest.split_once(&end).ok_or_else(|| format!("lacks the marker {end} after {begin}"))?;
    Ok(format!("{before}{begin}\n\n{}\n\n{end}{after}", table.trim()))
}

#[cfg(test)]
mod tests;
