use serde_json::json;

use truthound_stores_core::ErrorKind;
use truthound_stores_core::codec::{Compression, Format};

use super::*;

fn config(value: serde_json::Value) -> Result<FileSystemConfig> {
    FileSystemConfig::from_options(&Options::from_value(value)?)
}

#[test]
fn names_and_defaults_are_those_of_the_configuration_document() {
    let plain = config(json!({})).unwrap();
    assert_eq!(plain, FileSystemConfig::default());
    assert_eq!(plain.base_path, PathBuf::from(".truthound/store"));
    assert_eq!((plain.create_dirs, plain.pretty_print, plain.use_compression), (true, true, None));
    assert_eq!(plain.store.namespace, "default");
    let (codec, extension) = plain.writing().unwrap();
    assert_eq!(codec, Codec::new(Format::Json, Compression::None).with_pretty(true));
    assert_eq!(extension, ".json");

    let all = config(json!({
        "base_path": "/data", "namespace": "prod", "prefix": "", "serialization_format": "yaml", "compression": "zstd",
        "metadata": {"team": "dq"}, "assume_timezone": "+09:00", "create_dirs": false, "pretty_print": false,
        "use_compression": true, "durability": "os", "file_extension": null
    }));
    let all = all.unwrap();
    assert_eq!(all.store.prefix.as_deref(), Some(""));
    assert_eq!(all.durability, Durability::Os);
    let (codec, extension) = all.writing().unwrap();
    assert_eq!(
        (codec.format, codec.compression, extension.as_str()),
        (Format::Yaml, Compression::Zstd, ".yaml")
    );
}

/// R-ANY-14: options that are misspelt, of the wrong type or in contradiction are errors that name the key.
#[test]
fn what_is_wrong_is_named() {
    for (value, culprit) in [
        (json!({"base_pth": "/x"}), "base_path"),
        (json!({"bucket": "b"}), "bucket"),
        (json!({"create_dirs": "perhaps"}), "create_dirs"),
        (json!({"serialization_format": "xml"}), "serialization_format"),
        (json!({"compression": "rar"}), "compression"),
        (json!({"assume_timezone": "Mars"}), "assume_timezone"),
        (json!({"durability": "maybe"}), "durability"),
        (json!({"metadata": 3}), "metadata"),
    ] {
        let error = config(value.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{value}");
        assert!(error.to_string().contains(culprit), "{value}: {error}");
    }
    for value in [
        json!({"file_extension": ".yaml"}),
        json!({"file_extension": ".gz"}),
        json!({"file_extension": "json"}),
        json!({"file_extension": "."}),
        json!({"file_extension": ".a/b"}),
        json!({"file_extension": ".a.b"}),
        json!({"file_extension": ""}),
        json!({"compression": "none", "use_compression": true}),
        json!({"compression": "zstd", "use_compression": false}),
        json!({"serialization_format": "pickle", "file_extension": ".json"}),
    ] {
        let error = config(value.clone()).unwrap().writing().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{value}");
    }
    assert_eq!(config(json!({"file_extension": ".result"})).unwrap().writing().unwrap().1, ".result");
}

#[test]
fn a_configuration_written_out_reads_back() {
    let config = FileSystemConfig::new("/data")
        .with_store(StoreConfig::default().with_namespace("n").with_metadata("a", "b"))
        .with_file_extension(".result")
        .with_durability(Durability::Os);
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<FileSystemConfig>(&text).unwrap(), config);
    assert!(serde_json::from_str::<FileSystemConfig>(r#"{"base_pth": "x"}"#).is_err());
}
