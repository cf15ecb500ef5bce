//! Stores that Truthound wrote must open as they are, and no setting may lead out of its own place (R-ANY-12).

use truthound_stores_core::ErrorKind;

use super::*;
use crate::tail;

fn results(config: &StoreConfig) -> String {
    let layout = Layout::new(config).unwrap();
    layout.collection(&Collection::RESULTS).document("run_1", ".json.gz").unwrap().to_string()
}

#[test]
fn documents_lie_where_truthound_puts_them() {
    let config = StoreConfig::default();
    assert_eq!(results(&config), "truthound/default/results/run_1.json.gz");
    assert_eq!(results(&config.clone().with_prefix("")), "default/results/run_1.json.gz");
    assert_eq!(results(&config.clone().with_prefix("").with_namespace("")), "results/run_1.json.gz");
    assert_eq!(results(&config.clone().with_prefix("a/b/")), "a/b/default/results/run_1.json.gz");
    assert_eq!(results(&config.with_prefix("dönt ~ %")), "dönt ~ %/default/results/run_1.json.gz");
}

#[test]
fn each_collection_has_a_catalog_of_its_own() {
    let layout = Layout::new(&StoreConfig::default()).unwrap();
    for (collection, folder) in [
        (Collection::RESULTS, "truthound/default/results/"),
        (Collection::EXPECTATIONS, "truthound/default/expectations/"),
        (Collection::new("reports").unwrap(), "truthound/default/_collections/reports/"),
        (Collection::hidden("versions").unwrap(), "truthound/default/_collections/_versions/"),
    ] {
        let place = layout.collection(&collection);
        assert_eq!(place.folder(), folder);
        assert_eq!(place.catalog("root").unwrap().as_ref(), format!("{folder}_catalog/root"));
        let in_tail = place.catalog("tail/x").unwrap();
        assert_eq!(place.prefix_of(tail::FOLDER), in_tail.as_ref().len() - 1);
    }
}

#[test]
fn settings_that_lead_elsewhere_are_refused_by_name() {
    for (prefix, namespace, culprit) in [
        ("../x", "default", "prefix"),
        ("a//b", "default", "prefix"),
        ("_catalog", "default", "prefix"),
        ("truthound", "a/b", "namespace"),
        ("truthound", "_collections", "namespace"),
        (&"x/".repeat(400), "default", "prefix"),
    ] {
        let config = StoreConfig::default().with_prefix(prefix).with_namespace(namespace);
        let error = Layout::new(&config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(culprit), "{error}");
    }
}
