#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

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
