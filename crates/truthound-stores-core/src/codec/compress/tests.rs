//! Compressed files: damage anywhere is found where the format's checksum can, the end must be where the
//! file ends, and a bomb stops at the limit (R-ANY-17).

use super::*;
use crate::ErrorKind;

/// Every compression that was compiled in.
fn compiled_in() -> impl Iterator<Item = Compression> {
    Compression::ALL
        .into_iter()
        .filter(|compression| *compression != Compression::None && compression.check_available().is_ok())
}

fn undo(compression: Compression, bytes: &[u8], limit: usize) -> Result<Vec<u8>> {
    let limits = Limits::default().with_max_document_bytes(limit);
    decompress(compression, bytes, &limits).map(Cow::into_owned)
}

fn refusal(compression: Compression, bytes: &[u8], limit: usize) -> String {
    let error = undo(compression, bytes, limit).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    error.message().to_owned()
}

/// Some text that compresses, and some that does not.
fn samples() -> [Vec<u8>; 5] {
    let noise = (0..5000_u32).flat_map(|i| i.wrapping_mul(0x9e37_79b1).to_le_bytes()).collect();
    [
        Vec::new(),
        b"{}".to_vec(),
        br#"{"run_id": "run_1", "status": "success"}"#.to_vec(),
        br#"{"validator": "not_null", "column": "id"}"#.repeat(5000),
        noise,
    ]
}

#[test]
fn what_is_compressed_comes_back_and_is_the_same_each_time() {
    for compression in compiled_in() {
        for sample in samples() {
            let compressed = compress(compression, sample.clone()).unwrap();
            assert_eq!(detect(&compressed, Compression::None).unwrap(), compression);
            assert_eq!(compress(compression, sample.clone()).unwrap(), compressed);
            assert_eq!(undo(compression, &compressed, sample.len()).unwrap(), sample);
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_truncated() {
    for compression in compiled_in() {
        for sample in samples().iter().take(3) {
            let whole = compress(compression, sample.clone()).unwrap();
            for end in 0..whole.len() {
                let refused = refusal(compression, &whole[..end], 1 << 20);
                assert!(refused.starts_with("truncated "), "{compression} {end}: {refused}");
            }
        }
    }
}

#[test]
fn a_changed_byte_never_gives_other_data() {
    for compression in compiled_in() {
        let sample = br#"{"run_id": "run_1", "status": "success", "status": "success"}"#;
        let whole = compress(compression, sample.to_vec()).unwrap();
        let mut unnoticed = Vec::new();
        for at in 0..whole.len() {
            for change in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                let mut changed = whole.clone();
                changed[at] ^= change;
                if let Ok(data) = undo(compression, &changed, 1 << 20) {
                    assert_eq!(data, sample, "{compression} byte {at}");
                    unnoticed.push(at);
                }
            }
        }
        unnoticed.dedup();
        // No checksum covers these, and none changes what comes out.
        let harmless: &[usize] = match compression {
            // Flags (one only says that it is text), time, extra flags, operating system.
            Compression::Gzip => &[3, 4, 5, 6, 7, 8, 9],
            // The length of a match that the last sequence of a block does not have.
            Compression::Lz4 => &[51],
            // A bit of the frame's header that is not used.
            Compression::Zstd => &[4],
            Compression::None => &[],
        };
        assert!(unnoticed.iter().all(|at| harmless.contains(at)), "{compression}: {unnoticed:?}");
    }
}

#[test]
fn several_parts_are_joined_and_anything_else_behind_is_refused() {
    for compression in compiled_in() {
        let part = compress(compression, b"[1, ".to_vec()).unwrap();
        let other = compress(compression, b"2]".to_vec()).unwrap();
        let both = [part.as_slice(), &other].concat();
        assert_eq!(undo(compression, &both, 100).unwrap(), b"[1, 2]");
        for behind in [b"x".as_slice(), b"\0", b"\0\0\0\0\0\0\0\0", b"\n", &part[1..]] {
            let refused = refusal(compression, &[part.as_slice(), behind].concat(), 100);
            assert!(refused.starts_with("trailing bytes after the "), "{compression}: {refused}");
        }
        let refused = refusal(compression, &[part.as_slice(), &other[..other.len() - 1]].concat(), 100);
        assert!(refused.starts_with("truncated "), "{compression}: {refused}");
    }
}

#[test]
fn output_stops_at_the_limit() {
    for compression in compiled_in() {
        let mebibyte = compress(compression, vec![b' '; 1 << 20]).unwrap();
        assert!(undo(compression, &mebibyte, 1 << 20).is_ok());
        for limit in [0, 1, 65_536, (1 << 20) - 1] {
            let refused = refusal(compression, &mebibyte, limit);
            assert_eq!(refused, format!("decodes to more than {limit} bytes"), "{compression}");
        }
        // 4 GiB of spaces from a small file.
        let bomb = mebibyte.repeat(4096);
        let out = undo(compression, &bomb, 3 << 20);
        assert_eq!(out.unwrap_err().message(), "decodes to more than 3145728 bytes");
        let empty = compress(compression, Vec::new()).unwrap();
        let refused = refusal(compression, &empty.repeat(10_001), 100);
        assert!(refused.starts_with("more than 10000 times a "), "{refused}");
    }
}

#[cfg(any(feature = "gzip", feature = "lz4", feature = "zstd"))]
#[test]
fn room_grows_by_doubling_and_stays_within_the_limit() {
    let mut out = Vec::new();
    grow(&mut out, 10, 1000);
    assert_eq!(out.capacity(), 10);
    out.resize(10, 0_u8);
    for expected in [20, 40, 80, 100, 100] {
        grow(&mut out, 1, 100);
        assert_eq!(out.capacity(), expected);
        out.resize(out.capacity().min(99), 0);
    }
}

#[test]
fn plain_text_is_bounded_too() {
    assert!(undo(Compression::None, b"{}", 2).is_ok());
    assert_eq!(refusal(Compression::None, b"{}", 1), "decodes to more than 1 bytes");
}
