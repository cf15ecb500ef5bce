#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod digits;
mod pack;
mod row;
mod segment;
mod state;
mod tail;
