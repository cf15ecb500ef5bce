#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
mod describe;
mod directory;
mod error;
mod files;
mod layout;
mod lock;
mod name;
mod row;
mod seal;
mod settings;
mod store;
mod suffix;

pub use config::{Durability, FileSystemConfig};
pub use store::FileSystemStore;
