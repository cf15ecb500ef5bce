#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod build;
mod catch_up;
mod commit;
mod config;
mod describe;
mod error;
mod files;
mod gate;
mod index;
mod known;
mod layout;
mod live;
mod locate;
mod lock;
mod name;
mod owner;
mod partition;
mod place;
mod prepare;
mod private;
mod publish;
mod recover;
mod scan;
mod settings;
mod sidecar;
mod store;
mod suffix;
#[cfg(all(test, target_os = "linux"))]
mod tests;
mod upkeep;
mod watch;

pub use config::{Durability, FileSystemConfig};
pub use store::FileSystemStore;
