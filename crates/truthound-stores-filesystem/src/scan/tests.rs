//! What counts as a document is decided by names alone; what cannot be read stops nothing else.

use std::collections::BTreeSet;

use super::*;
use crate::describe::tests::plain;

fn text(id: &str) -> String {
    format!(
        r#"{{"run_id":{id:?},"run_time":"2026-01-01T00:00:00","data_asset":"orders","status":"success"}}"#
    )
}

#[test]
fn names_of_documents_are_told_from_those_of_all_else() {
    let dir = tempfile::tempdir().unwrap();
    for name in
        ["a.json", "b.json.gz", "c.yaml.zst", "_index.json", "_store.json", ".hidden.json", "notes.txt", "d"]
    {
        fs::write(dir.path().join(name), "").unwrap();
    }
    for name in ["_catalog", "_sidecars", "_collections"] {
        fs::create_dir(dir.path().join(name)).unwrap();
    }
    let mut names = BTreeSet::new();
    each_name(&plain(dir.path()), |name| {
        match name {
            Name::Document { stem, suffix } => names.insert(format!("{stem} {suffix}")),
            Name::NoText(path) => panic!("{}", path.display()),
        };
        Ok(true)
    })
    .unwrap();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a .json", "b .json.gz", "c .yaml.zst"]);
}

#[test]
fn a_folder_that_is_not_there_has_no_names_and_a_file_is_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!has_documents(&plain(&dir.path().join("missing"))).unwrap());
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(has_documents(&plain(&file)).unwrap_err().kind(), ErrorKind::Invalid);
}

/// Few are read one by one, many on several threads: the answer is the same.
#[test]
fn documents_are_read_one_by_one_or_on_threads_with_one_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let folder = plain(dir.path());
    for count in [FEW, 10 * FEW] {
        let names: Vec<_> = (0..count).map(|number| (format!("run{number}"), ".json".to_owned())).collect();
        for (stem, suffix) in &names {
            fs::write(folder.file(stem, suffix), text(stem)).unwrap();
        }
        fs::write(folder.file("run1", ".json"), "torn").unwrap();
        fs::remove_file(folder.file("run2", ".json")).unwrap();
        let (mut read, mut damaged) = (BTreeSet::new(), Vec::new());
        load_all(&folder, &names, |loaded| {
            match loaded.document {
                Ok(document) => assert!(read.insert(document.id), "each once"),
                Err(_) => damaged.push(loaded.stem),
            }
            Ok(())
        })
        .unwrap();
        assert_eq!((read.len(), damaged.as_slice()), (count - 2, ["run1".to_owned()].as_slice()));

        // Who takes them may stop.
        let refusal = load_all(&folder, &names, |_| Err(Error::closed()));
        assert_eq!(refusal.unwrap_err().kind(), ErrorKind::Closed);
    }
}
