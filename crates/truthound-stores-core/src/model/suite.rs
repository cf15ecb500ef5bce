//! Expectation suites.

use super::members::{Kept, Reader, Writer};
use super::misfit::Misfit;
use super::part::{Part, serde_by_json};
use super::{Tags, TimeText};
use crate::json::{Json, Object};
use crate::{Clock, Collection, Document, Key, Result};

/// Says what is expected of a column, or of the whole asset.
///
/// # Examples
/// ```
/// use truthound_stores_core::Expectation;
///
/// let expectation = Expectation::new("in_range").with_column("age").with_kwarg("min", 0).with_mostly(0.95);
/// assert!(expectation.enabled);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Expectation {
    /// What is expected: `not_null`, `in_range`.
    pub expectation_type: String,
    /// The column, unless the whole asset is meant.
    pub column: Option<String>,
    /// The parameters.
    pub kwargs: Object,
    /// Anything else that is known of it.
    pub meta: Object,
    /// Whether it is checked. Default: true.
    pub enabled: bool,
    /// The share of values that must comply, 0 to 1. Default: 1.
    pub mostly: f64,
    /// Fields of the document that have no field here, in their order.
    pub extra: Object,
    kept: Kept,
}

impl Expectation {
    const FIELDS: [&str; 6] = ["expectation_type", "column", "kwargs", "meta", "enabled", "mostly"];

    /// Makes an expectation of the whole asset, enabled and without parameters.
    pub fn new(expectation_type: impl Into<String>) -> Self {
        Self {
            expectation_type: expectation_type.into(),
            column: None,
            kwargs: Object::new(),
            meta: Object::new(),
            enabled: true,
            mostly: 1.0,
            extra: Object::new(),
            kept: Kept::default(),
        }
    }

    /// Names the column.
    #[must_use]
    pub fn with_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with_kwarg(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.kwargs.set(name, value);
        self
    }

    /// Sets the share of values that must comply.
    #[must_use]
    pub fn with_mostly(mut self, share: f64) -> Self {
        self.mostly = share;
        self
    }
}

impl Part for Expectation {
    fn read(json: Json) -> Result<Self, Misfit> {
        let mut reader = Reader::new(json)?;
        let read = Self {
            column: reader.field("column", None),
            kwargs: reader.field("kwargs", Object::new()),
            meta: reader.field("meta", Object::new()),
            enabled: reader.field("enabled", true),
            mostly: reader.field("mostly", 1.0),
            ..Self::new(reader.text("expectation_type")?)
        };
        let (extra, kept) = reader.finish();
        Ok(Self { extra, kept, ..read })
    }

    fn write(&self) -> Result<Json, Misfit> {
        let mut writer = Writer::new(&self.kept);
        writer.text("expectation_type", &self.expectation_type);
        writer.field("column", &self.column, None)?;
        writer.field("kwargs", &self.kwargs, Object::new())?;
        writer.field("meta", &self.meta, Object::new())?;
        writer.field("enabled", &self.enabled, true)?;
        writer.field("mostly", &self.mostly, 1.0)?;
        writer.finish(&self.extra, &Self::FIELDS)
    }
}

/// Holds what is expected of a data asset.
///
/// Its name is its id. Reading needs `name` and `data_asset`, and of each of the `expectations` its
/// `expectation_type`; odd values are treated as in a [`ValidationResult`](crate::ValidationResult).
///
/// # Examples
/// ```
/// use truthound_stores_core::{Expectation, ExpectationSuite, SystemClock};
///
/// let clock = SystemClock::new();
/// let mut suite = ExpectationSuite::new("customers", "warehouse.customers", &clock)?;
/// suite.add(Expectation::new("not_null").with_column("email"), &clock);
/// assert_eq!(suite.enabled().count(), 1);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExpectationSuite {
    /// The id.
    pub name: String,
    /// What the expectations are about.
    pub data_asset: String,
    /// What is expected.
    pub expectations: Vec<Expectation>,
    /// Anything else that is known of the suite.
    pub meta: Object,
    /// When the suite was made. Not written if there is none.
    pub created_at: Option<TimeText>,
    /// When the suite was changed last. Not written if there is none.
    pub updated_at: Option<TimeText>,
    /// Labels.
    pub tags: Tags,
    /// Fields of the document that have no field here, in their order.
    pub extra: Object,
    kept: Kept,
}

impl ExpectationSuite {
    const FIELDS: [&str; 7] =
        ["name", "data_asset", "expectations", "meta", "created_at", "updated_at", "tags"];

    /// Makes an empty suite, as of now.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a name that no [`Key`] can have.
    pub fn new(name: impl Into<String>, data_asset: impl Into<String>, clock: &dyn Clock) -> Result<Self> {
        let name = name.into();
        Key::new(Collection::EXPECTATIONS, &name)?;
        let now = TimeText::from(clock.now());
        let empty = Self::empty(name, data_asset.into());
        Ok(Self { created_at: Some(now.clone()), updated_at: Some(now), ..empty })
    }

    fn empty(name: String, data_asset: String) -> Self {
        Self {
            name,
            data_asset,
            expectations: Vec::new(),
            meta: Object::new(),
            created_at: None,
            updated_at: None,
            tags: Tags::new(),
            extra: Object::new(),
            kept: Kept::default(),
        }
    }

    /// Returns the id: `name`.
    pub fn id(&self) -> &str {
        &self.name
    }

    /// Adds an expectation, and sets `updated_at` to now.
    pub fn add(&mut self, expectation: Expectation, clock: &dyn Clock) {
        self.expectations.push(expectation);
        self.updated_at = Some(clock.now().into());
    }

    /// Yields the expectations that are checked.
    pub fn enabled(&self) -> impl Iterator<Item = &Expectation> {
        self.expectations.iter().filter(|expectation| expectation.enabled)
    }
}

impl Part for ExpectationSuite {
    fn read(json: Json) -> Result<Self, Misfit> {
        let mut reader = Reader::new(json)?;
        let name = reader.text("name")?;
        let data_asset = reader.text("data_asset")?;
        let read = Self {
            expectations: reader.list("expectations")?,
            meta: reader.field("meta", Object::new()),
            created_at: reader.optional_time("created_at")?,
            updated_at: reader.optional_time("updated_at")?,
            tags: reader.field("tags", Tags::new()),
            ..Self::empty(name, data_asset)
        };
        let (extra, kept) = reader.finish();
        Ok(Self { extra, kept, ..read })
    }

    fn write(&self) -> Result<Json, Misfit> {
        let mut writer = Writer::new(&self.kept);
        writer.text("name", &self.name);
        writer.text("data_asset", &self.data_asset);
        writer.list("expectations", &self.expectations)?;
        writer.field("meta", &self.meta, Object::new())?;
        writer.optional_time("created_at", self.created_at.as_ref());
        writer.optional_time("updated_at", self.updated_at.as_ref());
        writer.field("tags", &self.tags, Tags::new())?;
        writer.finish(&self.extra, &Self::FIELDS)
    }
}

impl Document for ExpectationSuite {
    const COLLECTION: Collection = Collection::EXPECTATIONS;

    fn from_json(json: Json) -> Result<Self> {
        Ok(Part::read(json)?)
    }

    fn to_json(&self) -> Result<Json> {
        Ok(Part::write(self)?)
    }
}

serde_by_json!(Expectation, ExpectationSuite);
