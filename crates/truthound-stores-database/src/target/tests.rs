use super::*;

fn target(url: &str) -> Result<Target> {
    Target::new(&SecretString::from(url))
}

fn refusal(url: &str) -> String {
    match target(url) {
        Ok(target) => panic!("{url} is taken for {}", target.location),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_sqlalchemy_calls_the_driver_is_ignored() {
    for scheme in ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg"] {
        let target = target(&format!("{scheme}://ann:secret@db:5433/quality?sslmode=require")).unwrap();
        assert_eq!(target.address.expose_secret(), "postgres://ann:secret@db:5433/quality?sslmode=require");
        assert!(!target.location.contains("secret"), "{}", target.location);
    }
}

#[test]
fn a_file_is_named_by_a_path_and_memory_by_its_name() {
    let path = |url: &str| {
        let target = target(url).unwrap();
        (target.address.expose_secret().to_owned(), target.in_memory)
    };
    assert_eq!(path("sqlite:///data/a%20b.db"), ("/data/a b.db".to_owned(), false));
    assert_eq!(path("sqlite:quality.db"), ("quality.db".to_owned(), false));
    assert_eq!(path("sqlite::memory:"), (":memory:".to_owned(), true));
    assert_eq!(path("sqlite:///:memory:"), (":memory:".to_owned(), true));
    assert!(refusal("sqlite:").contains("names no file"));
    assert!(refusal("sqlite:a.db?mode=ro").contains("mode"));
}

/// R-ANY-14, R-ANY-16: a parameter that was misspelt was once ignored with a warning that showed its value.
#[test]
fn parameters_that_do_not_exist_are_refused_by_name_and_secrets_are_not_shown() {
    let error = refusal("postgres://ann:secret@db/quality?sslmod=require");
    assert!(error.contains("did you mean \"sslmode\"?"), "{error}");
    for url in
        ["postgres://ann:secret@db/quality?sslmod=x", "oracle://ann:secret@db/x", "postgres:ann:secret@db"]
    {
        assert!(!refusal(url).contains("secret"), "{}", refusal(url));
    }
}
