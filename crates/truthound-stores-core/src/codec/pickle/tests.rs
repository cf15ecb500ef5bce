//! Pickles come from anywhere. Reading one must never import, call or exhaust anything (R-ANY-17), and
//! what Python wrote must be read as `json.dumps` of it would say.

mod python;

use super::*;
use crate::ErrorKind;
use crate::codec::integer::Magnitude;
use crate::json::{Layout, relayout};

fn read(bytes: &[u8]) -> Result<Vec<u8>> {
    super::read(bytes, &Limits::default())
}

fn read_text(bytes: &[u8]) -> String {
    String::from_utf8(read(bytes).unwrap()).unwrap()
}

/// Returns the message of the `Corrupt` that reading must give.
fn refusal(bytes: &[u8]) -> String {
    let error = read(bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    error.message().to_owned()
}

fn written(json: &str) -> Vec<u8> {
    write(json.as_bytes(), &Limits::default()).unwrap()
}

fn from_hex(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn pickles_of_every_protocol_are_read_as_python_means_them() {
    for (protocol, hex) in python::PICKLES.into_iter().enumerate() {
        assert_eq!(read_text(&from_hex(hex)), python::SAMPLE, "protocol {protocol}");
    }
}

#[test]
fn python_gets_plain_data_from_what_is_written() {
    // Checked with `pickletools.dis`: no opcode but plain ones.
    let expected = [
        b"\x80\x04}(\x8c\x01a](K\x01M\x00\x01J\xff\xff\xff\xff\x8a\x05\x00\x00\x00\x80\x00e".as_slice(),
        b"\x8c\x01b}\x8c\x01c]\x8c\x01d\x8c\x04x\xc3\xa9\n\x8c\x01eG?\xf8\x00\x00\x00\x00\x00\x00u.",
    ]
    .concat();
    assert_eq!(written(r#"{"a":[1,256,-1,2147483648],"b":{},"c":[],"d":"xé\n","e":1.5}"#), expected);
}

#[test]
fn the_text_of_a_number_that_python_would_write_otherwise_is_pushed_and_popped() {
    assert_eq!(written("1.50"), b"\x80\x04\x8c\x041.500G?\xf8\x00\x00\x00\x00\x00\x00.");
    assert_eq!(written("-0"), b"\x80\x04\x8c\x02-00K\x00.");
    for text in ["1.50", "-0", "1E400", "-1e400", "1e5", "0.10", "100000000000000000000.0"] {
        assert_eq!(read_text(&written(text)), text);
    }
}

#[test]
fn a_popped_text_counts_only_for_the_number_it_stands_for() {
    let one = b"G?\xf0\x00\x00\x00\x00\x00\x00.".as_slice();
    let with = |before: &[u8]| read_text(&[b"\x80\x04", before, one].concat());
    assert_eq!(with(b"\x8c\x041.000"), "1.00");
    // Another value, no number, no float, not JSON, something in between.
    assert_eq!(with(b"\x8c\x032.00"), "1.0");
    assert_eq!(with(b"\x8c\x03one0"), "1.0");
    assert_eq!(with(b"\x8c\x0110"), "1.0");
    assert_eq!(with(b"\x8c\x0301.0"), "1.0");
    assert_eq!(with(b"\x8c\x05[1.0]0"), "1.0");
    assert_eq!(with(b"\x8c\x041.000N0"), "1.0");
    assert_eq!(with(b"\x8c\x041.00\x940"), "1.0");
    // An integer has one text only.
    assert_eq!(read_text(b"\x80\x04\x8c\x015\x30K\x01."), "1");
    assert_eq!(read_text(b"\x80\x04\x8c\x02-0\x30K\x01."), "1");
}

#[test]
fn keys_become_text_as_json_dumps_makes_them() {
    // {1: 1, True: 2, None: 3, 2.5: 4}, with equal keys kept as they come.
    let pickle = b"\x80\x04}(K\x01K\x01\x88K\x02NK\x03G@\x04\x00\x00\x00\x00\x00\x00K\x04u.";
    assert_eq!(read_text(pickle), r#"{"1":1,"true":2,"null":3,"2.5":4}"#);
    assert!(refusal(b"\x80\x04})N\x73.").contains("a key that is a tuple"));
}

#[test]
fn halves_of_surrogate_pairs_survive_and_pairs_join() {
    let halves = r#""\udc00x\ud800""#;
    assert_eq!(read_text(&written(halves)), halves);
    assert_eq!(read_text(b"\x8c\x03\xed\xa0\x80."), r#""\ud800""#);
    // Python can hold the two halves apart; JSON cannot.
    assert_eq!(read_text(b"\x8c\x06\xed\xa0\xbd\xed\xb8\x80."), r#""😀""#);
    assert_eq!(read_text("V\\ud83d\\ude00\\u00e9\u{e9}\n.".as_bytes()), "\"😀éÃ©\"");
}

#[test]
fn what_would_run_code_is_refused_and_named() {
    let cases: [(&[u8], &str); 16] = [
        (b"cos\nsystem\n(S'id'\ntR.", "`os.system` (opcode GLOBAL at byte 0)"),
        (
            b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.",
            "`os.system` (opcode STACK_GLOBAL at byte 14)",
        ),
        (b"\x80\x02NN\x93.", "something (opcode STACK_GLOBAL at byte 4)"),
        (b"(S'id'\nios\nsystem\n.", "`os.system` (opcode INST at byte 7)"),
        (b"\x80\x02]N\x85R.", "something (opcode REDUCE at byte 5)"),
        (b"\x80\x02]}b.", "something (opcode BUILD at byte 4)"),
        (b"\x80\x02(]o.", "something (opcode OBJ at byte 4)"),
        (b"\x80\x02])\x81.", "something (opcode NEWOBJ at byte 4)"),
        (b"\x80\x04])}\x92.", "something (opcode NEWOBJ_EX at byte 5)"),
        (b"\x80\x02\x82\x01.", "something (opcode EXT1 at byte 2)"),
        (b"\x80\x02\x83\x01\x00.", "something (opcode EXT2 at byte 2)"),
        (b"\x80\x02\x84\x01\x00\x00\x00.", "something (opcode EXT4 at byte 2)"),
        (b"Pid\n.", "`id` (opcode PERSID at byte 0)"),
        (b"NQ.", "something (opcode BINPERSID at byte 1)"),
        (b"\x80\x05\x97.", "something (opcode NEXT_BUFFER at byte 2)"),
        (b"\x80\x05N\x98.", "something (opcode READONLY_BUFFER at byte 3)"),
    ];
    for (pickle, what) in cases {
        assert_eq!(refusal(pickle), format!("the pickle would import or call {what}: refused"));
    }
    // A name cannot forge lines or flood a log.
    let flood = [b"c\x1b[31m".as_slice(), &b"x".repeat(10_000), b"\nf\n."].concat();
    let message = refusal(&flood);
    assert!(message.len() < 250 && !message.contains('\x1b'), "{message}");
}

#[test]
fn data_without_a_form_in_json_is_refused() {
    for pickle in [b"\x80\x03C\x01x.".as_slice(), b"B\x01\x00\x00\x00x.", b"\x80\x05\x96", b"\x80\x04\x8e"] {
        assert!(refusal(pickle).contains("holds bytes"), "{pickle:?}");
    }
    for pickle in [b"\x80\x04\x8f.".as_slice(), b"\x80\x04(\x91.", b"\x80\x04\x90."] {
        assert!(refusal(pickle).contains("holds a set"), "{pickle:?}");
    }
    for pickle in [b"S'\\x41'\n.".as_slice(), b"U\x01\xe9.", b"S'\xc3\xa9'\n.", b"S'x\n."] {
        assert!(refusal(pickle).contains("byte string"), "{pickle:?}");
    }
    assert_eq!(read_text(b"S'ab'\n."), r#""ab""#);
    assert_eq!(read_text(b"U\x02ab."), r#""ab""#);
}

#[test]
fn broken_pickles_are_corrupt() {
    for pickle in [
        b"".as_slice(),
        b".",
        b"N",
        b"NN.",
        b"(N.",
        b"N.N",
        b"0.",
        b"1.",
        b"2.",
        b"(0(.",
        b"(2.",
        b"N(s.",
        b"]N(a.",
        b"\x80\x06N.",
        b"\x80\x04\xff.",
        b"h\x00.",
        b"g1\n.",
        b"gx\n.",
        b"g-1\n.",
        b"p0\n.",
        b"\x94.",
        b"Na.",
        b"NNNs.",
        b"N(Ne.",
        b"}(Nu.",
        b"(Nd.",
        b"t.",
        b"N\x86.",
        b"I1_0\n.",
        b"I 1\n.",
        b"I0x1\n.",
        b"I010\n.",
        b"I\n.",
        b"L\n.",
        b"F1_0\n.",
        b"Finfinity\n.",
        b"F\n.",
        b"Fe5\n.",
        b"Vx\\u12\n.",
        b"V\\U00110000\n.",
        b"X\x01\x00\x00\x00\xff.",
        b"\x8c\x02\xc3(.",
        b"\x8c\x03\xed\xa0.",
        b"T\xff\xff\xff\xff.",
        b"\x8b\xff\xff\xff\xff.",
        b"\x8b\xff\xff\xff\x7f.",
        b"X\xff\xff\xff\xffabc.",
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.",
        b"\x95\xff\xff\xff\xff\xff\xff\xff\xffN.",
        b"\x95\x05\x00\x00\x00\x00\x00\x00\x00N.",
    ] {
        refusal(pickle);
    }
}

#[test]
fn a_pickle_cut_anywhere_is_corrupt() {
    for hex in python::PICKLES {
        let whole = from_hex(hex);
        for end in 0..whole.len() {
            refusal(&whole[..end]);
        }
    }
}

#[test]
fn nesting_is_bounded_and_containing_oneself_is_corrupt() {
    let nested = |depth: usize| {
        let json = ["[".repeat(depth), "]".repeat(depth)].concat();
        (json, [b"]".repeat(depth), b"a".repeat(depth - 1), b".".to_vec()].concat())
    };
    let (json, pickle) = nested(128);
    assert_eq!(read_text(&pickle), json);
    assert_eq!(read_text(&written(&json)), json);
    for depth in [129, 10_000, 100_000] {
        assert!(refusal(&nested(depth).1).contains("128 levels"), "{depth}");
        assert!(refusal(&b"(".repeat(depth)).contains("128 levels"), "{depth}");
    }
    // x = []; x.append(x), the same for a dict, and a tuple within its own list.
    assert!(refusal(b"\x80\x04]\x94h\x00a.").contains("contains itself"));
    assert!(refusal(b"\x80\x04}\x94\x8c\x01xh\x00s.").contains("contains itself"));
    assert!(refusal(b"\x80\x04]\x94h\x00\x85\x94ah\x01.").contains("values left over"));
    assert!(refusal(b"\x80\x04]\x94h\x00\x85a.").contains("contains itself"));
}

#[test]
fn references_that_multiply_are_stopped_by_the_limits() {
    // Each list holds the one before ten times: 10^30 values from a few hundred bytes.
    let mut bomb = b"\x80\x04]\x940".to_vec();
    for level in 0..30_u8 {
        bomb.extend([b'h', level, b'0', b']', b'(']);
        bomb.extend([b'h', level].repeat(10));
        bomb.extend([b'e', 0x94, b'0']);
    }
    bomb.extend([b'h', 30, b'.']);
    assert!(refusal(&bomb).contains("more than 1000000 keys and values"));
    // One text of 1 MiB a hundred times.
    let mut long = b"X\x00\x00\x10\x00".to_vec();
    long.extend(b"x".repeat(1 << 20));
    long.extend(b"\x940](");
    long.extend(b"h\x00".repeat(100));
    long.extend(b"e.");
    assert!(refusal(&long).contains("decodes to more than 67108864 bytes"));
}

#[test]
fn what_never_shows_is_bounded_too() {
    let limits = Limits::default().with_max_values(1000);
    let refused = |pickle: &[u8]| super::read(pickle, &limits).unwrap_err().message().to_owned();
    assert!(refused(&b"N".repeat(10_000)).contains("more than 1000 keys and values"));
    assert!(refused(&b"N0".repeat(10_000)).contains("more than 1000 keys and values"));
    assert!(refused(&[b"N".to_vec(), b"2".repeat(10_000)].concat()).contains("more than 1000"));
    let puts: Vec<u8> =
        (0..1000_u32).flat_map(|i| [[b'r'].to_vec(), i.to_le_bytes().to_vec()].concat()).collect();
    assert!(refused(&[b"N".to_vec(), puts, b".".to_vec()].concat()).contains("remembers"));
    assert!(refused(&[b"N".to_vec(), b"\x94".repeat(10)].concat()).contains("remembers"));
}

#[test]
fn integers_end_at_the_digits_python_reads() {
    let most = "9".repeat(4300);
    for text in [most.clone(), format!("-{most}")] {
        assert_eq!(read_text(&written(&text)), text);
        assert_eq!(read_text(format!("I{text}\n.").as_bytes()), text);
    }
    let error = write(format!("{most}9").as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("an integer of 4301 digits"), "{error}");
    let huge = [b"\x8b\x00\x00\x10\x00".to_vec(), vec![0x7f; 1 << 20], b".".to_vec()].concat();
    assert!(refusal(&huge).contains("more than 4300 digits"));
    assert!(refusal(format!("I{most}9\n.").as_bytes()).contains("more than 4300 digits"));
    assert!(refusal(format!("L{most}9L\n.").as_bytes()).contains("more than 4300 digits"));
}

#[test]
fn edges_of_every_integer_opcode_round_trip() {
    for power in [7, 8, 15, 16, 31, 32, 62, 63, 64, 127, 128, 2040] {
        let digits = format!("1{}", "0".repeat(power));
        let value = Magnitude::from_digits(&digits, 2).unwrap().to_decimal();
        for text in [value.clone(), format!("-{value}")] {
            assert_eq!(read_text(&written(&text)), text);
        }
    }
}

#[test]
fn a_document_that_could_not_be_read_back_is_not_written() {
    let limits = Limits::default().with_max_values(3);
    assert!(write(b"[1,2]", &limits).is_ok());
    let error = write(b"[1,2,3]", &limits).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(super::read(&written("[1,2,3]"), &limits).unwrap_err().kind(), ErrorKind::Corrupt);
    assert!(super::read(&written("[1,2]"), &limits).is_ok());
}

#[test]
fn opcodes_that_are_in_no_sample_are_carried_out() {
    // LIST, DICT, SETITEM, DUP, POP_MARK, POP of a mark, BINUNICODE8, TUPLE1, LONG_BINPUT, LONG_BINGET, EMPTY_TUPLE.
    assert_eq!(read_text(b"(K\x01K\x02l."), "[1,2]");
    assert_eq!(read_text(b"(Va\nNd."), r#"{"a":null}"#);
    assert_eq!(read_text(b"}Va\nNs."), r#"{"a":null}"#);
    assert_eq!(read_text(b"](NNe2\x86."), "[[null,null],[null,null]]");
    assert_eq!(read_text(b"N(NN1."), "null");
    assert_eq!(read_text(b"N(0."), "null");
    assert_eq!(read_text(b"\x8d\x02\x00\x00\x00\x00\x00\x00\x00ab."), r#""ab""#);
    assert_eq!(read_text(b"](\x88r\x00\x00\x01\x00\x89j\x00\x00\x01\x00e."), "[true,false,true]");
    assert_eq!(read_text(b"\x80\x02)\x85."), "[[]]");
    assert_eq!(read_text(b"\x8a\x00."), "0");
    assert_eq!(read_text(b"Fnan\n."), "NaN");
    assert_eq!(read_text(b"F-inf\n."), "-Infinity");
    assert_eq!(read_text(b"F1\n."), "1.0");
}

#[test]
fn output_is_canonical() {
    for hex in python::PICKLES {
        let json = read(&from_hex(hex)).unwrap();
        assert_eq!(relayout(&json, Layout::Compact).unwrap(), json);
    }
}
