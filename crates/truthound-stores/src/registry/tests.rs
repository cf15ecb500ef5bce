//! R-ANY-14: whatever cannot be opened is refused with its name and the choices.

use async_trait::async_trait;
use truthound_stores_core::ErrorKind;

use super::*;

/// Opens nothing; tells what it was asked for.
struct Echo;

#[async_trait]
impl Factory for Echo {
    fn place(&self, url: &StoreUrl, options: Options) -> Result<Options> {
        Ok(options.with("place", url.rest()))
    }

    async fn open(&self, options: Options) -> Result<Arc<dyn Store>> {
        let said = options.names().map(|name| format!("{name}={}", options.get(name).unwrap()));
        Err(Error::new(ErrorKind::Unavailable, said.collect::<Vec<_>>().join(" ")))
    }
}

fn echo() -> Registry {
    let mut registry = Registry::empty();
    registry.register_store(Backend::new("echo", Echo).with_schemes(["echo", "echo+tls"])).unwrap();
    registry
}

async fn open_error(registry: &Registry, url: &str) -> (ErrorKind, String) {
    let error = registry.open(url).await.unwrap_err();
    (error.kind(), error.to_string())
}

async fn name_error(registry: &Registry, name: &str) -> (ErrorKind, String) {
    let error = registry.get_store(name, Options::new()).await.unwrap_err();
    (error.kind(), error.to_string())
}

#[tokio::test]
async fn a_factory_gets_the_options_of_the_url_and_those_beside_it() {
    let error = echo().open_with("ECHO+tls:here?b=2&c=%26", Options::new().with("a", 1)).await.unwrap_err();
    assert_eq!(error.to_string(), "a=1 b=\"2\" c=\"&\" place=\"here\"");
    let error = echo().get_store("echo", Options::new().with("a", true)).await.unwrap_err();
    assert_eq!(error.to_string(), "a=true");
}

#[tokio::test]
async fn an_option_that_differs_between_the_url_and_beside_it_is_refused() {
    let error =
        echo().open_with("echo:?namespace=a", Options::new().with("namespace", "b")).await.unwrap_err();
    let expected = "option \"namespace\" is given twice, with different values: in the URL and beside it";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Invalid, expected));
}

#[tokio::test]
async fn an_unknown_backend_is_named_with_the_choices() {
    for (registry, name, expected) in [
        (echo(), "ecko", "unknown backend \"ecko\" of this build: did you mean \"echo\"?"),
        (echo(), "redis", "unknown backend \"redis\" of this build: there are echo"),
        (echo(), "", "unknown backend \"\" of this build: there are echo"),
        (Registry::empty(), "redis", "unknown backend \"redis\": no backend is registered"),
    ] {
        assert_eq!(name_error(&registry, name).await, (ErrorKind::Invalid, expected.to_owned()));
    }
}

/// R-ANY-16: the rest of such a URL may be a password.
#[tokio::test]
async fn an_unknown_scheme_is_named_with_the_choices_and_without_the_rest() {
    let choices = "a store's URL is one of echo:, echo+tls:";
    let expected = format!("unknown scheme \"ann\": {choices}");
    assert_eq!(open_error(&echo(), "ann:secret@db/quality").await, (ErrorKind::Invalid, expected));
    let expected = "unknown scheme \"ann\": no backend is registered that has one".to_owned();
    assert_eq!(open_error(&Registry::empty(), "ann:secret@db/quality").await, (ErrorKind::Invalid, expected));
}

#[tokio::test]
async fn a_backend_that_exists_but_is_not_compiled_in_is_unsupported_not_unknown() {
    let text = |name: &str, feature: &str| {
        let cure =
            if feature.is_empty() { String::new() } else { format!(" (the feature {feature:?} adds it)") };
        format!("the backend {name} is not part of this build{cure}; available: echo")
    };
    let sqlite = cfg!(feature = "sqlite");
    for (name, family, feature, is_there) in [
        ("s3", "s3", "", false),
        ("gcs", "gcs", "", false),
        ("azure", "azure", "", false),
        ("database", "database", "sqlite", sqlite),
        ("postgres", "database", "postgres", cfg!(feature = "postgres")),
        ("mysql", "database", "mysql", cfg!(feature = "mysql")),
        ("sqlite", "database", "sqlite", sqlite),
    ] {
        if !is_there {
            assert_eq!(name_error(&echo(), name).await, (ErrorKind::Unsupported, text(family, feature)));
        }
    }
    for (url, family, feature, is_there) in [
        ("s3://bucket/prefix", "s3", "", false),
        ("gs://bucket", "gcs", "", false),
        ("az://container", "azure", "", false),
        ("postgresql+psycopg2://ann:secret@db/quality", "database", "postgres", cfg!(feature = "postgres")),
        ("sqlite::memory:", "database", "sqlite", sqlite),
        ("mariadb://db/quality", "database", "mysql", cfg!(feature = "mysql")),
        ("truthound+sqlite:///results.db", "database", "sqlite", sqlite),
    ] {
        if !is_there {
            assert_eq!(
                open_error(&echo(), url).await,
                (ErrorKind::Unsupported, text(family, feature)),
                "{url}"
            );
        }
    }
    let expected = "the backend s3 is not part of this build; available: none".to_owned();
    assert_eq!(name_error(&Registry::empty(), "s3").await, (ErrorKind::Unsupported, expected));
}

#[test]
fn a_name_or_scheme_that_is_taken_or_unusable_is_refused_and_changes_nothing() {
    let with = |name: &'static str, schemes: &[&'static str]| {
        Backend::new(name, Echo).with_schemes(schemes.iter().copied())
    };
    for (backend, culprit) in [
        (with("echo", &[]), "the backend \"echo\" is registered already"),
        (
            with("other", &["other", "echo"]),
            "the scheme \"echo\" of the backend \"other\" belongs to the backend \"echo\"",
        ),
        (with("", &["other"]), "needs a name"),
        (with("other", &["x"]), "\"x\""),
        (with("other", &["Other"]), "\"Other\""),
        (with("other", &["other:"]), "\"other:\""),
        (with("other", &["9p"]), "\"9p\""),
        (with("other", &["öl"]), "\"öl\""),
        (with("other", &["other", "other"]), "the scheme \"other\" twice"),
    ] {
        let mut registry = echo();
        let error = registry.register_store(backend).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(culprit), "{error}");
        assert_eq!(registry.list_available_backends(), ["echo"]);
    }
}

#[test]
fn registries_know_nothing_of_each_other() {
    let (one, other) = (echo(), Registry::new());
    assert!(one.is_backend_available("echo"));
    assert!(!other.is_backend_available("echo"));
    assert!(!crate::is_backend_available("echo"));
    assert_eq!(format!("{one:?}"), "Registry([\"echo\"])");
}

#[test]
fn url_forms_default_to_the_schemes() {
    let plain = Backend::new("echo", Echo).with_schemes(["echo", "echo+tls"]);
    assert_eq!(plain.url_forms().collect::<Vec<_>>(), ["echo:", "echo+tls:"]);
    let described = plain.with_url_forms(["echo:WORD"]);
    assert_eq!(described.url_forms().collect::<Vec<_>>(), ["echo:WORD"]);
    assert_eq!(Backend::new("nameless", Echo).url_forms().count(), 0);
}

#[tokio::test]
async fn what_stands_after_a_plus_is_a_driver_only_where_the_backend_says_so() {
    let mut registry = Registry::empty();
    registry.register_store(Backend::new("echo", Echo).with_schemes(["echo"]).with_drivers(true)).unwrap();
    assert_eq!(registry.open("echo+any.thing:here").await.unwrap_err().to_string(), "place=\"here\"");
    assert_eq!(open_error(&echo(), "echo+any:here").await.0, ErrorKind::Invalid);
}
