#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(clippy::similar_names, reason = "a shelf stands beside self, what was listed beside a listing")]
#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::format_push_string,
        clippy::cast_precision_loss,
        clippy::clone_on_ref_ptr,
        clippy::unchecked_time_subtraction,
        reason = "samples are small, and what is shared is seen where it is made"
    )
)]
#![allow(dead_code, unused_imports, reason = "the store that these are parts of is not there yet")]

mod bucket;
mod clean_up;
mod digits;
mod document;
mod documents;
mod due;
mod feed;
mod flaw;
mod fold;
mod horizon;
mod kill_file;
mod layout;
mod library;
mod maintain;
mod name;
mod news;
mod pack;
mod query;
mod root;
mod row;
mod segment;
mod shelf;
mod state;
mod suffix;
mod tail;
mod times;
mod wire;
mod write;
