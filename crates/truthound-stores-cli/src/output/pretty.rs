//! Documents laid out for people.

/// Lays canonical JSON out with an item a line, indented by two, text as it reads.
///
/// Unlike [`Layout::Pretty`](truthound_stores::json::Layout::Pretty), which is byte for byte what Python writes, other
/// scripts stay readable. Control characters are escaped so that none reaches the terminal.
pub(crate) fn pretty(canonical: &str) -> String {
    let mut laid = String::with_capacity(canonical.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = canonical.chars().peekable();
    let new_line = |laid: &mut String, depth: usize| {
        laid.push('\n');
        laid.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(char) = chars.next() {
        if in_string {
            if char.is_control() {
                // Outside ASCII only: the canonical form has no others in strings but U+007F.
                laid.extend(["\\u00", &format!("{:02x}", u32::from(char))]);
            } else {
                laid.push(char);
            }
            in_string = escaped || char != '"';
            escaped = !escaped && char == '\\';
            continue;
        }
        match char {
            '{' | '[' => {
                laid.push(char);
                if let Some(end) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    laid.push(end);
                } else {
                    depth += 1;
                    new_line(&mut laid, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut laid, depth);
                laid.push(char);
            }
            ',' => {
                laid.push(char);
                new_line(&mut laid, depth);
            }
            ':' => laid.push_str(": "),
            _ => {
                in_string = char == '"';
                laid.push(char);
            }
        }
    }
    laid
}

#[cfg(test)]
mod tests;
