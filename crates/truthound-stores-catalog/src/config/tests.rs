use truthound_stores_core::ErrorKind;
use truthound_stores_core::codec::{Compression, Format};

use super::*;

#[test]
fn all_settings_are_read_by_name_and_others_are_named() {
    let options = Options::from_pairs([
        ("namespace", "n"),
        ("compression", "none"),
        ("use_compression", "false"),
        ("consistency", "bounded"),
        ("staleness_ms", "250"),
        ("tail_row", "body"),
        ("history_days", "0"),
        ("adopt_interval", "60"),
    ])
    .unwrap();
    let config = CatalogConfig::from_options(&options).unwrap();
    let expected = CatalogConfig::new()
        .with_store(StoreConfig::default().with_namespace("n").with_compression(Compression::None))
        .with_use_compression(false)
        .with_bounded(250)
        .with_tail_row(TailRow::Body)
        .with_history_days(0)
        .with_adopt_interval(60);
    assert_eq!(config, expected);
    let error =
        CatalogConfig::from_options(&Options::from_pairs([("tailrow", "body")]).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("tailrow"), "{error}");
}

#[test]
fn documents_are_compressed_unless_told_otherwise() {
    let codec = |config: &CatalogConfig| config.codec().map(|codec| (codec.format, codec.compression));
    assert_eq!(codec(&CatalogConfig::new()).unwrap(), (Format::Json, Compression::Gzip));
    let plain = CatalogConfig::new().with_use_compression(false);
    assert_eq!(codec(&plain).unwrap(), (Format::Json, Compression::None));
    let against = plain.with_store(StoreConfig::default().with_compression(Compression::Zstd));
    assert_eq!(codec(&against).unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn a_staleness_that_has_no_effect_is_refused() {
    let mut config = CatalogConfig::new();
    assert_eq!(config.staleness().unwrap(), None);
    config.staleness_ms = Some(5);
    assert_eq!(config.staleness().unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(config.with_bounded(5).staleness().unwrap(), Some(Duration::from_millis(5)));
}
