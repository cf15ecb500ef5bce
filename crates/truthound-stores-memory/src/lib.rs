#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
mod feed;
mod index;
mod state;
mod store;

pub use config::MemoryConfig;
pub use store::MemoryStore;
