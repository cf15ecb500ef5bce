use super::*;

#[test]
fn a_share_is_rounded_towards_the_failures() {
    for (rate, shown) in [
        (1.0, "100%"),
        (0.0, "0%"),
        (0.8, "80%"),
        (0.57, "57%"),
        (0.29, "29%"),
        (3.0 / 7.0, "42.8%"),
        (0.9999, "99.9%"),
    ] {
        assert_eq!(percent(rate), shown, "{rate}");
    }
}

#[test]
fn times_before_1970_lose_their_fraction_too() {
    let time: Timestamp = "1969-12-31T23:59:58.25Z".parse().unwrap();
    assert_eq!(to_the_second(time).to_string(), "1969-12-31T23:59:58Z");
}

#[test]
fn times_and_sizes_have_the_unit_that_suits_them() {
    for (value, shown) in [
        (0.0, "0 µs"),
        (0.25, "250 µs"),
        (1.5, "1.50 ms"),
        (42.0, "42.0 ms"),
        (250.4, "250 ms"),
        (1500.0, "1.5 s"),
        (90_000.0, "1.5 min"),
    ] {
        assert_eq!(millis(value), shown);
    }
    for (value, shown) in
        [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 20, "5.0 MiB"), (3 << 30, "3.0 GiB")]
    {
        assert_eq!(size(value), shown);
    }
}
