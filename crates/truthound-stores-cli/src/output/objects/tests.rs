use super::*;

#[test]
fn members_keep_their_order_and_names_are_quoted() {
    let object = Object::default().with("b\"", 1).with("a", "x\ny").with("c", Value::Null);
    assert_eq!(object.finish(), r#"{"b\"":1,"a":"x\ny","c":null}"#);
    assert_eq!(Object::default().finish(), "{}");
}

#[test]
fn csv_has_text_as_it_is_and_nothing_for_what_is_absent() {
    let fields: Vec<String> =
        [Value::Null, "a,b".into(), 0.5.into(), true.into()].into_iter().map(field).collect();
    assert_eq!(fields, ["", "a,b", "0.5", "true"]);
}
