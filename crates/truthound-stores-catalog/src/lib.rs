#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(clippy::similar_names, reason = "a shelf stands beside self, what was listed beside a listing")]
#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::format_push_string,
        clippy::cast_precision_loss,
        clippy::clone_on_ref_ptr,
        clippy::unchecked_time_subtraction,
        reason = "samples are small, and what is shared is seen where it is made"
    )
)]

mod abilities;
mod alone;
mod backoff;
mod beside;
mod bucket;
mod clean_up;
mod conditions;
mod config;
mod digits;
mod doctor;
mod document;
mod dressed;
mod due;
mod error;
mod feed;
mod flaw;
mod fold;
mod horizon;
mod kill_file;
mod layout;
mod library;
mod live;
mod maintain;
mod mix;
mod name;
mod news;
mod objects;
mod pack;
mod probe;
mod query;
mod recent;
mod reindex;
mod root;
mod row;
mod runtime;
mod segment;
mod shelf;
mod state;
mod store;
mod suffix;
mod tail;
mod times;
mod verify;
mod wire;
mod workers;
mod write;

pub use conditions::CompareAndDelete;
pub use config::{CatalogConfig, Consistency, TailRow};
pub use objects::Objects;
pub use runtime::{Runtime, TokioRuntime};
pub use store::{CatalogStore, Past};
