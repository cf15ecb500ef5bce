//! A store says what it is, for people and for programs.

use super::Place;

pub(super) async fn a_store_names_itself_on_one_line(place: &dyn Place) {
    let store = place.open("default").await;
    let shown = store.to_string();
    assert!(!shown.trim().is_empty(), "Display shows nothing");
    assert!(!shown.contains('\n'), "Display shows more than a line: {shown:?}");
    assert!(!format!("{store:?}").is_empty(), "Debug shows nothing");
}

pub(super) async fn a_store_names_its_backend_and_its_place(place: &dyn Place) {
    let store = place.open("default").await;
    let info = store.info();
    assert!(!info.backend.trim().is_empty(), "info names no backend");
    assert!(!info.location.contains('\n'), "the location is more than a line: {:?}", info.location);
    assert_eq!(store.info(), info, "info changes from call to call");
    let other = place.open("default").await;
    assert_eq!(other.info().capabilities, info.capabilities, "two handles claim different capabilities");
}
