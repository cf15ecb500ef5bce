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
