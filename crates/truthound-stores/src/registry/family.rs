//! The backends that the configuration document names, so that one that is missing is told from one that never was.

/// A backend of the configuration document.
#[derive(Debug)]
pub(super) struct Family {
    /// The name that `get_store` takes.
    pub(super) name: &'static str,
    /// The schemes of its URLs; also understood as names, as in "the postgres backend".
    schemes: &'static [&'static str],
    /// The feature that adds it, where there is one.
    pub(super) feature: Option<&'static str>,
    compiled_in: bool,
}

const FAMILIES: &[Family] = &[
    Family {
        name: "filesystem",
        schemes: &["file"],
        feature: Some("filesystem"),
        compiled_in: cfg!(feature = "filesystem"),
    },
    Family { name: "s3", schemes: &["s3"], feature: None, compiled_in: false },
    Family { name: "gcs", schemes: &["gs"], feature: None, compiled_in: false },
    Family { name: "azure", schemes: &["az"], feature: None, compiled_in: false },
    Family {
        name: "database",
        schemes: &["sqlite"],
        feature: Some("sqlite"),
        compiled_in: cfg!(feature = "sqlite"),
    },
    Family {
        name: "database",
        schemes: &["postgres", "postgresql"],
        feature: Some("postgres"),
        compiled_in: cfg!(feature = "postgres"),
    },
    Family {
        name: "database",
        schemes: &["mysql", "mariadb"],
        feature: Some("mysql"),
        compiled_in: cfg!(feature = "mysql"),
    },
    Family {
        name: "memory",
        schemes: &["memory"],
        feature: Some("memory"),
        compiled_in: cfg!(feature = "memory"),
    },
];

/// Finds the family that this name or scheme belongs to, if it is not compiled in.
///
/// A scheme may carry a driver (`postgresql+psycopg2`) or a layout (`truthound+sqlite`).
pub(super) fn missing(name: &str) -> Option<&'static Family> {
    let belongs =
        |family: &&Family| family.name == name || name.split('+').any(|part| family.schemes.contains(&part));
    FAMILIES.iter().find(belongs).filter(|family| !family.compiled_in)
}
