#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(dead_code, unused_imports, reason = "the store that these are parts of is not there yet")]

mod clean_up;
mod digits;
mod documents;
mod due;
mod feed;
mod flaw;
mod fold;
mod kill_file;
mod library;
mod maintain;
mod news;
mod pack;
mod query;
mod root;
mod row;
mod segment;
mod shelf;
mod state;
mod tail;
mod times;
mod wire;
