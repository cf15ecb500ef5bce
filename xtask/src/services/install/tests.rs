//! Who may install, and what is said to those who may not.

use super::*;

#[test]
fn root_installs_without_sudo_and_others_with_it() {
    let as_root = how(Install::IfRoot, true, true, || panic!("root needs no sudo")).unwrap();
    assert_eq!(as_root, ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let other = how(Install::WithSudo, false, true, || true).unwrap();
    assert_eq!(other, ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
}

#[test]
fn a_test_run_uses_no_sudo_and_says_how_to_get_the_server() {
    let error = how(Install::IfRoot, false, true, || panic!("asked for sudo")).unwrap_err();
    assert!(error.contains("cargo xtask services install"), "{error}");
}

#[test]
fn what_cannot_be_installed_is_said_with_a_remedy() {
    let error = how(Install::WithSudo, false, false, || true).unwrap_err();
    assert!(error.contains("apt-get") && error.contains("set its variable"), "{error}");
    let error = how(Install::WithSudo, false, true, || false).unwrap_err();
    assert!(error.contains("password"), "{error}");
    let error = how(Install::Never, true, true, || true).unwrap_err();
    assert!(error.contains("not wanted"), "{error}");
}

#[test]
fn the_package_client_waits_for_another_that_is_at_work() {
    let shown = run::show(&command(&["apt-get"], &["update"]));
    assert_eq!(shown, "apt-get -o DPkg::Lock::Timeout=300 update");
}
