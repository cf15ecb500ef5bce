use super::*;

fn extensions(current: &str, others: &[&str]) -> Extensions {
    Extensions::new(current, &others.iter().map(|&text| text.to_owned()).collect())
}

#[test]
fn names_come_apart_in_one_way() {
    let known = extensions(".result", &[".old"]);
    for (name, expected) in [
        ("a.json", Some(("a", ".json", Compression::None))),
        ("a.json.gz", Some(("a", ".json", Compression::Gzip))),
        ("a.yml.zst", Some(("a", ".yml", Compression::Zstd))),
        ("a.pkl.lz4", Some(("a", ".pkl", Compression::Lz4))),
        ("a.result", Some(("a", ".result", Compression::None))),
        ("a.old.gz", Some(("a", ".old", Compression::Gzip))),
        ("a.json.json", Some(("a.json", ".json", Compression::None))),
        ("a.json.gz.json", Some(("a.json.gz", ".json", Compression::None))),
        ("a.gz", None),
        ("a", None),
        (".json", None),
        ("a.txt", None),
        ("a.JSON", None),
        ("", None),
    ] {
        let found = known.split(name);
        let found =
            found.as_ref().map(|(stem, suffix)| (*stem, suffix.extension.as_str(), suffix.compression));
        assert_eq!(found, expected, "{name}");
    }
    assert!(extensions(".json", &[]).split("a.result").is_none());
}

#[test]
fn every_suffix_is_tried_the_current_one_first() {
    let known = extensions(".result", &[]);
    let all: Vec<String> = known.suffixes(Compression::Zstd).map(|suffix| suffix.text()).collect();
    assert_eq!(all[0], ".result.zst");
    assert_eq!(all.len(), 6 * 4);
    for suffix in known.suffixes(Compression::Zstd) {
        let name = format!("id{}", suffix.text());
        assert_eq!(known.split(&name), Some(("id", suffix)));
    }
}
