use proptest::prelude::*;

use super::{plain, plain_ascii};

/// Bytes on both sides of each border, so that a wrong comparison shows.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let border = prop::sample::select(b"\0\x1f\x20!\"#[\\]~\x7f\x80\x9f\xa2\xdc\xff".to_vec());
    prop::collection::vec(prop_oneof![6 => Just(b'a'), 1 => border, 1 => any::<u8>()], 0..40)
}

proptest! {
    #[test]
    fn words_find_what_single_bytes_find(bytes in bytes()) {
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        let end = bytes.iter().position(special).unwrap_or(bytes.len());
        prop_assert_eq!(plain(&bytes), end);
        let ascii_end = bytes.iter().position(|byte| special(byte) || *byte >= 0x7f);
        prop_assert_eq!(plain_ascii(&bytes), ascii_end.unwrap_or(bytes.len()));
    }
}
