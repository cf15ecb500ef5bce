//! The servers that tests can ask for, and what the workspace calls them.

use std::fmt;

/// A kind of server. The order is the one in which they are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Postgres,
    /// In transaction mode, before a PostgreSQL that was started with it.
    Pgbouncer,
    Mariadb,
}

impl Service {
    pub(crate) const ALL: [Self; 3] = [Self::Postgres, Self::Pgbouncer, Self::Mariadb];

    /// The name on the command line and in `[package.metadata.xtask] services`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Pgbouncer => "pgbouncer",
            Self::Mariadb => "mariadb",
        }
    }

    /// The environment variable that tells tests where it is.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "TRUTHOUND_TEST_POSTGRES_URL",
            Self::Pgbouncer => "TRUTHOUND_TEST_PGBOUNCER_URL",
            Self::Mariadb => "TRUTHOUND_TEST_MYSQL_URL",
        }
    }

    /// The Debian package that holds it.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Pgbouncer => "pgbouncer",
            Self::Mariadb => "mariadb-server",
        }
    }

    /// Reads a name.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|service| service.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            format!("there is no server named {name:?}; known are {known}")
        })
    }
}

/// What a server does at a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// It waits for no disk: for tests.
    Quick,
    /// It is as careful as it is by itself: for measurements.
    Durable,
}

impl Care {
    const DURABLE: &'static str = "durable";

    /// The word before the names of servers that asks a keeper for it, if it takes one.
    pub(crate) fn word(self) -> Option<&'static str> {
        (self == Self::Durable).then_some(Self::DURABLE)
    }

    /// Takes that word from the names of servers.
    pub(crate) fn split<'n, 's>(names: &'n [&'s str]) -> (Self, &'n [&'s str]) {
        match names {
            [Self::DURABLE, names @ ..] => (Self::Durable, names),
            names => (Self::Quick, names),
        }
    }

    /// What quick servers are asked besides.
    pub(crate) fn if_quick(self, settings: &'static [&'static str]) -> &'static [&'static str] {
        if self == Self::Quick { settings } else { &[] }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
