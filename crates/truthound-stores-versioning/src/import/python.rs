//! Documents as Python's `json.dumps(…, sort_keys=True)` writes them: what Truthound takes its checksums of.

use truthound_stores_core::json::{Layout, Token, Tokens, relayout};
use truthound_stores_core::{Error, Result};

/// Writes a document with the names of each object in the order of their code points.
pub(super) fn sorted_dump(document: &[u8]) -> Result<Vec<u8>> {
    // Python's spaces and escapes; only the order is left to do.
    let spaced = relayout(document, Layout::Spaced)?;
    let mut tokens = Tokens::new(&spaced);
    let first = next(&mut tokens)?;
    let mut out = String::with_capacity(spaced.len());
    value(&mut tokens, first, &mut out)?;
    Ok(out.into_bytes())
}

fn next<'a>(tokens: &mut Tokens<'a>) -> Result<Token<'a>> {
    tokens.next().unwrap_or_else(|| Err(Error::invalid("the document ends in the middle")))
}

/// Writes one value. Documents nest no deeper than the reader of tokens allows.
fn value<'a>(tokens: &mut Tokens<'a>, token: Token<'a>, out: &mut String) -> Result<()> {
    match token {
        Token::Null => out.push_str("null"),
        Token::Bool(known) => out.push_str(if known { "true" } else { "false" }),
        Token::Number(text) => out.push_str(text),
        Token::String(text) | Token::Key(text) => quoted(text.raw(), out),
        Token::BeginArray => {
            out.push('[');
            let mut is_first = true;
            loop {
                match next(tokens)? {
                    Token::EndArray => break,
                    item => {
                        out.push_str(if is_first { "" } else { ", " });
                        value(tokens, item, out)?;
                        is_first = false;
                    }
                }
            }
            out.push(']');
        }
        Token::BeginObject => object(tokens, out)?,
        Token::EndArray | Token::EndObject => return Err(Error::invalid("a bracket closes nothing")),
    }
    Ok(())
}

fn object(tokens: &mut Tokens<'_>, out: &mut String) -> Result<()> {
    let mut members: Vec<(Vec<u32>, String)> = Vec::new();
    while let Token::Key(name) = next(tokens)? {
        // Python orders by code points, of which half a surrogate pair is one.
        let order = name.chars_or_surrogates().map(|unit| unit.map_or_else(u32::from, u32::from)).collect();
        let mut member = String::new();
        quoted(name.raw(), &mut member);
        member.push_str(": ");
        let first = next(tokens)?;
        value(tokens, first, &mut member)?;
        members.push((order, member));
    }
    members.sort();
    let members: Vec<String> = members.into_iter().map(|(_, member)| member).collect();
    out.push('{');
    out.push_str(&members.join(", "));
    out.push('}');
    Ok(())
}

fn quoted(raw: &str, out: &mut String) {
    out.push('"');
    out.push_str(raw);
    out.push('"');
}

/// Writes a result under another id.
pub(super) fn renamed(document: &[u8], id: &str) -> Result<Vec<u8>> {
    let mut writer = truthound_stores_core::json::Writer::new(Layout::Compact);
    let (mut depth, mut is_id) = (0_usize, false);
    for token in Tokens::new(document) {
        let token = token?;
        match token {
            Token::String(_) if is_id => writer.string(id)?,
            token => writer.token(token)?,
        }
        is_id = depth == 1 && matches!(token, Token::Key(name) if name.decode() == "run_id");
        match token {
            Token::BeginArray | Token::BeginObject => depth += 1,
            Token::EndArray | Token::EndObject => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_by_code_points_and_texts_are_escaped_as_python_does() {
        let text = r#"{"b":1e-05,"é":"ß\"\u0001","a":{"z":[],"B":{}},"𝄞":-Infinity,"\ud834x":true}"#;
        let wanted = r#"{"a": {"B": {}, "z": []}, "b": 1e-05, "\u00e9": "\u00df\"\u0001", "\ud834x": true, "\ud834\udd1e": -Infinity}"#;
        assert_eq!(String::from_utf8(sorted_dump(text.as_bytes()).unwrap()).unwrap(), wanted);
    }

    #[test]
    fn only_the_id_of_the_document_changes() {
        let text = br#"{"results":[{"run_id":"x"}],"run_id":"x__v2","tags":{"run_id":"x"},"rate":1.50}"#;
        let wanted = r#"{"results":[{"run_id":"x"}],"run_id":"x","tags":{"run_id":"x"},"rate":1.50}"#;
        assert_eq!(String::from_utf8(renamed(text, "x").unwrap()).unwrap(), wanted);
    }
}
