//! Users depend on this crate alone: every name at the core's root stands at this crate's root, too.

use std::collections::BTreeSet;
use std::path::Path;

/// Reads the names of all `pub use path::{A, B};` in a `lib.rs`.
fn exported(lib: &str) -> BTreeSet<String> {
    lib.split("pub use ")
        .skip(1)
        .filter_map(|rest| rest.split(';').next())
        .flat_map(|item| {
            let names = item.rsplit("::").next().unwrap_or(item);
            names
                .trim_matches(['{', '}', ' ', '\n'])
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn every_name_of_the_core_is_exported_here() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let core = std::fs::read_to_string(here.join("../truthound-stores-core/src/lib.rs")).unwrap();
    let ours = std::fs::read_to_string(here.join("src/lib.rs")).unwrap();
    let (core, ours) = (exported(&core), exported(&ours));
    assert!(core.contains("StoreExt") && core.contains("Query"), "the reading of lib.rs is broken: {core:?}");
    let missing: Vec<_> = core.difference(&ours).collect();
    assert!(missing.is_empty(), "not exported: {missing:?}");
}

#[test]
fn the_list_of_backends_keeps_the_order_of_the_configuration_document() {
    let order = ["filesystem", "s3", "gcs", "azure", "database", "memory"];
    let database = cfg!(any(feature = "postgres", feature = "mysql", feature = "sqlite"));
    let compiled_in = [cfg!(feature = "filesystem"), false, false, false, database, cfg!(feature = "memory")];
    let expected: Vec<_> =
        order.iter().zip(compiled_in).filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    assert_eq!(truthound_stores::list_available_backends(), expected);
    for (name, is) in order.iter().zip(compiled_in) {
        assert_eq!(truthound_stores::is_backend_available(name), is, "{name}");
    }
    assert_eq!(truthound_stores::Registry::new().list_available_backends(), expected);
}

/// R-ANY-14: a backend whose feature is off is told from one that does not exist, with the feature that adds it.
#[tokio::test]
async fn a_backend_whose_feature_is_off_names_the_feature() {
    let database = ["postgres", "mysql", "sqlite"];
    for (url, feature, on) in [
        ("file:x", "filesystem", cfg!(feature = "filesystem")),
        ("memory:", "memory", cfg!(feature = "memory")),
        ("postgresql+psycopg2://db/x", "postgres", cfg!(feature = "postgres")),
        ("mariadb://db/x", "mysql", cfg!(feature = "mysql")),
        ("truthound+sqlite:x.db", "sqlite", cfg!(feature = "sqlite")),
    ] {
        let name = if database.contains(&feature) { "database" } else { feature };
        if on {
            assert!(truthound_stores::is_backend_available(name));
            continue;
        }
        let error = truthound_stores::open(url).await.unwrap_err();
        assert_eq!(error.kind(), truthound_stores::ErrorKind::Unsupported);
        let expected = format!(
            "the backend {name} is not part of this build (the feature {feature:?} adds it); available:"
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}
