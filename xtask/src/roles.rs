//! The role of each crate: the one table from which chores derive backends, wrappers and who may depend on whom.

use std::collections::BTreeMap;

use crate::metadata::Package;

/// The umbrella crate, whose features are the public ones.
pub(crate) const UMBRELLA: &str = "truthound-stores";

/// What a crate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The contract.
    Core,
    /// What several backends or wrappers share.
    Shared,
    /// A place where records live.
    Backend,
    /// A capability around any store.
    Wrapper,
    /// What tests of all the others use.
    Testkit,
    /// The crate that re-exports the others.
    Umbrella,
    /// The program.
    Program,
    /// This program.
    Chores,
}

impl Role {
    /// Gives the role of the crate of this name; `None` for a crate that this table does not know.
    pub(crate) fn of(name: &str) -> Option<Self> {
        if name == "xtask" {
            return Some(Self::Chores);
        }
        if name == UMBRELLA {
            return Some(Self::Umbrella);
        }
        Some(match name.strip_prefix("truthound-stores-")? {
            "core" => Self::Core,
            "catalog" | "object" | "resilience" => Self::Shared,
            "memory" | "filesystem" | "s3" | "gcs" | "azure" | "database" => Self::Backend,
            "versioning" | "retention" | "caching" | "replication" | "backpressure" | "observability" => {
                Self::Wrapper
            }
            "testkit" => Self::Testkit,
            "cli" => Self::Program,
            _ => return None,
        })
    }

    /// Tells whether a crate of this role may need a crate of the other role when it is built for use.
    pub(crate) fn may_depend_on(self, other: Self) -> bool {
        match self {
            Self::Core | Self::Chores => false,
            Self::Testkit => other == Self::Core,
            Self::Shared | Self::Backend | Self::Wrapper => {
                matches!(other, Self::Core | Self::Shared)
            }
            Self::Umbrella => {
                matches!(other, Self::Core | Self::Shared | Self::Backend | Self::Wrapper)
            }
            Self::Program => other == Self::Umbrella,
        }
    }
}

/// Gives each backend feature of the umbrella with the crate that it turns on, both by name.
pub(crate) fn backends(umbrella: &Package) -> BTreeMap<String, String> {
    backends_of(umbrella.features.iter().map(|(name, enables)| (name.as_str(), enables.as_slice())))
}

/// As [`backends`], from features that were read elsewhere.
pub(crate) fn backends_of<'a>(
    features: impl Iterator<Item = (&'a str, &'a [String])>,
) -> BTreeMap<String, String> {
    let mut backends = BTreeMap::new();
    for (feature, enables) in features {
        let krate = enables
            .iter()
            .filter_map(|enabled| enabled.strip_prefix("dep:"))
            .find(|krate| Role::of(krate) == Some(Role::Backend));
        if let Some(krate) = krate {
            backends.insert(feature.to_owned(), krate.to_owned());
        }
    }
    backends
}

#[cfg(test)]
mod tests;
