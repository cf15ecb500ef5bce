//! Whatever happens to a catalog, its documents make it anew, and whoever writes meanwhile loses nothing.

mod foreign;
mod judged;
mod lasts;
mod storm;
pub(crate) mod whole;
pub(crate) mod world;
