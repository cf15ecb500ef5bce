//! A segment that answers otherwise than its rows would is a wrong answer of every listing, and one that grows is paid for by everybody.

mod agree;
pub(crate) mod data;
mod flips;
mod parts;
mod size;
