//! Whatever happens to a catalog, its documents make it anew, and whoever writes meanwhile loses nothing.

mod whole;
pub(crate) mod world;
