#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod clean_up;
mod digits;
mod documents;
mod due;
mod flaw;
mod fold;
mod kill_file;
mod library;
mod maintain;
mod news;
mod pack;
mod root;
mod row;
mod segment;
mod shelf;
mod state;
mod tail;
mod times;
mod wire;
