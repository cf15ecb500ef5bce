use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1 << 10;

/// Splits `stream`, cut into chunks of the given lengths; the last length repeats.
fn split(stream: &[u8], chunks: &[usize]) -> Vec<Piece> {
    let mut splitter = Splitter::new(LIMIT);
    let mut found = Vec::new();
    let (mut rest, mut lengths) = (stream, chunks.iter().copied());
    let mut length = stream.len().max(1);
    while !rest.is_empty() && !splitter.is_abandoned() {
        length = lengths.next().unwrap_or(length).clamp(1, rest.len());
        let (chunk, after) = rest.split_at(length);
        splitter.feed(chunk, &mut found);
        rest = after;
    }
    splitter.finish(&mut found);
    found
}

fn outline(stream: &str) -> Vec<String> {
    split(stream.as_bytes(), &[])
        .into_iter()
        .map(|piece| match piece.content {
            Content::Document(text) => format!("{} {}", piece.line, String::from_utf8_lossy(&text)),
            Content::Refused(reason) => format!("{} !{reason}", piece.line),
        })
        .collect()
}

fn documents(stream: &str) -> Vec<String> {
    let is_document = |line: &String| !line.contains(" !");
    let text = |line: String| line.split_once(' ').unwrap().1.to_owned();
    outline(stream).into_iter().filter(is_document).map(text).collect()
}

#[test]
fn documents_are_found_in_every_arrangement() {
    for stream in [
        "{\"a\":1}\n{\"b\":NaN}\n",
        "{\"a\":1}{\"b\":NaN}",
        " {\"a\":1}\r\n\r\n{\"b\":NaN} ",
        "[{\"a\":1},{\"b\":NaN}]",
        "[\n  {\"a\":1},\n  {\"b\":NaN}\n]\n",
        "[{\"a\":1}]\n[]\n[{\"b\":NaN}]",
        "\u{feff}{\"a\":1}\n\u{feff}[{\"b\":NaN}]",
    ] {
        assert_eq!(documents(stream), ["{\"a\":1}", "{\"b\":NaN}"], "{stream:?}");
        assert_eq!(outline(stream).len(), 2, "{stream:?}");
    }
}

#[test]
fn brackets_quotes_and_lines_inside_strings_do_not_count() {
    let stream = r#"{"a":"}{][\"\\","b":["\\\"",{"c":"é"}]}"#;
    assert_eq!(documents(stream), [stream]);
    assert_eq!(outline("{\"a\":\n{\"b\":1}}\n\n{\"c\":[\n]}"), ["1 {\"a\":\n{\"b\":1}}", "4 {\"c\":[\n]}"]);
}

/// A line that breaks off must not take the following ones with it (R-ANY-6).
#[test]
fn a_broken_document_does_not_hide_the_next() {
    for broken in [
        "{\"a\":",
        "{\"a\":1,",
        "{\"a\":1",
        "{\"a\":\"text",
        "{\"a\":\"text\\",
        "{\"a\":[1,",
        "{\"a\":[{\"b\":1}",
        "{\"a\":{\"b\":{",
        "{\"a\" 1}",
        "{\"a\":1]}",
        "{a:1}",
        "rubbish {\"x\":1",
        "42",
        "\"text\"",
        "}",
    ] {
        for good in ["{\"ok\":1}\n{\"ok\":2}\n", "{\"ok\":1}\n{\"ok\":2}"] {
            let stream = format!("{{\"ok\":0}}\n{broken}\n{good}");
            assert_eq!(documents(&stream), ["{\"ok\":0}", "{\"ok\":1}", "{\"ok\":2}"], "{broken}");
            let refused: Vec<Piece> = split(stream.as_bytes(), &[]).into_iter().filter(is_refused).collect();
            assert_eq!(refused.len(), 1, "{broken}: {refused:?}");
            assert_eq!((refused[0].line, refused[0].number), (2, 2), "{broken}");
        }
    }
}

fn is_refused(piece: &Piece) -> bool {
    matches!(piece.content, Content::Refused(_))
}

#[test]
fn a_broken_element_of_an_array_does_not_hide_the_next() {
    for broken in ["{\"a\" 1}", "17", "null", "[{\"a\":1}]", "\"a,]\"", "{\"a\":[1}]}"] {
        let stream = format!("[{{\"ok\":0}},{broken},\n{{\"ok\":1}}]\n{{\"ok\":2}}");
        assert_eq!(documents(&stream), ["{\"ok\":0}", "{\"ok\":1}", "{\"ok\":2}"], "{broken}");
        assert_eq!(
            split(stream.as_bytes(), &[]).iter().filter(|piece| is_refused(piece)).count(),
            1,
            "{broken}"
        );
    }
}

/// Such arrays are not JSON; what they hold is read, and the comma is named.
#[test]
fn a_comma_that_separates_nothing_is_named() {
    for (stream, refused) in [
        ("[{\"a\":1},]", 1),
        ("[{\"a\":1},\n]\n", 1),
        ("[,{\"a\":1}]", 1),
        ("[{\"a\":1},,{\"b\":1}]", 1),
        ("[,]", 2),
        ("[{\"a\":1} {\"b\":1}]", 1),
        ("[{\"a\":1},{\"b\":1}]", 0),
        ("[1,{\"a\":1}]", 1),
        ("[[],{\"a\":1}]", 1),
    ] {
        let found = split(stream.as_bytes(), &[]);
        assert_eq!(found.iter().filter(|piece| is_refused(piece)).count(), refused, "{stream}: {found:?}");
        assert_eq!(documents(stream).len(), stream.matches('{').count(), "{stream}");
    }
}

#[test]
fn what_breaks_off_at_the_end_is_refused() {
    for stream in ["{", "{\"a\":\"", "[", "[{},", "{\"a\":{\"b\":1}"] {
        assert!(split(stream.as_bytes(), &[]).last().is_some_and(is_refused), "{stream}");
    }
    assert!(split(b"", &[]).is_empty() && split(b" \n", &[]).is_empty());
}

#[test]
fn the_reason_says_where() {
    let found = outline("{\"ok\":0}\n{\"a\": 1,\n \"b\" 2}");
    assert_eq!(found[1], "2 !not JSON: expected `:` at line 2, column 6 of the document");
    assert_eq!(outline("hello\n")[0], "1 !not JSON: a document begins with `{`, not with `h`");
    assert_eq!(outline("\u{0}")[0], "1 !not JSON: a document begins with `{`, not with the byte 0x00");
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("{{\"a\":{}", "[".repeat(10_000));
    assert!(outline(&deep)[0].contains("nested deeper than 128 levels"), "{:?}", outline(&deep));
    let most = format!("{{\"a\":{}{}}}", "[".repeat(127), "]".repeat(127));
    assert_eq!(documents(&most), [most.as_str()]);
}

#[test]
fn a_document_beyond_the_limit_ends_the_reading() {
    for stream in [
        format!("{{\"a\":\"{}\"}}\n{{}}", "x".repeat(LIMIT)),
        format!("{{\"a\":[{}", "1,".repeat(LIMIT)),
        format!("{}{{}}", " ".repeat(LIMIT + 1)),
        format!("rubbish{}\n{{}}", "x".repeat(LIMIT)),
    ] {
        let found = split(stream.as_bytes(), &[7]);
        assert!(
            matches!(&found.last().unwrap().content, Content::Refused(reason) if reason.contains("not read"))
        );
        assert!(found.iter().all(is_refused), "{found:?}");
    }
    let most = format!("{{\"a\":\"{}\"}}", "x".repeat(LIMIT - 8));
    assert_eq!(documents(&most), [most.as_str()]);
}

proptest! {
    /// Whatever the stream, sound or broken, and however it is cut.
    #[test]
    fn any_chunking_finds_the_same(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("{\"a\":1}"), Just("{\"b\":[{},null,NaN]}"), Just("{\"c\":\"\\\"}é\"}"), Just("\n"), Just("["), Just("]"),
                Just(","), Just("{"), Just("}"), Just("\""), Just(":"), Just("\\"), Just("\n{"), Just("\u{feff}"), Just("x"),
                Just("\"k\":"), Just("1"), Just(" ")
            ],
            0..40,
        ),
        chunks in proptest::collection::vec(1_usize..9, 0..40),
    ) {
        let stream = parts.concat();
        prop_assert_eq!(split(stream.as_bytes(), &chunks), split(stream.as_bytes(), &[]), "{:?}", stream);
    }

    /// What is written is found, in order, as long as every document stands on its own line or in an array.
    #[test]
    fn every_sound_document_is_found(
        texts in proptest::collection::vec("\\PC{0,12}", 0..12),
        in_array: bool,
        chunk in 1_usize..50,
    ) {
        let written: Vec<String> = texts
            .iter()
            .map(|text| truthound_stores::json::Json::from(text.as_str()))
            .map(|text| format!("{{\"text\":{text}}}"))
            .collect();
        let stream = if in_array { format!("[{}]", written.join(",")) } else { written.join("\n") };
        let found: Vec<Content> = split(stream.as_bytes(), &[chunk]).into_iter().map(|piece| piece.content).collect();
        let expected: Vec<Content> = written.into_iter().map(|text| Content::Document(text.into_bytes())).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_bytes_do_harm(bytes: Vec<u8>, chunk in 1_usize..9) {
        split(&bytes, &[chunk]);
    }
}
