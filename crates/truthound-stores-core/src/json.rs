//! JSON as stored documents hold it: exact, in one pass, and safe on any input.
//!
//! Real documents hold what RFC 8259 and `serde_json` do not keep: the tokens `NaN`, `Infinity` and
//! `-Infinity`, numbers whose text matters (`1e-05`, `1.50`, 300 digits), the order of keys, halves
//! of surrogate pairs. Here all of that survives.
//!
//! [`relayout`] and [`strict`] rewrite a document without building it up; [`Tokens`] and [`Writer`]
//! are what they are made of. [`Json`] is for looking into a document and for making one. Every
//! error is [`Invalid`](crate::ErrorKind::Invalid) and says where: "not JSON: expected `,` or `]`
//! at line 3, column 7".

mod lexer;
mod nest;
mod number;
mod object;
mod place;
mod rewrite;
mod scan;
mod serde;
mod sink;
mod text;
mod value;
mod writer;

pub use lexer::{Token, Tokens};
pub use number::{Number, python_float};
pub use object::{Members, Object};
pub use rewrite::{relayout, strict};
pub use sink::Layout;
pub use text::{CharsOrSurrogates, Text};
pub use value::Json;
pub use writer::Writer;

/// Bounds how deep arrays and objects may nest: 128 levels (`serde_json` reads 127).
pub const MAX_DEPTH: usize = 128;
