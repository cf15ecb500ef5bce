use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn read(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    unpacked(Cursor::new(bytes))?.read_to_end(&mut all)?;
    Ok(all)
}

#[test]
fn gzip_is_found_by_its_first_bytes_and_members_are_joined() {
    assert_eq!(read([gzip(b"{}"), gzip(b"{\"a\":1}")].concat()).unwrap(), b"{}{\"a\":1}");
    for plain in [&b"{}"[..], b"", b"\x1f", b"x"] {
        assert_eq!(read(plain.to_vec()).unwrap(), plain);
    }
}

/// The error once was "unexpected end of file", as if the file could not be read at all.
#[test]
fn damaged_gzip_is_an_error_that_says_so() {
    let whole = gzip(b"{\"a\":1}");
    for cut in 3..whole.len() {
        let error = read(whole[..cut].to_vec()).unwrap_err();
        assert!(error.to_string().contains("gzip that is damaged or cut off"), "cut at {cut}: {error}");
    }
    assert!(read([whole, b"rubbish".to_vec()].concat()).is_err());
}
