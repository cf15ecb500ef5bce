//! The contract, over several kinds of buckets and under each codec.

use truthound_stores_catalog::{CatalogConfig, TailRow};
use truthound_stores_core::StoreConfig;
use truthound_stores_core::codec::{Compression, Format};
use truthound_stores_testkit::conformance_tests;
use truthound_stores_testkit::object::StoreOptions;

use crate::place::{Plain, Simulated};

fn coded(format: Format, compression: Compression) -> CatalogConfig {
    let store = StoreConfig::default().with_serialization_format(format).with_compression(compression);
    CatalogConfig::new().with_store(store)
}

conformance_tests!(in_memory, || Plain::new(CatalogConfig::new));
conformance_tests!(s3, || Simulated::new(StoreOptions::s3(), CatalogConfig::new));
conformance_tests!(gcs_json, || Simulated::new(StoreOptions::gcs(), || coded(
    Format::Json,
    Compression::None
)));
conformance_tests!(azure_yaml_zstd, || Simulated::new(StoreOptions::azure(), || coded(
    Format::Yaml,
    Compression::Zstd
)));
conformance_tests!(pickle_lz4_rows_in_bodies, || Plain::new(
    || coded(Format::Pickle, Compression::Lz4).with_tail_row(TailRow::Body)
));
conformance_tests!(alone, || Simulated::new(StoreOptions::everybody_wins(), CatalogConfig::new));
