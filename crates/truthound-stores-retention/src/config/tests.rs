//! The settings as files give them.

use serde_json::json;
use truthound_stores_core::ErrorKind;

use super::*;

fn read(value: serde_json::Value) -> Result<RetentionConfig> {
    RetentionConfig::from_options(&Options::from_value(value)?)
}

#[test]
fn the_layer_of_the_design_is_read() {
    let config = read(json!({
        "mode": "any", "grace_days": 7, "archive": "file:///backup/truthound",
        "quarantine": "s3://runs/quarantine?password=hush",
        "policies": [
            {"type": "time", "max_age_days": 90, "action": "delete"},
            {"type": "count", "max_count": 100, "per_asset": true, "action": "archive"},
            {"type": "tag", "tag_key": "environment", "tag_value": "production", "max_age_days": 365, "action": "archive"},
        ],
    }))
    .unwrap();
    assert_eq!((config.policies.len(), config.mode, config.batch_size), (3, PolicyMode::Any, 1_000));
    assert!(config.archive.is_some() && config.hold_tags == [TagMatch::set("legal_hold")]);
    // R-ANY-16.
    assert!(!format!("{config:?}").contains("hush"));
}

#[test]
fn what_is_wrong_is_named() {
    let policies = json!([{"type": "time", "max_age_days": 1}]);
    for (value, said) in [
        (json!({}), "retention has no policy"),
        (json!({"policies": []}), "retention has no policy"),
        (json!({"policies": policies, "grace_day": 7}), "did you mean \"grace_days\"?"),
        (json!({"policies": policies, "grace_days": -1}), "grace_days = -1"),
        (json!({"policies": policies, "mode": "both"}), "mode"),
        (json!({"policies": policies, "batch_size": 0}), "batch_size is 0"),
        (json!({"policies": policies, "hold_tags": ["=x"]}), "has no name"),
        (json!({"policies": [{"type": "time"}]}), "max_age_days"),
    ] {
        let error = read(value.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{value}");
        assert!(error.to_string().contains(said), "{value}: {error}");
    }
}
