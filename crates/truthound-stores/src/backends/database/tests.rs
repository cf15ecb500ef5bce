use super::*;

fn placed(url: &str) -> Result<Options> {
    let url: StoreUrl = url.parse()?;
    let options = url.options()?;
    Database.place(&url, options)
}

#[test]
fn what_is_the_drivers_stays_in_the_url_and_all_else_is_an_option() {
    let options =
        placed("postgresql://ann:s%20x@db/quality?sslmode=require&pool_size=7&options=-c%20a%3Db").unwrap();
    let url = options.get("connection_url").and_then(|url| url.as_str()).unwrap();
    assert_eq!(url, "postgresql://ann:s%20x@db/quality?sslmode=require&options=-c%20a%3Db");
    assert_eq!(options.get("pool_size").and_then(|size| size.as_str()), Some("7"));
    assert!(options.get("sslmode").is_none());
}

#[test]
fn a_database_is_named_once() {
    let url: StoreUrl = "sqlite:a.db".parse().unwrap();
    let error = Database.place(&url, Options::new().with("connection_url", "sqlite:b.db")).unwrap_err();
    assert!(error.to_string().contains("connection_url"), "{error}");
}
