//! The backends that can be opened by name or URL: a value, not a global.

use std::fmt;
#[cfg(feature = "config-file")]
use std::path::Path;
use std::sync::Arc;

use truthound_stores_core::options::{Options, unknown_name};
use truthound_stores_core::{Error, Result, Store, StoreUrl};

#[cfg(feature = "config-file")]
use crate::StoreFile;
use crate::backends;

mod backend;
mod family;
#[cfg(feature = "config-file")]
mod layers;
mod merge;
#[cfg(feature = "retention")]
mod retention;
#[cfg(feature = "versioning")]
mod versioning;

pub use backend::{Backend, Factory};
use merge::merge;

/// Opens stores by backend name, by URL or from a file.
///
/// A registry knows the backends that are compiled in and those that [`register_store`](Self::register_store) adds.
/// It is a value: two registries know nothing of each other, and nothing is registered before `main`.
///
/// # Examples
/// ```
/// # #[cfg(feature = "memory")]
/// # #[tokio::main]
/// # async fn main() -> truthound_stores::Result<()> {
/// use truthound_stores::{Options, Registry, Store};
///
/// let registry = Registry::new();
/// assert!(registry.is_backend_available("memory"));
///
/// let by_name = registry.get_store("memory", Options::new().with("max_items", 1000)).await?;
/// let by_url = registry.open("memory:?max_items=1000").await?;
/// assert_eq!(by_name.info().backend, by_url.info().backend);
///
/// let error = registry.open("memory:?max_item=1000").await.unwrap_err();
/// assert_eq!(error.to_string(), "unknown option \"max_item\" of memory: did you mean \"max_items\"?");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "memory"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Registry {
    backends: Vec<Backend>,
}

impl Registry {
    /// Makes a registry of all backends that are compiled in.
    pub fn new() -> Self {
        Self { backends: backends::compiled_in() }
    }

    /// Makes a registry without any backend.
    pub fn empty() -> Self {
        Self { backends: Vec::new() }
    }

    /// Adds a backend of the caller's own.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming it, if the name or a scheme is taken, empty, or a text that no URL
    /// could hold as its scheme: lower-case letters, digits, `+`, `-` and `.`, two at the least, a letter first.
    pub fn register_store(&mut self, backend: Backend) -> Result<()> {
        backend.check()?;
        if self.backend(backend.name()).is_some() {
            return Err(Error::invalid(format!(
                "the backend {:?} is registered already: choose another name",
                backend.name()
            )));
        }
        for scheme in backend.schemes() {
            if let Some(owner) = self.owner_of(scheme) {
                return Err(Error::invalid(format!(
                    "the scheme {scheme:?} of the backend {:?} belongs to the backend {:?}: choose another one",
                    backend.name(),
                    owner.name()
                )));
            }
        }
        self.backends.push(backend);
        Ok(())
    }

    /// Lists the backends: those that are compiled in, then those that were registered, in that order.
    pub fn backends(&self) -> &[Backend] {
        &self.backends
    }

    /// Lists the names of the backends, in the order of [`backends`](Self::backends).
    pub fn list_available_backends(&self) -> Vec<&str> {
        self.backends.iter().map(Backend::name).collect()
    }

    /// Tells whether [`get_store`](Self::get_store) knows a backend of this name.
    pub fn is_backend_available(&self, name: &str) -> bool {
        self.backend(name).is_some()
    }

    /// Opens a store by the name of its backend, with options by their names.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a backend that does not exist, naming the choices, and for an option that
    /// does not exist, has the wrong type or has no effect, naming it; [`Unsupported`](crate::ErrorKind::Unsupported) for a
    /// backend that is not part of this build; what opening it answers.
    ///
    /// # Cancel safety
    /// Dropping the future opens nothing; a folder or table that the options ask to create may have been created.
    pub async fn get_store(&self, name: &str, options: Options) -> Result<Arc<dyn Store>> {
        self.named(name)?.factory().open(options).await
    }

    /// Opens a store by its URL.
    ///
    /// # Errors
    /// As for [`open_with`](Self::open_with).
    ///
    /// # Cancel safety
    /// As for [`get_store`](Self::get_store).
    pub async fn open(&self, url: &str) -> Result<Arc<dyn Store>> {
        self.open_with(url, Options::new()).await
    }

    /// Opens a store by its URL, with more options beside those of the URL.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a text that is no URL, a scheme that does not exist, naming the choices,
    /// and an option that does not exist, has the wrong type, has no effect, or differs between URL and `options`, naming
    /// it; [`Unsupported`](crate::ErrorKind::Unsupported) for a scheme of a backend that is not part of this build; what
    /// opening the store answers.
    ///
    /// # Cancel safety
    /// As for [`get_store`](Self::get_store).
    pub async fn open_with(&self, url: &str, options: Options) -> Result<Arc<dyn Store>> {
        self.open_url(&url.parse()?, options).await
    }

    /// Opens the store that a configuration file describes.
    ///
    /// `lookup` answers the value of an environment variable: the library itself never reads the environment. See
    /// [`StoreFile`] for the file's form. The file is read at once, in the calling thread.
    ///
    /// # Errors
    /// As for [`StoreFile::read`] and [`open_with`](Self::open_with), naming the file.
    ///
    /// # Cancel safety
    /// As for [`get_store`](Self::get_store).
    #[cfg(feature = "config-file")]
    pub async fn open_config(
        &self,
        path: impl AsRef<Path> + Send,
        lookup: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Arc<dyn Store>> {
        self.open_config_with(path, lookup, Options::new()).await
    }

    /// Opens the store that a configuration file describes, with more options beside those of the file.
    ///
    /// # Errors
    /// As for [`open_config`](Self::open_config); [`Invalid`](crate::ErrorKind::Invalid) for an option that differs between
    /// file and `options`, naming it.
    ///
    /// # Cancel safety
    /// As for [`get_store`](Self::get_store).
    #[cfg(feature = "config-file")]
    pub async fn open_config_with(
        &self,
        path: impl AsRef<Path> + Send,
        lookup: &(dyn Fn(&str) -> Option<String> + Sync),
        options: Options,
    ) -> Result<Arc<dyn Store>> {
        let file = StoreFile::read(path, lookup)?;
        self.open_file(&file, options).await
    }

    /// Opens the store that a parsed configuration describes, with more options beside those of the file.
    ///
    /// # Errors
    /// As for [`open_config_with`](Self::open_config_with).
    ///
    /// # Cancel safety
    /// As for [`get_store`](Self::get_store).
    #[cfg(feature = "config-file")]
    pub async fn open_file(&self, file: &StoreFile, options: Options) -> Result<Arc<dyn Store>> {
        let store = self.open_bare(file, options).await?;
        self.wrap(store, file.layers()).await.map_err(|error| error.with("file", file.name()))
    }

    /// Opens the store that a parsed configuration describes as [`open_file`](Self::open_file) does, without its layers.
    ///
    /// # Errors
    /// As for [`open_config_with`](Self::open_config_with).
    ///
    /// # Cancel safety
    /// As for [`get_store`](Self::get_store).
    #[cfg(feature = "config-file")]
    pub async fn open_bare(&self, file: &StoreFile, options: Options) -> Result<Arc<dyn Store>> {
        let opened = match merge(file.options().clone(), "the file", &options) {
            Ok(options) => self.open_described(file, options).await,
            Err(error) => Err(error),
        };
        opened.map_err(|error| error.with("file", file.name()))
    }

    #[cfg(feature = "config-file")]
    async fn open_described(&self, file: &StoreFile, options: Options) -> Result<Arc<dyn Store>> {
        let Some(url) = file.url() else {
            return self.get_store(file.backend().unwrap_or_default(), options).await;
        };
        if let Some(name) = file.backend() {
            let (named, meant) = (self.named(name)?, self.of_scheme(url.scheme())?);
            if named.name() != meant.name() {
                return Err(Error::invalid(format!(
                    "backend = {name:?} contradicts the url, which is one of the backend {:?}: leave one out",
                    meant.name()
                )));
            }
        }
        self.open_url(url, options).await
    }

    async fn open_url(&self, url: &StoreUrl, options: Options) -> Result<Arc<dyn Store>> {
        let factory = self.of_scheme(url.scheme())?.factory();
        let options = merge(url.options()?, "the URL", &options)?;
        factory.open(factory.place(url, options)?).await
    }

    fn backend(&self, name: &str) -> Option<&Backend> {
        self.backends.iter().find(|backend| backend.name() == name)
    }

    fn owner_of(&self, scheme: &str) -> Option<&Backend> {
        self.backends.iter().find(|backend| backend.owns(scheme))
    }

    fn named(&self, name: &str) -> Result<&Backend> {
        self.backend(name).ok_or_else(|| match family::missing(name) {
            Some(family) => self.not_in_this_build(family),
            None if self.backends.is_empty() => {
                Error::invalid(format!("unknown backend {name:?}: no backend is registered"))
            }
            None => unknown_name("backend", name, "this build", &self.list_available_backends()),
        })
    }

    /// The URL itself is not shown: what stands after an unknown scheme may be a password.
    fn of_scheme(&self, scheme: &str) -> Result<&Backend> {
        self.owner_of(scheme).ok_or_else(|| {
            if let Some(family) = family::missing(scheme) {
                return self.not_in_this_build(family);
            }
            let forms: Vec<String> = self.backends.iter().flat_map(Backend::url_forms).collect();
            Error::invalid(if forms.is_empty() {
                format!("unknown scheme {scheme:?}: no backend is registered that has one")
            } else {
                format!("unknown scheme {scheme:?}: a store's URL is one of {}", forms.join(", "))
            })
        })
    }

    fn not_in_this_build(&self, family: &family::Family) -> Error {
        let cure =
            family.feature.map(|feature| format!(" (the feature {feature:?} adds it)")).unwrap_or_default();
        let names = self.list_available_backends().join(", ");
        let names = if names.is_empty() { "none" } else { &names };
        Error::unsupported(format!(
            "the backend {} is not part of this build{cure}; available: {names}",
            family.name
        ))
    }
}

/// Is [`Registry::new`].
impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the names of the backends.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registry").field(&self.list_available_backends()).finish()
    }
}

#[cfg(test)]
mod tests;
