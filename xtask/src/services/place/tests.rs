//! A folder is a keeper's own, and nobody's when it is gone.

use super::*;

#[test]
fn a_folder_is_locked_as_long_as_its_keeper_lives() {
    let place = Place::make().unwrap();
    let lock = File::open(place.folder().join(LOCK)).unwrap();
    assert!(lock.try_lock().is_err());
    assert!(!place.folder().join("unnamed").exists());
    // Another one that starts takes nothing away.
    let other = Place::make().unwrap();
    assert!(place.folder().exists());
    drop(place);
    assert!(lock.try_lock().is_ok());
    assert!(other.folder().exists());
}

#[test]
fn a_place_is_private_and_goes() {
    let mut place = Place::make().unwrap();
    let folder = place.folder().to_path_buf();
    let (room, _) = place.room("a", &["nobody"]).unwrap();
    std::fs::write(room.join("old"), "").unwrap();
    let (room, _) = place.room("a", &["nobody"]).unwrap();
    assert!(!room.join("old").exists(), "a second attempt finds nothing of the first");
    assert_eq!(std::fs::metadata(&room).unwrap().mode() & 0o777, 0o700);
    assert_ne!(place.port().unwrap(), place.port().unwrap());
    assert_eq!(place.password().len(), 32);
    drop(place);
    assert!(!folder.exists());
}
