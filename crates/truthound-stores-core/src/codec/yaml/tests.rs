//! YAML files must mean the same to Python's `PyYAML` and to readers of YAML 1.2, and no file may
//! cost more than the limits, whatever its aliases claim (R-ANY-17).

use super::*;
use crate::codec::Limits;
use crate::json::{Layout, relayout};
use crate::{Error, ErrorKind, Result};

fn read_text(yaml: &str) -> String {
    String::from_utf8(read(yaml.as_bytes(), &Limits::default()).unwrap()).unwrap()
}

fn written(json: &str) -> String {
    String::from_utf8(write(json.as_bytes(), &Limits::default()).unwrap()).unwrap()
}

fn message(result: Result<Vec<u8>>, kind: ErrorKind) -> String {
    let error: Error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    error.message().to_owned()
}

fn refusal(yaml: &str) -> String {
    message(read(yaml.as_bytes(), &Limits::default()), ErrorKind::Corrupt)
}

/// Checked with `PyYAML` 6.0.3: `yaml.safe_load` gives what `json.loads` gives.
#[test]
fn documents_are_laid_out_in_blocks() {
    let json = concat!(
        r#"{"run_id":"run_1","rows":1.50,"worst":NaN,"tiny":1e-05,"empty":[{},[]],"#,
        r#""nested":[[1,[2]],{"a":null,"b":[true]},"yes"],"a b":{"c":{}},"":"x: y"}"#
    );
    let yaml = r#"run_id: run_1
rows: 1.50
worst: .nan
tiny: !!float 1e-05
empty:
  - {}
  - []
nested:
  - - 1
    - - 2
  - a: null
    b:
      - true
  - "yes"
"a b":
  c: {}
"": "x: y"
"#;
    assert_eq!(written(json), yaml);
    assert_eq!(read_text(yaml), json);
    for (json, yaml) in
        [("{}", "{}\n"), ("[]", "[]\n"), ("1", "1\n"), (r#""""#, "\"\"\n"), ("null", "null\n")]
    {
        assert_eq!(written(json), yaml);
        assert_eq!(read_text(yaml), json);
    }
}

#[test]
fn keys_too_long_for_a_colon_get_a_question_mark() {
    for key in ["k".repeat(2000), "é ".repeat(600)] {
        for json in [
            format!(r#"{{"{key}":1,"b":2}}"#),
            format!(r#"[{{"{key}":{{"{key}":[1,{{"a":[]}}]}}}}]"#),
            format!(r#"{{"{key}":[]}}"#),
        ] {
            let yaml = written(&json);
            assert!(yaml.contains("? "));
            assert_eq!(read_text(&yaml), json);
        }
    }
}

#[test]
fn what_yaml_cannot_hold_is_refused_before_it_is_written() {
    let refused = |json: &str| message(write(json.as_bytes(), &Limits::default()), ErrorKind::Invalid);
    assert!(refused(r#"{"a":1,"b":{},"\u0061":2}"#).contains(r#"the key "a" occurs twice"#));
    assert!(refused(r#"["\ud800"]"#).contains("surrogate"));
    assert!(refused(r#"{"\ud800":1}"#).contains("surrogate"));
    let few = Limits::default().with_max_values(3);
    assert!(write(br#"{"a":1}"#, &few).is_ok());
    assert!(message(write(br#"{"a":[1]}"#, &few), ErrorKind::Invalid).contains("more than 3 keys"));
}

#[test]
fn all_styles_of_yaml_are_read() {
    for (yaml, json) in [
        ("# comment\n%YAML 1.2\n---\na: 1\n...\n", r#"{"a":1}"#),
        ("--- # c\na: 1\n...\n", r#"{"a":1}"#),
        ("\u{feff}a: 1", r#"{"a":1}"#),
        (
            "a: 'it''s'\nb: >\n  one\n  two\n\nc: |-\n  x\n   y\n",
            r#"{"a":"it's","b":"one two\n","c":"x\n y"}"#,
        ),
        ("{a: [1, 'b', \"\\u00e9\\0\"], ? c : d}", r#"{"a":[1,"b","é\u0000"],"c":"d"}"#),
        ("- one\n  two\n- \n- -1", r#"["one two",null,-1]"#),
        (
            "a: !!str 1\nb: !!int \"2\"\nc: !!float 3\nd: ! 4\ne: !!seq []\nf: !!map {}",
            r#"{"a":"1","b":2,"c":3.0,"d":"4","e":[],"f":{}}"#,
        ),
        ("!<tag:yaml.org,2002:str> 1", r#""1""#),
        ("%TAG !e! tag:yaml.org,2002:\n--- !e!str 1", r#""1""#),
        (
            "1: a\nnull: b\ntrue: c\n1.50: d\n0x10: e",
            r#"{"1":"a","null":"b","true":"c","1.50":"d","16":"e"}"#,
        ),
        ("a: &x {b: 1}\n<<: *x", r#"{"a":{"b":1},"<<":{"b":1}}"#),
        ("a: 2024-01-01", r#"{"a":"2024-01-01"}"#),
    ] {
        assert_eq!(read_text(yaml), json, "{yaml:?}");
    }
}

#[test]
fn aliases_stand_for_what_was_anchored() {
    for (yaml, json) in [
        ("[&a x, *a, *a]", r#"["x","x","x"]"#),
        ("a: &a [1, &b {c: d}]\ne: *a\nf: *b", r#"{"a":[1,{"c":"d"}],"e":[1,{"c":"d"}],"f":{"c":"d"}}"#),
        ("[&a 1, {*a : *a}]", r#"[1,{"1":1}]"#),
        ("{&a 1: *a, &b x: *b, &c null: *c}", r#"{"1":1,"x":"x","null":null}"#),
        ("[&a \"q\\\"\", {*a : *a}]", r#"["q\"",{"q\"":"q\""}]"#),
        ("[&a 1, &a 2, *a]", "[1,2,2]"),
        ("[&a , *a]", "[null,null]"),
    ] {
        assert_eq!(read_text(yaml), json, "{yaml:?}");
    }
    assert!(refusal("&a [*a]").contains("stands within what it refers to"));
    assert!(refusal("&a {x: [*a]}").contains("stands within what it refers to"));
    assert!(refusal("[*b]").contains("unknown anchor"));
    assert!(refusal("[&a [], {*a : 1}]").contains("a key of a YAML mapping is a collection"));
}

#[test]
fn a_billion_laughs_stop_at_the_limits() {
    let mut bomb = vec!["a0: &a0 [x]".to_owned()];
    for level in 1..40 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push(format!("a{level}: &a{level} [{aliases}]"));
    }
    assert!(refusal(&bomb.join("\n")).contains("more than 1000000 keys and values"));
    let long = format!("[&a {}, {}]", "x".repeat(1 << 20), vec!["*a"; 100].join(", "));
    assert!(refusal(&long).contains("decodes to more than 67108864 bytes"));
}

/// The parser once took 11 GB for 64 MB of `[a,a,…`: it keeps a flow collection's tokens up to its end.
#[test]
fn flow_collections_that_the_parser_would_hoard_are_refused() {
    let limits = Limits::default().with_max_document_bytes(1 << 20);
    let many = 10_000;
    for (start, item) in [
        ("[", "a,"),
        ("{", "a: b,"),
        ("[", "'a',"),
        ("[", "&a "),
        ("[", "!a "),
        ("[a ", "#\na "),
        ("[\n", "---\n"),
        ("[", "?"),
    ] {
        let refused =
            message(read([start, &item.repeat(many)].concat().as_bytes(), &limits), ErrorKind::Corrupt);
        assert!(refused.contains("too large"), "{start}{item}: {refused}");
    }
    // Many collections, each of which is small, are fine; so are texts.
    let many_small = "- [a, b, {c: d}]\n".repeat(many);
    assert!(read(many_small.as_bytes(), &limits).is_ok());
    let text = format!("[\"{}\"]", "x, ".repeat(8000));
    assert!(read(&write(text.as_bytes(), &limits).unwrap(), &limits).is_ok());
    // What could not be read back is not written.
    let text = format!("[\"{}\"]", "x, ".repeat(9000));
    assert!(message(write(text.as_bytes(), &limits), ErrorKind::Invalid).contains("too large"));
    let texts = format!("[{}1]", format!("\"{}\",", "x, ".repeat(2000)).repeat(20));
    assert!(read(&write(texts.as_bytes(), &limits).unwrap(), &limits).is_ok());
}

#[test]
fn nesting_is_bounded_through_aliases_too() {
    let flow = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert_eq!(read_text(&flow(128)), flow(128));
    assert_eq!(read_text(&written(&flow(128))), flow(128));
    let objects = [r#"{"a":"#.repeat(128), "1".into(), "}".repeat(128)].concat();
    assert_eq!(read_text(&written(&objects)), objects);
    for depth in [129, 200, 10_000] {
        assert!(!refusal(&flow(depth)).is_empty());
        assert!(refusal(&"- ".repeat(depth)).contains("128 levels"));
        assert!(refusal(&"? ".repeat(depth)).contains("collection"));
    }
    let shared = |outer: usize| format!("[&a {}, {}*a{}]", flow(64), "[".repeat(outer), "]".repeat(outer));
    assert!(read(shared(63).as_bytes(), &Limits::default()).is_ok());
    assert!(refusal(&shared(64)).contains("128 levels"));
}

#[test]
fn files_that_are_no_such_document_are_corrupt() {
    for (yaml, part) in [
        ("", "no document"),
        ("# nothing\n", "no document"),
        ("a: 1\n---\nb: 2", "more than one YAML document"),
        ("a: 1\n--- \n", "more than one YAML document"),
        ("a: 1\nb: 2\na: 3", r#"the key "a" occurs twice"#),
        ("1: a\n\"1\": b", r#"the key "1" occurs twice"#),
        ("? [a]\n: 1", "a key of a YAML mapping is a collection"),
        ("{{a: 1}: 1}", "a key of a YAML mapping is a collection"),
        ("a: !!python/object/apply:os.system [id]", "!!python/object/apply:os.system"),
        ("a: !!binary aGk=", "the YAML tag !!binary"),
        ("a: !!timestamp 2024-01-01", "the YAML tag !!timestamp"),
        ("a: !!set {x}", "the YAML tag !!set"),
        ("a: !x y", "the YAML tag !x"),
        ("a: !!int x", "the YAML tag !!int"),
        ("a: !!map [1]", "the YAML tag !!map"),
        ("a: \"\\ud800\"", "invalid Unicode"),
        ("a: \"x", "not YAML"),
        ("a: [1", "not YAML"),
        ("a: b: c", "at line 1, column"),
        ("a: 1\0b: 2", "control character at byte 4"),
        ("a: \u{1b}[31m", "control character at byte 3"),
    ] {
        let refused = refusal(yaml);
        assert!(refused.contains(part), "{yaml:?}: {refused}");
    }
    let latin = message(read(b"a: \xe9", &Limits::default()), ErrorKind::Corrupt);
    assert!(latin.contains("not UTF-8 at byte 3"), "{latin}");
}

#[test]
fn output_is_canonical() {
    let json = read_text("a: \"\\x01\\x7f\\/\\u2028\\b\"\nb: [+1, .5]");
    assert_eq!(relayout(json.as_bytes(), Layout::Compact).unwrap(), json.as_bytes());
}
