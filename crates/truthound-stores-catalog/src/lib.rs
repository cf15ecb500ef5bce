#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(dead_code, unused_imports, reason = "the store that these are parts of is not there yet")]

mod digits;
mod feed;
mod kill_file;
mod library;
mod news;
mod pack;
mod query;
mod root;
mod row;
mod segment;
mod shelf;
mod state;
mod tail;
mod wire;
