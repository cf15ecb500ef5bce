//! Every format × compression gives back what was written (R-ANY-9, R-ANY-11), whatever the document holds,
//! and no bytes make a reader panic (R-ANY-17).

use proptest::prelude::*;

use super::*;
use crate::ErrorKind;
use crate::json::{Layout, relayout};

/// Every codec that was compiled in.
fn codecs() -> Vec<Codec> {
    let mut codecs = Vec::new();
    for format in Format::ALL {
        for compression in Compression::ALL {
            codecs.push(Codec::new(format, compression));
            codecs.push(Codec::new(format, compression).with_pretty(true));
        }
    }
    codecs.retain(|codec| codec.check_available().is_ok());
    codecs
}

/// Checks that `json` comes back exactly, with its canonical layout, from every codec but YAML where it is refused.
fn check_round_trip(json: &str, yaml_can: bool) {
    let limits = Limits::default();
    let canonical = relayout(json.as_bytes(), Layout::Compact).unwrap();
    for codec in codecs() {
        let encoded = codec.encode(json.as_bytes());
        if codec.format == Format::Yaml && !yaml_can {
            assert_eq!(encoded.unwrap_err().kind(), ErrorKind::Invalid, "{json}");
            continue;
        }
        let name = format!("run{}", codec.extension());
        let decoded = decode(&name, &encoded.unwrap(), &limits).unwrap();
        assert_eq!(String::from_utf8_lossy(&decoded.json), String::from_utf8_lossy(&canonical), "{codec:?}");
        assert_eq!((decoded.format, decoded.compression), (codec.format, codec.compression));
    }
}

#[test]
fn documents_come_back_exactly_from_every_codec() {
    let digits = "7".repeat(300);
    for json in [
        "{}",
        "[]",
        "null",
        "\"\"",
        "1.50",
        r#"{"a":[{}],"b":{"c":[]},"d":[[],[[1]]]}"#,
        "[1.50,-0,-0.0,1E400,-1E400,1e5,1e-05,1E+16,0.1e1,NaN,Infinity,-Infinity,5e-324]",
        "[127,128,255,256,-128,-129,65535,65536,2147483647,2147483648,-2147483648,-2147483649]",
        "[9223372036854775807,9223372036854775808,-9223372036854775808,-9223372036854775809]",
        &format!("[{digits},-{digits},{digits}.{digits},0.{digits}e-{}]", "3".repeat(30)),
        r#"{"z":1,"a":2,"10":3,"9":4,"":5,"é":6,"\u0000":7,"null":8,"NaN":9," a":10,"a: b":11}"#,
        r#""\u0000\u0001\u001f\u007f\u0080\u0085\u009f\u00a0\u2028\u2029\ufeff\ufffe\uffff😀\ud83d\ude00""#,
        r#"["\\","\"","\n","\t","\r\n","\b\f","\/","\\u0041","- a"," # x","'","a\nb\n","  x  ","x\\"]"#,
        r#"["null","~","true","yes","1","1.0","1e5",".inf",".nan","0x1f","2024-01-01","<<","=","---","..."]"#,
    ] {
        check_round_trip(json, true);
    }
    check_round_trip(&["[".repeat(128), "]".repeat(128)].concat(), true);
    check_round_trip(&format!(r#"{{"{}":"{}"}}"#, "k".repeat(5000), "v é".repeat(50_000)), true);
}

#[test]
fn equal_keys_and_halves_of_surrogates_come_back_from_json_and_pickle() {
    check_round_trip(r#"{"a":1,"b":2,"a":3}"#, false);
    check_round_trip(r#"{"a":1,"\u0061":{"x":1,"x":2}}"#, false);
    check_round_trip(r#"["\ud800","\udc00\ud800","x\udbffy"]"#, false);
    check_round_trip(r#"{"\ud800":1}"#, false);
}

#[test]
fn json_is_laid_out_as_python_does() {
    let json = r#"{"a":["é",1.50]}"#.as_bytes();
    let codec = Codec::default();
    assert_eq!(codec.encode(json).unwrap(), br#"{"a": ["\u00e9", 1.50]}"#);
    let pretty = codec.with_pretty(true).encode(json).unwrap();
    assert_eq!(pretty, b"{\n  \"a\": [\n    \"\\u00e9\",\n    1.50\n  ]\n}");
}

#[test]
fn names_of_formats_and_compressions_are_those_of_configurations() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse::<Format>().unwrap(), format);
        assert_eq!(serde_json::to_string(&format).unwrap(), format!("\"{format}\""));
        assert_eq!(serde_json::from_str::<Format>(&format!("\"{format}\"")).unwrap(), format);
    }
    for compression in Compression::ALL {
        assert_eq!(compression.to_string().parse::<Compression>().unwrap(), compression);
        assert_eq!(serde_json::to_string(&compression).unwrap(), format!("\"{compression}\""));
    }
    let error = "xml".parse::<Format>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.message(), "unknown format \"xml\": choose json, yaml or pickle");
    let error = "GZIP".parse::<Compression>().unwrap_err();
    assert_eq!(error.message(), "unknown compression \"GZIP\": choose none, gzip, lz4 or zstd");
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let limits = Limits::default().with_max_document_bytes(20);
    for codec in codecs() {
        let error = codec.encode_within(br#"["0123456789012345678901234567890"]"#, &limits).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.message().contains("the limit is 20 bytes"), "{error}");
        assert!(codec.encode_within(b"[1,2]", &limits).is_ok());
    }
}

#[test]
fn what_is_no_json_is_not_written() {
    for codec in codecs() {
        for text in ["", "{", "[1,]", "nul", "{\"a\":1} x", "a: 1"] {
            assert_eq!(codec.encode(text.as_bytes()).unwrap_err().kind(), ErrorKind::Invalid, "{text}");
        }
    }
}

#[test]
fn what_was_not_compiled_in_cannot_be_written() {
    for format in Format::ALL {
        for compression in Compression::ALL {
            let codec = Codec::new(format, compression);
            let Err(error) = codec.check_available() else { continue };
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.message().contains("build with the feature `"), "{error}");
            assert_eq!(codec.encode(b"{}").unwrap_err().kind(), ErrorKind::Unsupported);
        }
    }
}

/// Texts of JSON strings with all that is difficult for some format.
fn string_text() -> impl Strategy<Value = String> {
    let char = prop_oneof![
        4 => "[a-zA-Z0-9 _./:#,-]",
        1 => Just(r"\n".to_owned()),
        1 => Just(r"\u0000".to_owned()),
        1 => Just(r"\ud83d\ude00".to_owned()),
        1 => Just("\u{85}\u{2028}\u{feff}".to_owned()),
        1 => any::<char>().prop_map(|char| match char {
            '"' | '\\' => format!("\\{char}"),
            '\0'..' ' => format!("\\u{:04x}", u32::from(char)),
            _ => char.to_string(),
        }),
    ];
    let word = prop::sample::select(vec!["null", "yes", "1e5", "~", "-", "<<", ".nan", "true", "0x1"]);
    prop_oneof![
        5 => prop::collection::vec(char, 0..12).prop_map(|chars| chars.concat()),
        1 => word.prop_map(str::to_owned),
    ]
}

fn number_text() -> impl Strategy<Value = String> {
    let exponent = prop_oneof![3 => Just(String::new()), 1 => "[eE][+-]?[0-9]{1,3}"];
    let fraction = prop_oneof![1 => Just(String::new()), 1 => r"\.[0-9]{1,20}"];
    prop_oneof![
        6 => ("-?(0|[1-9][0-9]{0,40})", fraction, exponent).prop_map(|(a, b, c)| a + &b + &c),
        1 => any::<f64>().prop_map(crate::json::python_float),
        1 => any::<i64>().prop_map(|value| value.to_string()),
    ]
}

/// Texts of JSON documents without equal keys.
fn document_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        1 => prop::sample::select(vec!["null", "true", "false"]).prop_map(str::to_owned),
        3 => number_text(),
        3 => string_text().prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let members = prop::collection::vec((string_text(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            members.prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .enumerate()
                    .map(|(index, (key, value))| format!("\"{key}{index}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_document_comes_back_exactly(json in document_text()) {
        check_round_trip(&json, true);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for name in ["x", "x.json", "x.yaml", "x.pkl"] {
            for start in [b"".as_slice(), b"\x1f\x8b\x08", b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd", b"\x80\x04"] {
                if let Ok(decoded) = decode(name, &[start, &bytes].concat(), &Limits::default()) {
                    prop_assert_eq!(&relayout(&decoded.json, Layout::Compact).unwrap(), &decoded.json);
                }
            }
        }
    }

    #[test]
    fn no_text_makes_the_yaml_reader_panic(text in "([\\[\\]{},:?&*!|>#%@'\" \n\tab0.~-]|&a|\\*a|: |- |\n  ){0,60}") {
        if let Ok(decoded) = decode("x.yaml", text.as_bytes(), &Limits::default()) {
            prop_assert_eq!(&relayout(&decoded.json, Layout::Compact).unwrap(), &decoded.json);
        }
    }

    #[test]
    fn a_damaged_file_never_panics(
        json in document_text(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        for codec in codecs() {
            let mut file = codec.encode(json.as_bytes()).unwrap();
            let at = at.index(file.len());
            if cut { file.truncate(at) } else { file[at] = byte }
            let name = format!("x{}", codec.extension());
            let result = decode(&name, &file, &Limits::default());
            if let Err(error) = &result {
                prop_assert_eq!(error.kind(), ErrorKind::Corrupt);
            }
            if codec.compression != Compression::None && let Ok(decoded) = result {
                let canonical = relayout(json.as_bytes(), Layout::Compact).unwrap();
                prop_assert_eq!(decoded.json, canonical);
            }
        }
    }
}
