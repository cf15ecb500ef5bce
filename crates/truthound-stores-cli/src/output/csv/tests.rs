use super::*;

#[test]
fn fields_are_quoted_only_where_they_must_be() {
    assert_eq!(line(["plain", "", "a b"]), "plain,,a b\r\n");
    assert_eq!(
        line(["a,b", "say \"x\"", "two\nlines", "cr\r"]),
        "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\"cr\r\"\r\n"
    );
}
