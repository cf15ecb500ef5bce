//! Opening the store that the command line names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use truthound_stores::options::Options;
use truthound_stores::{FileLayer, PolicyFile, Registry, Store, StoreFile, StoreUrl, VersionedStore};

use crate::args::Global;
use crate::exit::Failure;

/// The embedded default, in the current folder.
const DEFAULT_URL: &str = "file:.truthound/store";

/// The backend whose stores are folders.
pub(crate) const FILES: &str = "filesystem";

/// The layer that keeps versions.
pub(crate) const VERSIONING: &str = "versioning";

/// Where the store is.
#[derive(Debug)]
pub(crate) struct Place {
    registry: Registry,
    source: Source,
    namespace: Option<String>,
    /// Around the store and the layers of its configuration file, the outermost first.
    layers: Vec<FileLayer>,
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
        let (namespace, layers) = (global.namespace.clone(), global.layers.clone());
        Self { registry: Registry::new(), source, namespace, layers }
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
        let (bare, layers) = self.open_bare().await?;
        Ok(self.registry.wrap(bare, &layers).await?)
    }

    /// Opens the store without its layers, and lists those, the outermost first.
    async fn open_bare(&self) -> Result<(Arc<dyn Store>, Vec<FileLayer>), Failure> {
        let (options, mut layers) = (self.extra_options(), self.layers.clone());
        let bare = match &self.source {
            Source::Url { url, .. } => self.registry.open_with(url, options).await?,
            Source::Config(path) => {
                let file = StoreFile::read(path, &variable)?;
                layers.extend_from_slice(file.layers());
                self.registry.open_bare(&file, options).await?
            }
        };
        Ok((bare, layers))
    }

    /// Lists the layers around the store, the outermost first.
    pub(crate) fn layers(&self) -> Result<Vec<FileLayer>, Failure> {
        let mut layers = self.layers.clone();
        if let Some(config) = self.config() {
            layers.extend_from_slice(StoreFile::read(config, &variable)?.layers());
        }
        Ok(layers)
    }

    /// Opens the store with its versions, by the settings of its layer of versions, the outermost if there are several; by the defaults if it has none, for there may be versions all the same.
    ///
    /// Layers outside of that one have no part in this.
    pub(crate) async fn open_versions(&self) -> Result<VersionedStore<Arc<dyn Store>>, Failure> {
        let (bare, layers) = self.open_bare().await?;
        let at = layers.iter().position(|layer| layer.kind() == VERSIONING);
        let (options, inside) = match at.and_then(|at| layers.get(at..)).and_then(<[FileLayer]>::split_first)
        {
            Some((layer, inside)) => (layer.options().clone(), inside),
            None => (Options::new(), layers.as_slice()),
        };
        let inside = self.registry.wrap(bare, inside).await?;
        Ok(self.registry.open_versions(inside, &options)?)
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

    /// Opens another store with its versions, by the settings of the layer of versions that the command line names, else by the defaults.
    pub(crate) async fn open_other_versions(
        &self,
        url: &str,
    ) -> Result<VersionedStore<Arc<dyn Store>>, Failure> {
        let layer = self.layers.iter().find(|layer| layer.kind() == VERSIONING);
        let options = layer.map(|layer| layer.options().clone()).unwrap_or_default();
        Ok(self.registry.open_versions(self.open_other(url).await?, &options)?)
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
