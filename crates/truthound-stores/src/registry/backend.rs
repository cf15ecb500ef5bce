//! What a registry knows of a backend.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result, Store, StoreUrl};

/// Opens stores of one backend.
///
/// # Examples
/// A backend for tests that keeps each named space in memory:
/// ```
/// # #[cfg(feature = "memory")]
/// # #[tokio::main]
/// # async fn main() -> truthound_stores::Result<()> {
/// use std::sync::Arc;
///
/// use async_trait::async_trait;
/// use truthound_stores::{Backend, Factory, MemoryConfig, MemoryStore, Options, Registry, Result, Store, StoreUrl};
///
/// struct Scratch;
///
/// #[async_trait]
/// impl Factory for Scratch {
///     fn place(&self, url: &StoreUrl, options: Options) -> Result<Options> {
///         let mut options = options;
///         options.set_once("namespace", url.rest())?;
///         Ok(options)
///     }
///
///     async fn open(&self, options: Options) -> Result<Arc<dyn Store>> {
///         Ok(Arc::new(MemoryStore::open(MemoryConfig::from_options(&options)?)?))
///     }
/// }
///
/// let mut registry = Registry::new();
/// registry.register_store(Backend::new("scratch", Scratch).with_schemes(["scratch"]))?;
/// let by_url = registry.open("scratch:nightly").await?;
/// let by_name = registry.get_store("scratch", Options::new().with("namespace", "nightly")).await?;
/// # let _ = (by_url, by_name);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "memory"))]
/// # fn main() {}
/// ```
#[async_trait]
pub trait Factory: Send + Sync + 'static {
    /// Says by options what a URL says by its place, so that a store opens the same way from both.
    ///
    /// `options` are those of the URL and those beside it, already joined and not yet checked; what stands between scheme
    /// and options ([`StoreUrl::rest`], [`StoreUrl::path`]) is the factory's to understand.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a place that the backend does not understand, and for an option that says
    /// what the place says already. No error shows a password.
    fn place(&self, url: &StoreUrl, options: Options) -> Result<Options>;

    /// Opens a store as the options say.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming it, for an option that does not exist, has the wrong type or has no
    /// effect; what opening answers.
    ///
    /// # Cancel safety
    /// Dropping the future opens nothing.
    async fn open(&self, options: Options) -> Result<Arc<dyn Store>>;
}

/// Names a backend, the schemes of its URLs, and what opens its stores.
#[derive(Clone)]
pub struct Backend {
    name: Cow<'static, str>,
    schemes: Vec<Cow<'static, str>>,
    url_forms: Vec<Cow<'static, str>>,
    drivers: bool,
    factory: Arc<dyn Factory>,
}

impl Backend {
    /// Describes a backend that is opened by name only.
    pub fn new(name: impl Into<Cow<'static, str>>, factory: impl Factory) -> Self {
        let (schemes, url_forms) = (Vec::new(), Vec::new());
        Self { name: name.into(), schemes, url_forms, drivers: false, factory: Arc::new(factory) }
    }

    /// Sets the schemes of its URLs, in lower case and without the colon. Default: none.
    #[must_use]
    pub fn with_schemes<T: Into<Cow<'static, str>>>(mut self, schemes: impl IntoIterator<Item = T>) -> Self {
        self.schemes = schemes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the forms of its URLs, as people are shown them. Default: each scheme with its colon.
    #[must_use]
    pub fn with_url_forms<T: Into<Cow<'static, str>>>(mut self, forms: impl IntoIterator<Item = T>) -> Self {
        self.url_forms = forms.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether a scheme may name a driver after a `+`, as `postgresql+psycopg2` does, which is ignored. Default: false.
    #[must_use]
    pub fn with_drivers(mut self, yes: bool) -> Self {
        self.drivers = yes;
        self
    }

    /// Tells whether URLs of this scheme are the backend's.
    pub(super) fn owns(&self, scheme: &str) -> bool {
        let is_ours = |scheme: &str| self.schemes().any(|known| known == scheme);
        is_ours(scheme) || self.drivers && scheme.rsplit_once('+').is_some_and(|(scheme, _)| is_ours(scheme))
    }

    /// Returns the name that [`get_store`](crate::get_store) takes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lists the schemes of its URLs.
    pub fn schemes(&self) -> impl Iterator<Item = &str> {
        self.schemes.iter().map(AsRef::as_ref)
    }

    /// Lists the forms of its URLs, for people.
    pub fn url_forms(&self) -> impl Iterator<Item = String> {
        let bare = self.schemes().filter(|_| self.url_forms.is_empty());
        bare.map(|scheme| format!("{scheme}:")).chain(self.url_forms.iter().map(ToString::to_string))
    }

    pub(super) fn factory(&self) -> &dyn Factory {
        &*self.factory
    }

    /// Checks name and schemes: what could never be asked for is a mistake.
    pub(super) fn check(&self) -> Result<()> {
        if self.name.is_empty() {
            return Err(Error::invalid("a backend needs a name"));
        }
        for (index, scheme) in self.schemes.iter().enumerate() {
            let mut bytes = scheme.bytes();
            let usable = scheme.len() > 1
                && bytes.next().is_some_and(|first| first.is_ascii_lowercase())
                && bytes
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte));
            if !usable {
                return Err(Error::invalid(format!(
                    "the scheme {scheme:?} of the backend {:?} is none: write lower-case letters, digits, +, - and ., \
                     two at the least, a letter first",
                    self.name
                )));
            }
            if self.schemes.iter().take(index).any(|earlier| earlier == scheme) {
                return Err(Error::invalid(format!(
                    "the backend {:?} names the scheme {scheme:?} twice",
                    self.name
                )));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("name", &self.name)
            .field("schemes", &self.schemes)
            .finish_non_exhaustive()
    }
}
