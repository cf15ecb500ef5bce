#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod branch;
mod chain;
mod checksum;
mod cleanup;
mod config;
mod content;
mod delete;
mod diff;
mod draft;
mod envelope;
mod facts;
mod find;
mod head;
mod import;
mod info;
mod label;
mod layer;
mod number;
mod place;
mod refs;
mod remove;
mod request;
mod resolve;
mod save;
mod store;
mod terms;
mod upkeep;

pub use branch::{BranchInfo, MergeMode};
pub use checksum::ChecksumAlgorithm;
pub use config::{DeletedHistory, VersioningConfig, VersioningMode};
pub use content::{History, Version};
pub use diff::{ChangeKind, ChangedPath, PathChange, diff};
pub use import::{ImportOptions, ImportReport, VersionNote};
pub use info::{Origin, VersionInfo};
pub use label::LabelInfo;
pub use layer::VersioningLayer;
pub use number::Bump;
pub use request::SaveOptions;
pub use store::VersionedStore;
