//! `postgresql://…`, `mysql://…`, `sqlite:…`: the tables of a database; `truthound+…` of each: Truthound's own table.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result, Store, StoreUrl};
use truthound_stores_database::{DatabaseConfig, DatabaseStore, TruthoundDatabase};

use crate::{Backend, Factory};

pub(super) fn backend() -> Backend {
    let mut schemes: Vec<&str> = Vec::new();
    let mut forms: Vec<&str> = Vec::new();
    if cfg!(feature = "postgres") {
        schemes.extend(["postgres", "postgresql", "truthound+postgres", "truthound+postgresql"]);
        forms.push("postgresql://user:password@host/database");
    }
    if cfg!(feature = "mysql") {
        schemes.extend(["mysql", "mariadb", "truthound+mysql", "truthound+mariadb"]);
        forms.extend(["mysql://user:password@host/database", "mariadb://user:password@host/database"]);
    }
    if cfg!(feature = "sqlite") {
        schemes.extend(["sqlite", "truthound+sqlite"]);
        forms.extend(["sqlite:///absolute/path.db", "sqlite:relative/path.db", "sqlite::memory:"]);
    }
    forms.push("truthound+ before any of these, to read a table of Truthound's own");
    Backend::new("database", Database).with_schemes(schemes).with_url_forms(forms).with_drivers(true)
}

struct Database;

#[async_trait]
impl Factory for Database {
    fn place(&self, url: &StoreUrl, options: Options) -> Result<Options> {
        if options.get("connection_url").is_some() {
            return Err(Error::invalid(
                "the URL names the database already: leave the option \"connection_url\" out",
            ));
        }
        // What is the driver's goes back to the URL; all else is the store's own.
        let mut options = options;
        let mut address = format!("{}:{}", url.scheme(), url.rest());
        let mut separator = '?';
        for name in DatabaseConfig::POSTGRES_PARAMETERS.iter().chain(DatabaseConfig::MYSQL_PARAMETERS) {
            if let Some(value) = options.remove(name) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                address.push(separator);
                address.push_str(name);
                address.push('=');
                encode(&mut address, &value);
                separator = '&';
            }
        }
        Ok(options.with("connection_url", address))
    }

    async fn open(&self, options: Options) -> Result<Arc<dyn Store>> {
        let config = DatabaseConfig::from_options(&options)?;
        if config.is_truthounds_own() {
            return Ok(Arc::new(TruthoundDatabase::open(config).await?));
        }
        Ok(Arc::new(DatabaseStore::open(config).await?))
    }
}

/// Writes a value so that it stands in a URL whatever it holds.
fn encode(url: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// A hexadecimal digit.
fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests;
