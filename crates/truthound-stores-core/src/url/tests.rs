use super::*;

fn url(text: &str) -> StoreUrl {
    text.parse().unwrap()
}

#[test]
fn files_have_three_forms() {
    for (text, path) in [
        ("file:///var/lib/runs", "/var/lib/runs"),
        ("file://localhost/var", "/var"),
        ("file:relative/dir", "relative/dir"),
        ("file:with%20space", "with space"),
        ("file:100%", "100%"),
        ("./with%20space", "./with%20space"),
        ("/abs", "/abs"),
        ("plain", "plain"),
        ("C:\\runs", "C:\\runs"),
        ("FILE:/x", "/x"),
    ] {
        assert_eq!(url(text).scheme(), "file", "{text}");
        assert_eq!(url(text).path().unwrap(), path, "{text}");
    }
    assert!(url("file://host/share").path().unwrap_err().to_string().contains("host"));
    assert!("".parse::<StoreUrl>().is_err());
    assert!(url("file:%FF").path().is_err());
}

#[test]
fn options_are_decoded_and_need_values() {
    let parsed = url("s3://b/p?prefix=a%2Fb&endpoint_url=http://127.0.0.1:9000&x=1+1");
    let expected = [("prefix", "a/b"), ("endpoint_url", "http://127.0.0.1:9000"), ("x", "1+1")];
    let params: Vec<_> = parsed.params().iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(params, expected);
    assert!("memory:?a".parse::<StoreUrl>().unwrap_err().to_string().contains("\"a\""));
    assert!(url("memory:?a=1&a=2").options().is_err());
}

/// R-ANY-16: secrets appear in no `Debug` and `Display`.
#[test]
fn secrets_are_never_shown() {
    for text in [
        "postgres://ann:s3cret@db/q",
        "postgres://ann:p@s3cret@db/q",
        "postgres://ann:a/s3cret@db/q",
        "az://c?account_key=s3cret",
        "az://c?sas_token=sv%3D1%26sig%3Ds3cret",
        "az://c?connection_string=AccountKey=s3cret",
        "mysql://db/q?password=s3cret&ssl-mode=required",
        "s3://b?aws_secret_access_key=s3cret",
        "s3://b?replica=postgres://bob:s3cret@db2/q",
        "s3://b?proxy=http://u:s3cret@p",
        "postgres:/ann:s3cret@db",
        "mysql:ann:s3cret@db",
        "postgres:host=db password=s3cret",
        "azure:AccountName=a;AccountKey=s3cret==;EndpointSuffix=x",
        "azure://x;SharedAccessSignature=s3cret",
        "postgres://ann:s3cret",
        "x://c?pass=s3cret",
        "x://c?sas=s3cret",
        "x://c?auth=s3cret",
    ] {
        let shown = format!("{0} {0:?}", url(text));
        assert!(!shown.contains("s3cret"), "{text}: {shown}");
        assert!(shown.contains("***"), "{text}: {shown}");
    }
    for harmless in [
        "s3://b/p?region=eu&endpoint_url=http://127.0.0.1:9000",
        "postgres://ann@db:5432/q",
        "mysql://db:3306",
        "file:///data/a:b@c/d",
        "./a:b@c",
    ] {
        assert_eq!(url(harmless).to_string(), harmless);
    }
    for refused in [" postgres://ann:s3cret@db", "my_db://ann:s3cret@db", "memory: "] {
        let error = refused.parse::<StoreUrl>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

/// A `?` in a password once cut it in two: the second half appeared in errors and, with a `=` in it, in `Display`.
#[test]
fn a_password_that_is_cut_short_is_refused_without_being_shown() {
    for text in
        ["postgres://ann:se?s3cret@db/q", "postgres://ann:se?s3cret=x@db", "mysql://ann:1?s3cret@db?x=1"]
    {
        match text.parse::<StoreUrl>() {
            Err(error) => assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}"),
            Ok(url) => assert!(!format!("{url} {url:?}").contains("s3cret"), "{url}"),
        }
    }
    assert!(url("postgres://db:5432/q?owner=a@b").to_string().contains("5432"));
    let shown = url("x://ann:s3cret@db").to_string();
    assert_eq!(shown, "x://ann:***@db");
    let error = "memory:?s3cr@t".parse::<StoreUrl>().unwrap_err();
    assert!(!error.to_string().contains("s3cr"), "{error}");
}

/// A password was looked for only after the text had been cut at what separates `name=value` from the next: of `ann:se,cret@` the second half was
/// shown, of `ann:12345,67890@` all, as if it were a port, and so was what stood behind a name that sounds secret.
#[test]
fn a_password_may_hold_what_separates_options() {
    for char in "!$&'()*+,;=:@/ ".chars() {
        for text in [format!("postgres://ann:s3{char}cret@db/q"), format!("pg:ann:12345{char}67890@db/q")] {
            let shown = url(&text).to_string();
            assert!(shown.ends_with(":ann:***@db/q") || shown.ends_with("//ann:***@db/q"), "{text}: {shown}");
        }
    }
    for (text, shown) in [
        ("postgres://ann:12345,67890@db/q", "postgres://ann:***@db/q"),
        ("postgres://ann:12345;x=1@db:5432/q", "postgres://ann:***@db:5432/q"),
        ("postgres://ann:mykey=x@db/q", "postgres://ann:***@db/q"),
        ("postgres://ann:a@b:c@db/q", "postgres://ann:***@db/q"),
        ("postgres://ann:se,cret@[::1]:5432/q", "postgres://ann:***@[::1]:5432/q"),
        ("postgres://ann:pw@db/password=x", "postgres://ann:***@db/password=***"),
        // What cannot be told apart is hidden altogether.
        ("sqlserver://db:1433;user=a;password=p@ss", "sqlserver://db:***"),
        ("pg:host=db:1 password=p@ss", "pg:host=db:***"),
        ("pg:password='a b';host=db", "pg:password=***;host=db"),
        ("postgres://ann:12345,67890", "postgres://ann:***"),
        ("postgres://[::1]:se,cret", "postgres://[::1]:***"),
        ("s3://b?proxies=http://a:9000,http://u:se,cret@p", "s3://b?proxies=http://a:***@p"),
    ] {
        assert_eq!(url(text).to_string(), shown, "{text}");
    }
    for harmless in [
        "postgres://ann@db:5432/q",
        "postgres://ann@[::1]:5432/q",
        "postgres://[::1]:5432/q",
        "postgres://[fe80::1]/q",
        "mysql://db1:3306,db2:3307/q",
        "mysql://10.0.0.1:3306,10.0.0.2/q",
        "s3://b/at/12:30",
    ] {
        assert_eq!(url(harmless).to_string(), harmless);
    }
    assert!(url("postgres://[::1]:5432/q?owner=a@b").to_string().contains("5432"));
}

proptest::proptest! {
    /// Whatever a password is made of, nothing of it is shown.
    #[test]
    fn no_password_is_ever_shown(password in "([-._~!$&'()*+,;=:@/A-Za-z0-9]|%[0-9A-F]{2}){1,24}") {
        let shown = url(&format!("postgres://ann:{password}@db/q")).to_string();
        // A name within it that sounds secret hides what follows, too.
        let expected = ["postgres://ann:***@db/q", "postgres://ann:***"];
        proptest::prop_assert!(expected.contains(&&*shown), "{}", shown);
    }
}
