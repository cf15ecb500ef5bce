use super::*;

const TEXT: &[u8] = br#"{"run_id": "run_1"}"#;

/// `ZstdCompressor().compress(TEXT)` of Python's zstandard: with the content's size, without checksum.
const WHOLE: &[u8] = b"\x28\xb5\x2f\xfd\x20\x13\x99\x00\x00{\"run_id\": \"run_1\"}";

/// The same through `compressobj()` with `write_checksum=True`: without the content's size.
const STREAM: &[u8] = b"\x28\xb5\x2f\xfd\x04\x58\x99\x00\x00{\"run_id\": \"run_1\"}\x1e\xd2\x37\x79";

#[test]
fn what_python_writes_is_read() {
    assert_eq!(decompress(WHOLE, 100).unwrap(), TEXT);
    assert_eq!(decompress(STREAM, 100).unwrap(), TEXT);
    assert_eq!(decompress(STREAM, TEXT.len()).unwrap(), TEXT);
    assert_eq!(decompress(STREAM, TEXT.len() - 1).unwrap_err().message(), "decodes to more than 18 bytes");
}

#[test]
fn a_size_that_the_header_makes_up_costs_nothing() {
    // A frame that announces 2^63 bytes.
    let liar = b"\x28\xb5\x2f\xfd\xe0\0\0\0\0\0\0\0\x80\x99\x00\x00";
    assert_eq!(decompress(liar, 1 << 20).unwrap_err().message(), "decodes to more than 1048576 bytes");
}

#[test]
fn the_checksum_of_the_content_is_written() {
    assert_eq!(compress(TEXT).unwrap()[4] & 0x04, 0x04);
}

#[test]
fn windows_are_as_large_as_documents_may_be() {
    assert_eq!(window_log(64 << 20), 26);
    assert_eq!(window_log((64 << 20) + 1), 27);
    assert_eq!(window_log(usize::MAX), 27);
    assert_eq!(window_log(0), 23);
}
