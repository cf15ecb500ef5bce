use proptest::prelude::*;

use super::super::Json;
use super::{Object, SMALL};

fn numbered(count: usize) -> Object {
    (0..count).map(|number| (format!("k{number}"), Json::from(number))).collect()
}

#[test]
fn setting_a_known_name_keeps_its_place() {
    let mut object = numbered(3);
    assert_eq!(object.set("k1", "new"), Some(Json::from(1)));
    assert_eq!(object.set("k9", Json::Null), None);
    let names: Vec<_> = object.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["k0", "k1", "k2", "k9"]);
    assert!(object.contains("k9"), "null is a value");
    assert_eq!(object.get("k9"), Some(&Json::Null));
}

#[test]
fn objects_are_equal_with_the_same_members_in_the_same_order() {
    let forward = numbered(2);
    let backward: Object = forward.clone().into_iter().rev().collect();
    assert_ne!(forward, backward);
    let mut other = numbered(3);
    other.remove("k2");
    assert_eq!(forward, other);
}

#[test]
fn an_object_of_many_names_is_built_in_linear_time() {
    // Looking at each name for each of these would take many minutes.
    let object = numbered(300_000);
    assert_eq!(object.get("k299999"), Some(&Json::from(299_999)));
    assert!(!object.contains("k300000"));
}

#[derive(Clone, Debug)]
enum Step {
    Set(u8, i32),
    Change(u8, i32),
    Remove(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = 0..u8::try_from(SMALL * 2).unwrap();
    let step = prop_oneof![
        4 => (name.clone(), any::<i32>()).prop_map(|(name, value)| Step::Set(name, value)),
        1 => (name.clone(), any::<i32>()).prop_map(|(name, value)| Step::Change(name, value)),
        1 => name.prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 0..200)
}

proptest! {
    #[test]
    fn small_and_large_objects_do_what_a_plain_list_does(steps in steps()) {
        let mut object = Object::new();
        let mut list: Vec<(String, Json)> = Vec::new();
        for step in steps {
            match step {
                Step::Set(name, value) => {
                    let (name, value) = (name.to_string(), Json::from(value));
                    let old = object.set(name.clone(), value.clone());
                    if let Some((_, known)) = list.iter_mut().find(|(known, _)| *known == name) {
                        prop_assert_eq!(old, Some(std::mem::replace(known, value)));
                    } else {
                        prop_assert_eq!(old, None);
                        list.push((name, value));
                    }
                }
                Step::Change(name, value) => {
                    let name = name.to_string();
                    let known = list.iter_mut().find(|(known, _)| *known == name);
                    let ours = object.get_mut(&name);
                    prop_assert_eq!(ours.is_some(), known.is_some());
                    if let (Some(ours), Some((_, known))) = (ours, known) {
                        *ours = Json::from(value);
                        *known = Json::from(value);
                    }
                }
                Step::Remove(name) => {
                    let name = name.to_string();
                    let at = list.iter().position(|(known, _)| *known == name);
                    prop_assert_eq!(object.remove(&name), at.map(|at| list.remove(at).1));
                }
            }
            prop_assert_eq!(object.len(), list.len());
            prop_assert_eq!(object.is_empty(), list.is_empty());
        }
        for (name, value) in &list {
            prop_assert_eq!(object.get(name), Some(value));
        }
        let expected = list.iter().map(|(name, value)| (name.as_str(), value));
        prop_assert!((&object).into_iter().eq(expected));
        prop_assert_eq!(object.into_iter().collect::<Vec<_>>(), list);
    }
}
