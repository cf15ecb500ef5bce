use super::{Number, python_float};

/// Bits of floats and what Python 3.11 prints for them.
const PYTHON_REPR: &[(u64, &str)] = &[
    (0x0000_0000_0000_0000, "0.0"),
    (0x8000_0000_0000_0000, "-0.0"),
    (0x3ff0_0000_0000_0000, "1.0"),
    (0xbff0_0000_0000_0000, "-1.0"),
    (0x3ff8_0000_0000_0000, "1.5"),
    (0x3fb9_9999_9999_999a, "0.1"),
    (0x3f50_624d_d2f1_a9fc, "0.001"),
    (0x3f1a_36e2_eb1c_432d, "0.0001"),
    (0x3ee4_f8b5_88e3_68f1, "1e-05"),
    (0x3ee4_f8b5_88e3_68f1, "1e-05"),
    (0x3f1a_3637_1ea5_31a8, "9.999e-05"),
    (0x3f20_2e4b_6ce5_dc68, "0.00012345"),
    (0x430c_6bf5_2634_0000, "1000000000000000.0"),
    (0x4341_c379_37e0_7fff, "9999999999999998.0"),
    (0x4341_c379_37e0_8000, "1e+16"),
    (0x4345_eddb_25e0_4800, "1.2345e+16"),
    (0x437b_69b4_ba63_0f35, "1.2345678901234568e+17"),
    (0x4376_3457_85d8_a000, "1e+17"),
    (0x4480_f0cf_064d_d592, "1e+22"),
    (0x44b5_2d02_c7e1_4af6, "1e+23"),
    (0x54b2_49ad_2594_c37d, "1e+100"),
    (0x7fe1_ccf3_85eb_c8a0, "1e+308"),
    (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
    (0x0000_0000_0000_0001, "5e-324"),
    (0x0010_0000_0000_0000, "2.2250738585072014e-308"),
    (0x000f_ffff_ffff_ffff, "2.225073858507201e-308"),
    (0x4340_0000_0000_0000, "9007199254740992.0"),
    (0x3d30_0000_0000_0000, "5.684341886080802e-14"),
    (0x3d30_0000_0000_0000, "5.684341886080802e-14"),
    (0x3eb0_0000_0000_0000, "9.5367431640625e-07"),
    (0x3ff6_a09e_667f_3bcd, "1.4142135623730951"),
    (0x3fd5_5555_5555_5555, "0.3333333333333333"),
    (0xbe25_798e_e230_8c3a, "-2.5e-09"),
    (0x43e0_0000_0000_0000, "9.223372036854776e+18"),
    (0x43f0_0000_0000_0000, "1.8446744073709552e+19"),
    (0x4011_6666_6666_6666, "4.35"),
    (0x4011_6666_6666_6665, "4.349999999999999"),
    (0x4164_d839_9f76_7c45, "10928588.983213553"),
    (0x5bc8_fbbc_bde5_c099, "1.4186613525849614e+134"),
    (0xb0c1_1fde_cb91_ce37, "-7.571968556055867e-74"),
    (0xd76d_4330_f144_6bea, "-1.4074705188261364e+113"),
    (0xa6eb_8c9e_bd69_fe29, "-3.3339745473042614e-121"),
    (0x87b0_b125_ec1d_7da0, "-1.2342180766211395e-271"),
    (0xd721_0dff_076c_e2ef, "-5.126864004244935e+111"),
    (0xc6a5_3877_7733_0bdb, "-2.1520217579844227e+32"),
    (0x3fc1_ea36_f17f_d374, "0.1399601630397701"),
    (0x0d46_4138_a623_3255, "1.01853664031722e-244"),
    (0x2827_688d_e6a1_6a3b, "2.9704598186234577e-115"),
    (0x5f2d_d97f_1cfb_10f6, "3.0534183338726823e+150"),
    // Ties between two shortest forms, which go to the even digit.
    (0x4313_5262_8201_c571, "1359651899732316.2"),
    (0x430a_f41c_009d_56f2, "948343812631262.2"),
    (0x42ee_cff0_9276_4094, "271027545551364.62"),
    (0x0000_0000_0000_0003, "1.5e-323"),
    (0xc30a_7a4d_dd6d_04ea, "-931603030057117.2"),
];

#[test]
fn floats_are_written_as_python_writes_them() {
    for (bits, expected) in PYTHON_REPR {
        assert_eq!(python_float(f64::from_bits(*bits)), *expected);
    }
    assert_eq!(python_float(f64::NAN), "NaN");
    assert_eq!(python_float(-f64::NAN), "NaN");
    assert_eq!(python_float(f64::INFINITY), "Infinity");
    assert_eq!(python_float(f64::NEG_INFINITY), "-Infinity");
}

#[test]
fn numbers_keep_their_text_and_compare_by_it() {
    let digits = "9".repeat(300);
    for text in ["1.50", "-0", "1E400", "1e-05", "NaN", "-Infinity", &digits] {
        assert_eq!(Number::parse(text).unwrap().to_string(), text);
    }
    assert_ne!(Number::parse("1.0").unwrap(), Number::parse("1").unwrap());
}

#[test]
fn what_is_no_number_is_named_in_the_error() {
    for text in ["", " 1", "1 ", "01", "+1", "1.", ".1", "nan", "inf", "-NaN", "1e", "0x1", "1,0", "é"] {
        let error = Number::parse(text).unwrap_err();
        assert_eq!(error.message(), format!("{text:?} is not a JSON number"));
    }
    assert!(Number::parse(&"x".repeat(1000)).unwrap_err().message().len() < 100);
}

#[test]
fn whole_numbers_are_integers_however_they_are_written() {
    for (text, signed, unsigned) in [
        ("0", Some(0), Some(0)),
        ("-0", Some(0), Some(0)),
        ("-0.0e5", Some(0), Some(0)),
        ("0e99999999999999999999", Some(0), Some(0)),
        ("3.0", Some(3), Some(3)),
        ("1e3", Some(1000), Some(1000)),
        ("1.5e1", Some(15), Some(15)),
        ("1.5E+1", Some(15), Some(15)),
        ("1200e-2", Some(12), Some(12)),
        ("100.00", Some(100), Some(100)),
        ("1205", Some(1205), Some(1205)),
        ("1e-1", None, None),
        ("1.5", None, None),
        ("1.50e0", None, None),
        ("-7", Some(-7), None),
        ("9223372036854775807", Some(i64::MAX), Some(9_223_372_036_854_775_807)),
        ("9223372036854775808", None, Some(9_223_372_036_854_775_808)),
        ("-9223372036854775808", Some(i64::MIN), None),
        ("-9223372036854775809", None, None),
        ("18446744073709551615", None, Some(u64::MAX)),
        ("18446744073709551616", None, None),
        ("1e19", None, Some(10_000_000_000_000_000_000)),
        ("1e20", None, None),
        ("1e99999999999999999999", None, None),
        ("1e-99999999999999999999", None, None),
        ("NaN", None, None),
        ("-Infinity", None, None),
    ] {
        let number = Number::parse(text).unwrap();
        assert_eq!(number.as_i64(), signed, "{text}");
        assert_eq!(number.as_u64(), unsigned, "{text}");
    }
    let long = format!("1.{}", "0".repeat(100_000));
    assert_eq!(Number::parse(&long).unwrap().as_i64(), Some(1));
    let shifted = format!("1{}e-100000", "0".repeat(100_000));
    assert_eq!(Number::parse(&shifted).unwrap().as_i64(), Some(1));
}

#[test]
fn floats_are_the_nearest_ones() {
    let float = |text| Number::parse(text).unwrap().as_f64().to_bits();
    assert_eq!(float("1.50"), 1.5_f64.to_bits());
    assert_eq!(float("-0"), (-0.0_f64).to_bits());
    assert_eq!(float("1E400"), f64::INFINITY.to_bits());
    assert_eq!(float("1e99999999999999999999"), f64::INFINITY.to_bits());
    assert_eq!(float("1e-99999999999999999999"), 0.0_f64.to_bits());
    assert_eq!(float("-Infinity"), f64::NEG_INFINITY.to_bits());
    assert!(Number::parse("NaN").unwrap().as_f64().is_nan());
}

#[test]
fn only_the_three_words_are_not_finite() {
    for (text, finite) in [("NaN", false), ("Infinity", false), ("-Infinity", false), ("1E400", true)] {
        assert_eq!(Number::parse(text).unwrap().is_finite(), finite, "{text}");
    }
}

#[test]
fn numbers_are_made_of_integers_and_finite_floats() {
    assert_eq!(Number::from(i64::MIN).as_str(), "-9223372036854775808");
    assert_eq!(Number::from(u64::MAX).as_str(), "18446744073709551615");
    assert_eq!(Number::from(7_u32).as_i64(), Some(7));
    assert_eq!(Number::try_from(1e-5).unwrap().as_str(), "1e-05");
    assert_eq!(
        Number::try_from(f64::NEG_INFINITY).unwrap_err().message(),
        "-Infinity is not a JSON number: use null, or a string"
    );
}
