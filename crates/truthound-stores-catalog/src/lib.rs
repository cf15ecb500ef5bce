#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
