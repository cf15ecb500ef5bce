//! What the chore is asked for.

use super::*;

const ONE: &str = r#"{"target_directory": "target", "packages": [
    {"name": "a", "manifest_path": "crates/a/Cargo.toml", "targets": [], "dependencies": [],
     "metadata": {"xtask": {"services": ["mariadb"]}}}]}"#;

fn parse(args: &[&str]) -> Outcome<Asked> {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    Asked::parse(&args, &Metadata::parse(ONE).unwrap())
}

fn refusal(args: &[&str]) -> String {
    match parse(args) {
        Err(Failure::Usage(message)) => message,
        other => panic!("{args:?} gave {other:?}"),
    }
}

#[test]
fn without_names_all_are_meant() {
    let asked = parse(&["up"]).unwrap();
    assert_eq!(asked.verb, Verb::Up);
    assert_eq!(asked.services, Service::ALL.into_iter().collect());
    assert_eq!(asked.may, Install::WithSudo);
}

#[test]
fn names_and_crates_say_which() {
    let asked = parse(&["run", "-p", "a", "postgres", "--no-install", "--", "env", "--", "x"]).unwrap();
    assert_eq!(asked.verb, Verb::Run(["env", "--", "x"].map(str::to_owned).to_vec()));
    assert_eq!(asked.services, [Service::Postgres, Service::Mariadb].into_iter().collect());
    assert_eq!(asked.may, Install::Never);
}

/// Durable saves were once measured on a server that waited for no disk.
#[test]
fn a_keeper_is_told_how_careful_its_servers_are() {
    for care in [Care::Quick, Care::Durable] {
        let names: Vec<&str> = care.word().into_iter().chain(["postgres", "mariadb"]).collect();
        assert_eq!(Care::split(&names), (care, ["postgres", "mariadb"].as_slice()));
        assert_eq!(care.if_quick(&["fsync=off"]).is_empty(), care == Care::Durable);
    }
}

#[test]
fn what_is_not_understood_is_refused_and_named() {
    assert!(refusal(&[]).contains("up or down"));
    assert!(refusal(&["start"]).contains("\"start\""));
    assert!(refusal(&["up", "oracle"]).contains("\"oracle\""));
    assert!(refusal(&["up", "--install"]).contains("\"--install\""));
    assert!(refusal(&["up", "-p", "b"]).contains("\"b\""));
    assert!(refusal(&["up", "-p"]).contains("which crate"));
    assert!(refusal(&["up", "--", "env"]).contains("\"up\""));
    assert!(refusal(&["run", "postgres"]).contains("--"));
    assert!(refusal(&["run", "--"]).contains("--"));
    assert!(refusal(&["down", "postgres"]).contains("stops all"));
}

#[cfg(unix)]
#[test]
fn versions_are_read_as_the_programs_say_them() {
    let said = [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", "15.18"),
        ("PgBouncer 1.18.0\nlibevent 2.1.12-stable\n", "1.18.0"),
        ("mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu", "10.11.19"),
        ("postgres (PostgreSQL) 19beta1", "19"),
    ];
    for (text, version) in said {
        assert_eq!(version_in(text).as_deref(), Some(version), "{text}");
    }
    assert_eq!(version_in("no version here"), None);
}
