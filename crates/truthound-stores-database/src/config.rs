//! `DatabaseConfig` of the configuration document.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result, StoreConfig};

mod effective;
mod pool;
mod pooling;
mod setters;

pub use pool::{ConnectionPoolConfig, PoolConfig, PoolStrategy, ResetOnReturn};
pub use pooling::PoolingConfig;

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub(crate) use effective::Effective;

/// Holds the settings of a `DatabaseStore`, or of a `TruthoundDatabase`.
///
/// A setting that the configuration document has in several places, such as `pool_size`, may be given in any of them: what is given wins over
/// what is a default, and two places that are given must agree.
///
/// # Examples
/// ```
/// use truthound_stores_core::options::Options;
/// use truthound_stores_database::DatabaseConfig;
///
/// let config = DatabaseConfig::new("postgresql://ann:secret@localhost/quality").with_pool_size(10);
/// assert!(!format!("{config:?}").contains("secret"));
///
/// let options = Options::from_pairs([("connection_url", "sqlite::memory:"), ("pool.echo_pool", "true")])?;
/// assert!(DatabaseConfig::from_options(&options)?.connection_pool.pool.echo_pool);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct DatabaseConfig {
    /// The settings that all stores share. Format and compression have no effect in a database and are refused. A prefix keeps groups of
    /// documents apart within a namespace; unless given there is none.
    pub store: StoreConfig,
    /// Where the database is: `postgresql://user:password@host/database`, `mysql://…`, `mariadb://…`, `sqlite:///absolute/path.db`,
    /// `sqlite:relative.db` or `sqlite::memory:`. What stands after a `+` in the scheme is ignored (`postgresql+psycopg2`). Required.
    pub connection_url: SecretString,
    /// What the names of the tables begin with: at most 32 letters, digits and `_`, no digit first. Default: `""`.
    pub table_prefix: String,
    /// How many connections are kept. Default: 5.
    pub pool_size: Option<u32>,
    /// How many connections there may be beyond those that are kept; each is closed when it is given back. Default: 10.
    pub max_overflow: Option<u32>,
    /// Tell each statement, without its values, as an event of `tracing` at the level INFO. Default: false.
    pub echo: bool,
    /// Make the tables, or bring them up to date, when the store is opened. If false, tables that are missing or old are an error. A file of
    /// SQLite that is missing is made as well. Default: true.
    pub create_tables: bool,
    /// The settings of the pool, in short.
    pub pooling: PoolingConfig,
    /// The settings of the pool and of what stands in its path, in full.
    pub connection_pool: ConnectionPoolConfig,
    /// Put retries, the circuit breaker and health checks into the path of every call. If false, there is the bare pool, and settings of what is left out
    /// are refused. Default: true.
    pub use_pool_manager: bool,
}

/// The settings beside those of [`StoreConfig`], as they stand in options.
#[derive(Deserialize)]
#[serde(default)]
struct Own {
    connection_url: Option<String>,
    table_prefix: String,
    pool_size: Option<u32>,
    max_overflow: Option<u32>,
    echo: bool,
    create_tables: bool,
    use_pool_manager: bool,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            connection_url: None,
            table_prefix: String::new(),
            pool_size: None,
            max_overflow: None,
            echo: false,
            create_tables: true,
            use_pool_manager: true,
        }
    }
}

impl DatabaseConfig {
    /// The names of these settings beside those that all stores share.
    pub const NAMES: &'static [&'static str] = &[
        "connection_url",
        "table_prefix",
        "pool_size",
        "max_overflow",
        "echo",
        "create_tables",
        "pooling",
        "pool",
        "retry",
        "circuit_breaker",
        "health_check",
        "use_pool_manager",
    ];

    /// What a URL of PostgreSQL may say to the driver.
    pub const POSTGRES_PARAMETERS: &'static [&'static str] = &[
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "statement-cache-capacity",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "application_name",
        "options",
    ];

    /// What a URL of MySQL or MariaDB may say to the driver.
    pub const MYSQL_PARAMETERS: &'static [&'static str] = &[
        "sslmode",
        "ssl-mode",
        "sslca",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "statement-cache-capacity",
        "socket",
    ];

    /// The most that namespace and prefix may take together, in bytes of UTF-8.
    pub const MAX_SPACE_BYTES: usize = 200;

    const OWN_NAMES: [&'static str; 7] = [
        "connection_url",
        "table_prefix",
        "pool_size",
        "max_overflow",
        "echo",
        "create_tables",
        "use_pool_manager",
    ];

    /// Keeps documents in the database at `connection_url`, with default settings.
    pub fn new(connection_url: impl Into<String>) -> Self {
        let own = Own::default();
        Self {
            store: StoreConfig::default(),
            connection_url: SecretString::from(connection_url.into()),
            table_prefix: own.table_prefix,
            pool_size: own.pool_size,
            max_overflow: own.max_overflow,
            echo: own.echo,
            create_tables: own.create_tables,
            pooling: PoolingConfig::default(),
            connection_pool: ConnectionPoolConfig::default(),
            use_pool_manager: own.use_pool_manager,
        }
    }

    /// Reads the settings by their names in the configuration document. Those of `ConnectionPoolConfig` stand beside the others: `pool`, `retry`,
    /// `circuit_breaker`, `health_check`.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that does not exist, has the wrong type or has no effect
    /// in a database (`serialization_format`, `compression`), and if `connection_url` is missing. Combinations are checked when a store is
    /// opened.
    pub fn from_options(options: &Options) -> Result<Self> {
        let mut shared = options.clone();
        for name in ["serialization_format", "compression"] {
            if shared.remove(name).is_some_and(|value| !value.is_null()) {
                return Err(Error::invalid(format!(
                    "option {name:?} has no effect in a database, where documents are text: leave it out"
                )));
            }
        }
        let mut own = Options::new();
        for name in Self::OWN_NAMES {
            if let Some(value) = shared.remove(name) {
                own = own.with(name, value);
            }
        }
        let managed = ["retry", "circuit_breaker", "health_check"];
        let managed = managed.into_iter().find(|name| shared.get(name).is_some_and(|value| !value.is_null()));
        let mut part = |name: &str| Options::from_value(shared.remove(name).unwrap_or_default());
        let pooling = PoolingConfig::from_options(&part("pooling")?)?;
        let connection_pool = ConnectionPoolConfig::from_parts(
            &part("pool")?,
            &part("retry")?,
            &part("circuit_breaker")?,
            &part("health_check")?,
        )?;
        let names = [StoreConfig::NAMES, Self::NAMES].concat();
        let store: StoreConfig = shared.read("database", &names)?;
        let own: Own = own.read("database", &names)?;
        if let (Some(name), false) = (managed, own.use_pool_manager) {
            return Err(Error::invalid(format!(
                "option {name:?} has no effect with use_pool_manager = false, which leaves the bare pool: leave one of them out"
            )));
        }
        let Some(url) = own.connection_url else {
            return Err(Error::invalid(
                "option \"connection_url\" is missing: say where the database is, such as sqlite:quality.db",
            ));
        };
        Ok(Self {
            store,
            connection_url: SecretString::from(url),
            table_prefix: own.table_prefix,
            pool_size: own.pool_size,
            max_overflow: own.max_overflow,
            echo: own.echo,
            create_tables: own.create_tables,
            pooling,
            connection_pool,
            use_pool_manager: own.use_pool_manager,
        })
    }

    /// Tells whether the URL names a table of Truthound's own: `truthound+sqlite:…` and the like.
    pub fn is_truthounds_own(&self) -> bool {
        self.connection_url.expose_secret().to_ascii_lowercase().starts_with("truthound+")
    }

    /// Sets the settings that all stores share.
    #[must_use]
    pub fn with_store(mut self, store: StoreConfig) -> Self {
        self.store = store;
        self
    }

    /// Sets the namespace.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.store.namespace = namespace.into();
        self
    }

    /// Sets what the names of the tables begin with.
    #[must_use]
    pub fn with_table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.table_prefix = prefix.into();
        self
    }

    setters::size_setters!();

    /// Sets whether statements are told to `tracing`.
    #[must_use]
    pub fn with_echo(mut self, echo: bool) -> Self {
        self.echo = echo;
        self
    }

    /// Sets whether tables are made, or brought up to date, when the store is opened.
    #[must_use]
    pub fn with_create_tables(mut self, create_tables: bool) -> Self {
        self.create_tables = create_tables;
        self
    }

    /// Sets the pool's settings, in short.
    #[must_use]
    pub fn with_pooling(mut self, pooling: PoolingConfig) -> Self {
        self.pooling = pooling;
        self
    }

    /// Sets the pool's settings, in full.
    #[must_use]
    pub fn with_connection_pool(mut self, connection_pool: ConnectionPoolConfig) -> Self {
        self.connection_pool = connection_pool;
        self
    }

    /// Sets whether retries, the circuit breaker and health checks are in the path.
    #[must_use]
    pub fn with_use_pool_manager(mut self, use_pool_manager: bool) -> Self {
        self.use_pool_manager = use_pool_manager;
        self
    }

    #[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
    /// Checks namespace and prefix, and answers the one spelling of both that names the space.
    pub(crate) fn space(&self) -> Result<String> {
        let namespace = StoreConfig::segments("namespace", &self.store.namespace)?;
        if namespace.len() > 1 {
            return Err(Error::invalid(format!(
                "namespace {:?} is not usable: it is one path segment, without /",
                self.store.namespace
            )));
        }
        let prefix = self.store.prefix.as_deref().unwrap_or_default();
        let segments = StoreConfig::segments("prefix", prefix)?;
        let mut space = namespace.concat();
        for segment in segments {
            space.push('/');
            space.push_str(segment);
        }
        if space.len() > Self::MAX_SPACE_BYTES {
            return Err(Error::invalid(format!(
                "namespace and prefix are {} bytes together: at most {} are possible in a database",
                space.len(),
                Self::MAX_SPACE_BYTES
            )));
        }
        Ok(space)
    }
}

/// Shows all but the connection's URL, which may hold a password, and the metadata.
impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("connection_url", &redacted(&self.connection_url))
            .field("namespace", &self.store.namespace)
            .field("prefix", &self.store.prefix)
            .field("table_prefix", &self.table_prefix)
            .field("pool_size", &self.pool_size)
            .field("max_overflow", &self.max_overflow)
            .field("echo", &self.echo)
            .field("create_tables", &self.create_tables)
            .field("pooling", &self.pooling)
            .field("connection_pool", &self.connection_pool)
            .field("use_pool_manager", &self.use_pool_manager)
            .finish_non_exhaustive()
    }
}

/// Shows a connection's URL without what may be secret.
pub(crate) fn redacted(url: &SecretString) -> String {
    match url.expose_secret().parse::<truthound_stores_core::StoreUrl>() {
        // What was taken for a path is no database's URL: it may be anything.
        Ok(url) if url.scheme() != "file" => url.to_string(),
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests;
