//! Which database a connection's URL means.

use secrecy::{ExposeSecret, SecretString};
use truthound_stores_core::options::unknown_name;
use truthound_stores_core::{Error, Result, StoreUrl};

use crate::dialect::Dialect;

/// A database, and how its driver is told of it.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) dialect: Dialect,
    /// For the driver: a URL, or a path of SQLite's. Holds the password.
    pub(crate) address: SecretString,
    /// For people: without secrets.
    pub(crate) location: String,
    pub(crate) in_memory: bool,
}

impl Target {
    /// Reads a connection's URL.
    ///
    /// # Errors
    /// `Invalid` for a text that is no URL of a database; `Unsupported` for a database that is not compiled in. Neither shows the URL.
    pub(crate) fn new(url: &SecretString) -> Result<Self> {
        let text = url.expose_secret();
        let parsed: StoreUrl = text.parse().map_err(|error: Error| error.with("option", "connection_url"))?;
        let scheme = parsed.scheme();
        let scheme = scheme.strip_prefix("truthound+").unwrap_or(scheme);
        // What SQLAlchemy calls the driver is ignored.
        let scheme = scheme.split('+').next().unwrap_or_default();
        let dialect = dialect(scheme)?;
        let known = parameters(dialect);
        if let Some((name, _)) = parsed.params().iter().find(|(name, _)| !known.contains(&name.as_str())) {
            return Err(unknown_name("parameter", name, dialect.name(), known));
        }
        let mut in_memory = false;
        let address = match dialect {
            Dialect::Sqlite => {
                let path = parsed.path()?;
                in_memory = matches!(path.as_str(), ":memory:" | "/:memory:");
                if path.is_empty() {
                    return Err(Error::invalid(
                        "connection_url names no file: write sqlite:PATH, or sqlite::memory: for a database in memory",
                    ));
                }
                if in_memory { ":memory:".to_owned() } else { path }
            }
            Dialect::Postgres | Dialect::MySql => {
                if !parsed.rest().starts_with("//") {
                    return Err(Error::invalid(format!(
                        "connection_url has no // after its scheme: write {scheme}://user:password@host/database"
                    )));
                }
                // The driver's own spelling of the scheme, and all else as it stands.
                let rest = text.split_once(':').map_or("", |(_, rest)| rest);
                format!("{}:{rest}", driver_scheme(dialect))
            }
        };
        Ok(Self { dialect, address: SecretString::from(address), location: parsed.to_string(), in_memory })
    }
}

fn dialect(scheme: &str) -> Result<Dialect> {
    let (dialect, feature, is_there) = match scheme {
        "postgres" | "postgresql" => (Dialect::Postgres, "postgres", cfg!(feature = "postgres")),
        "mysql" | "mariadb" => (Dialect::MySql, "mysql", cfg!(feature = "mysql")),
        "sqlite" => (Dialect::Sqlite, "sqlite", cfg!(feature = "sqlite")),
        other => {
            return Err(Error::invalid(format!(
                "connection_url has the scheme {other:?}: a database's is postgresql, mysql, mariadb or sqlite"
            )));
        }
    };
    if is_there {
        return Ok(dialect);
    }
    Err(Error::unsupported(format!(
        "databases of the scheme {scheme:?} are not part of this build: the feature {feature:?} adds them"
    )))
}

fn driver_scheme(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "postgres",
        Dialect::MySql => "mysql",
        Dialect::Sqlite => "sqlite",
    }
}

/// What a URL may say to the driver.
fn parameters(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Postgres => crate::DatabaseConfig::POSTGRES_PARAMETERS,
        Dialect::MySql => crate::DatabaseConfig::MYSQL_PARAMETERS,
        Dialect::Sqlite => &[],
    }
}

#[cfg(test)]
mod tests;
