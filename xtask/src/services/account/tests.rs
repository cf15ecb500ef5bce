//! Whose servers are.

use super::*;

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin
postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
broken:x
";

#[test]
fn whoever_is_not_root_runs_servers_as_itself() {
    assert_eq!(choose(1000, "", &["postgres"]), Ok(None));
}

#[test]
fn root_runs_them_as_their_own_user_or_as_nobody() {
    assert_eq!(choose(0, PASSWD, &["postgres"]), Ok(Some(Account { uid: 101, gid: 104 })));
    assert_eq!(choose(0, PASSWD, &["mysql"]), Ok(Some(Account { uid: 65534, gid: 65533 })));
}

#[test]
fn root_is_never_taken_whatever_its_name() {
    let error = choose(0, "toor:x:0:0:::\n", &["toor"]).unwrap_err();
    assert!(error.contains("toor or nobody"), "{error}");
}
