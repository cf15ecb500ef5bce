//! The hashes are the ones that others compute.
#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use super::*;

#[test]
fn known_answers_of_the_standards() {
    let abc = |algorithm: ChecksumAlgorithm| algorithm.hex(b"abc");
    assert_eq!(
        abc(ChecksumAlgorithm::Sha256),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert!(abc(ChecksumAlgorithm::Sha512).starts_with("ddaf35a193617abacc417349ae204131"));
    assert!(abc(ChecksumAlgorithm::Blake3).starts_with("6437b3ac38465133ffb63b75273a8db5"));
    assert_eq!(abc(ChecksumAlgorithm::Sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_eq!(abc(ChecksumAlgorithm::Md5), "900150983cd24fb0d6963f7d28e17f72");
}

#[test]
fn names_are_read_back() {
    for algorithm in ChecksumAlgorithm::ALL {
        assert_eq!(algorithm.to_string().parse::<ChecksumAlgorithm>().unwrap(), algorithm);
    }
    assert!("crc32".parse::<ChecksumAlgorithm>().is_err());
}
