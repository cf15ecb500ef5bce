#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bucket;
mod digits;
mod document;
mod horizon;
mod layout;
mod name;
mod pack;
mod row;
mod state;
mod tail;
mod write;
