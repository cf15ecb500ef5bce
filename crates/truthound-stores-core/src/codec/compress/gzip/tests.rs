use super::*;

const TEXT: &[u8] = br#"{"run_id": "run_1"}"#;

/// `gzip.compress(TEXT, mtime=0)` of Python 3.11.
const PYTHON: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x2a\xcd\x8b\xcf\x4c\x51\xb2\x52\
    \x00\xb3\x0c\x95\x6a\x01\x80\x39\xac\x98\x13\x00\x00\x00";

#[test]
fn what_python_writes_is_read() {
    assert_eq!(decompress(PYTHON, 100).unwrap(), TEXT);
}

#[test]
fn no_time_and_no_name_are_written() {
    let written = compress(TEXT).unwrap();
    assert_eq!(written[..8], PYTHON[..8]);
    assert_eq!(written[9], 0xff);
}

#[test]
fn a_name_in_the_header_is_passed_over() {
    let mut named = PYTHON.to_vec();
    named[3] = 0x08;
    named.splice(10..10, *b"run_1.json\0");
    assert_eq!(decompress(&named, 100).unwrap(), TEXT);
}
