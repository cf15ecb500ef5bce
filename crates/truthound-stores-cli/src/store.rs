//! Opening the store that the command line names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use truthound_stores::options::Options;
use truthound_stores::{PolicyFile, Registry, Store, StoreFile, StoreUrl};

use crate::args::Global;
use crate::exit::Failure;

/// The embedded default, in the current folder.
const DEFAULT_URL: &str = "file:.truthound/store";

/// The backend whose stores are folders.
pub(crate) const FILES: &str = "filesystem";

/// Where the store is.
#[derive(Debug)]
pub(crate) struct Place {
    registry: Registry,
    source: Source,
    namespace: Option<String>,
}

#[derive(Debug)]
enum Source {
    Url { url: String, is_default: bool },
    Config(PathBuf),
}

impl Place {
    pub(crate) fn new(global: &Global) -> Self {
        let source = match (&global.config, &global.store) {
            (Some(path), _) => Source::Config(path.clone()),
            (None, Some(url)) => Source::Url { url: url.clone(), is_default: false },
            (None, None) => Source::Url { url: DEFAULT_URL.to_owned(), is_default: true },
        };
        Self { registry: Registry::new(), source, namespace: global.namespace.clone() }
    }

    /// Returns the backends that are compiled in.
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Returns the configuration file that names the store, if one does.
    pub(crate) fn config(&self) -> Option<&Path> {
        match &self.source {
            Source::Config(path) => Some(path),
            Source::Url { .. } => None,
        }
    }

    /// Opens the store.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        let options = self.extra_options();
        Ok(match &self.source {
            Source::Url { url, .. } => self.registry.open_with(url, options).await?,
            Source::Config(path) => self.registry.open_config_with(path, &variable, options).await?,
        })
    }

    /// Reads the settings of retention: from a file of policies, or from the layer of the configuration file that names the store.
    pub(crate) fn policies(&self, file: Option<&Path>) -> Result<Options, Failure> {
        if let Some(file) = file {
            return Ok(PolicyFile::read(file, &variable)?.options().clone());
        }
        let Some(config) = self.config() else {
            return Err(Failure::Usage(
                "no policies are named: give a file of them by --policy, or a configuration file with a layer of the type retention by --config"
                    .to_owned(),
            ));
        };
        let read = StoreFile::read(config, &variable)?;
        match read.layers().iter().find(|layer| layer.kind() == "retention") {
            Some(layer) => Ok(layer.options().clone()),
            None => Err(Failure::Usage(format!(
                "{} has no layer of the type retention: add one, or give a file of policies by --policy",
                config.display()
            ))),
        }
    }

    /// Opens another store, by its URL, in the namespace that the command line names.
    pub(crate) async fn open_other(&self, url: &str) -> Result<Arc<dyn Store>, Failure> {
        Ok(self.registry.open_with(url, self.extra_options()).await?)
    }

    /// Opens a store beside `store`, which is of files: in the same folder and with the same options, but in another namespace, made if
    /// need be. `None` if a namespace of this kind of store is no folder, which could be removed again.
    pub(crate) async fn open_aside(
        &self,
        store: &dyn Store,
        namespace: &str,
    ) -> Result<Option<Arc<dyn Store>>, Failure> {
        if store.info().backend != FILES {
            return Ok(None);
        }
        let (url, mut options) = match &self.source {
            Source::Url { url, .. } => (Some(url.parse::<StoreUrl>()?), Options::new()),
            Source::Config(path) => {
                let file = StoreFile::read(path, &variable)?;
                (file.url().cloned(), file.options().clone())
            }
        };
        if let Some(url) = url {
            let told = url.options()?;
            for name in told.names() {
                options = options.with(name, told.get(name).cloned());
            }
            options = options.with("base_path", url.path()?);
        }
        let options = options.with("namespace", namespace).with("create_dirs", true);
        Ok(Some(self.registry.get_store(FILES, options).await?))
    }

    fn extra_options(&self) -> Options {
        match &self.namespace {
            Some(namespace) => Options::new().with("namespace", namespace.as_str()),
            None => Options::new(),
        }
    }

    /// Repeats the global options that lead to this store, each with a space behind it, for commands to be copied.
    pub(crate) fn as_options(&self) -> String {
        let mut options = match &self.source {
            Source::Url { is_default: true, .. } => String::new(),
            Source::Url { url, .. } => {
                // Shown without secrets, like every URL.
                let shown = url.parse::<StoreUrl>().map_or_else(|_| url.clone(), |url| url.to_string());
                format!("--store {} ", quoted(&shown))
            }
            Source::Config(path) => format!("--config {} ", quoted(&path.to_string_lossy())),
        };
        if let Some(namespace) = &self.namespace {
            options.extend(["--namespace ", &quoted(namespace), " "]);
        }
        options
    }
}

/// Looks a variable up for `${NAME}` in a configuration file.
#[allow(clippy::disallowed_methods, reason = "the program is where the environment is read")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Quotes a word for a POSIX shell, if it must be.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@%+,".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_that_a_shell_would_change_are_quoted() {
        assert_eq!(quoted("file:a/b.c"), "file:a/b.c");
        assert_eq!(quoted("a b?c"), "'a b?c'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
