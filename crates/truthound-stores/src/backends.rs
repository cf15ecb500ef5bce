//! The factories of the backends that are compiled in.

use crate::Backend;

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod database;
#[cfg(feature = "filesystem")]
mod filesystem;
#[cfg(feature = "memory")]
mod memory;

/// Lists what is compiled in, in the order of the configuration document: filesystem, s3, gcs, azure, database, memory.
pub(crate) fn compiled_in() -> Vec<Backend> {
    vec![
        #[cfg(feature = "filesystem")]
        filesystem::backend(),
        #[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
        database::backend(),
        #[cfg(feature = "memory")]
        memory::backend(),
    ]
}
