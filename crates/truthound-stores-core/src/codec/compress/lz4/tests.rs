use super::*;

const TEXT: &[u8] = br#"{"run_id": "run_1"}"#;

/// `lz4.frame.compress(TEXT)` of Python's lz4 4.4: with the content's size, without its checksum.
const PYTHON: &[u8] = b"\x04\x22\x4d\x18\x68\x40\x13\x00\x00\x00\x00\x00\x00\x00\xfa\x13\x00\x00\x80\
    {\"run_id\": \"run_1\"}\x00\x00\x00\x00";

#[test]
fn what_python_writes_is_read_up_to_its_end_mark() {
    assert_eq!(decompress(PYTHON, 100).unwrap(), TEXT);
    let cut = decompress(&PYTHON[..PYTHON.len() - 4], 100).unwrap_err();
    assert_eq!(cut.message(), "truncated lz4 frame");
}

#[test]
fn the_checksum_of_the_content_is_written() {
    let written = compress(TEXT).unwrap();
    assert_eq!(written[4] & 0x04, 0x04);
    assert_eq!(frame_length(&written), Some(written.len()));
}

#[test]
fn empty_blocks_within_a_frame_do_not_end_it() {
    let mut frame = PYTHON.to_vec();
    // A compressed block of one byte: no literals, no match.
    frame.splice(15..15, [1, 0, 0, 0, 0].repeat(3));
    assert_eq!(decompress(&frame, 100).unwrap(), TEXT);
}
