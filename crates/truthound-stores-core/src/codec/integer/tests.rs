use super::*;

#[test]
fn powers_of_two_have_their_known_digits() {
    let text = "340282366920938463463374607431768211456"; // 2 ** 128
    let value = Magnitude::from_digits(text, 10).unwrap();
    assert_eq!(value.to_decimal(), text);
    assert_eq!(value, Magnitude::from_digits("100000000000000000000000000000000", 16).unwrap());
    assert_eq!(Magnitude::from_digits("0", 10).unwrap().to_decimal(), "0");
    assert_eq!(Magnitude::from_digits("1000000000", 10).unwrap().to_decimal(), "1000000000");
    assert_eq!(Magnitude::from_digits("777", 8).unwrap().to_decimal(), "511");
    for bad in ["", "1x", "+1", "１"] {
        assert_eq!(Magnitude::from_digits(bad, 10), None, "{bad:?}");
    }
}

/// The bytes are what `pickle.encode_long` of Python gives.
#[cfg(feature = "pickle")]
#[test]
fn twos_complement_is_as_python_writes_it() {
    let cases: [(&str, bool, &[u8]); 9] = [
        ("1", false, &[1]),
        ("1", true, &[0xff]),
        ("127", false, &[0x7f]),
        ("128", false, &[0x80, 0]),
        ("128", true, &[0x80]),
        ("256", true, &[0x00, 0xff]),
        ("32767", true, &[0x01, 0x80]),
        ("4294967296", false, &[0, 0, 0, 0, 1]),
        ("18446744073709551616", true, &[0, 0, 0, 0, 0, 0, 0, 0, 0xff]),
    ];
    for (text, negative, bytes) in cases {
        let value = Magnitude::from_digits(text, 10).unwrap();
        assert_eq!(value.to_twos_complement(negative), bytes, "{text}");
        assert_eq!(Magnitude::from_twos_complement(bytes), (negative, value), "{text}");
    }
}
