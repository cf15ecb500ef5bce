#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod codec;
pub mod json;
pub mod options;

mod attributes;
mod body;
mod change;
mod clock;
mod config;
mod copy;
mod describe;
mod document;
mod error;
mod ext;
mod facts;
mod key;
mod layer;
mod model;
mod page;
mod pattern;
mod query;
mod record;
mod status;
mod store;
mod summary;
mod time;
mod timer;
mod upkeep;
mod url;

pub use attributes::{Attributes, Ext, Labels, Statistics};
pub use body::{Body, Checksum};
pub use change::{Change, ChangeOp, ChangePage, ChangeToken};
pub use clock::{Clock, SystemClock, new_run_id, random_u64};
pub use config::StoreConfig;
pub use copy::{
    CopyComparison, CopyIssue, CopyOptions, CopyProblem, CopyReport, CopyWatch, OnConflict, copy,
};
pub use describe::{Reading, describe};
pub use document::Document;
pub use error::{Error, ErrorKind, Result};
pub use ext::{BoxStream, Found, StoreExt};
pub use facts::{Facts, FactsList, FactsPage};
pub use key::{Collection, Key};
pub use layer::Layer;
pub use model::{
    Expectation, ExpectationSuite, ResultStatistics, Severity, Tags, TimeText, ValidationResult,
    ValidationResultBuilder, ValidatorResult,
};
pub use page::{OrderValue, Page, PageToken, Position, page_len};
pub use pattern::{Part, Pattern};
pub use query::{OrderBy, Query};
pub use record::{Record, RecordMeta, Revision, Stored, Written};
pub use status::Status;
pub use store::{Capabilities, DeleteOptions, GetOptions, PutMode, PutOptions, Store, StoreInfo};
pub use summary::{Grouping, Summaries, Summary};
pub use time::{NamedZone, Timestamp, Zone};
pub use timer::{BoxFuture, Timer};
pub use upkeep::{Finding, Level, MaintainOptions, Progress, ReindexOptions, Report, Upkeep, VerifyOptions};
pub use url::StoreUrl;
