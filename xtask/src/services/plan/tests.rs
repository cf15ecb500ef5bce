//! Which servers are started, for which crates.

use super::*;

const BOTH: &str = r#"{"target_directory": "target", "packages": [
    {"name": "a", "manifest_path": "crates/a/Cargo.toml", "targets": [], "dependencies": [],
     "metadata": {"xtask": {"services": ["postgres", "mariadb"]}}},
    {"name": "b", "manifest_path": "crates/b/Cargo.toml", "targets": [], "dependencies": [], "metadata": null},
    {"name": "c", "manifest_path": "crates/c/Cargo.toml", "targets": [], "dependencies": [],
     "metadata": {"xtask": {"services": ["pgbouncer"]}, "docs": {"rs": {}}}}]}"#;

fn set(services: &[Service]) -> BTreeSet<Service> {
    services.iter().copied().collect()
}

fn needs(args: &[&str]) -> BTreeSet<Service> {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    needed(&Metadata::parse(BOTH).unwrap(), &args)
}

#[test]
fn what_no_variable_names_is_started_the_database_before_its_pool() {
    let plan = Plan::new(&set(&Service::ALL), |_| false);
    assert_eq!(plan.start, [Service::Postgres, Service::Pgbouncer, Service::Mariadb]);
    assert_eq!(plan.given, []);
    assert_eq!(Plan::new(&set(&[]), |_| false), Plan::default());
}

#[test]
fn a_variable_that_is_set_wins() {
    let plan = Plan::new(&set(&Service::ALL), |name| name == "TRUTHOUND_TEST_MYSQL_URL");
    assert_eq!(plan.start, [Service::Postgres, Service::Pgbouncer]);
    assert_eq!(plan.given, [Service::Mariadb]);
    assert!(!plan.announces(Service::Mariadb));
}

#[test]
fn a_pool_is_never_put_before_a_database_that_somebody_else_runs() {
    let plan = Plan::new(&set(&Service::ALL), |name| name == "TRUTHOUND_TEST_POSTGRES_URL");
    assert_eq!(plan.start, [Service::Postgres, Service::Pgbouncer, Service::Mariadb]);
    assert!(!plan.announces(Service::Postgres), "the variable that was set must stay");
    assert!(plan.announces(Service::Pgbouncer));
    let alone = Plan::new(&set(&[Service::Pgbouncer]), |_| false);
    assert_eq!(alone.start, [Service::Postgres, Service::Pgbouncer]);
}

#[test]
fn only_the_crates_that_are_tested_get_servers() {
    assert_eq!(needs(&[]), set(&Service::ALL));
    assert_eq!(needs(&["conformance"]), set(&Service::ALL));
    assert_eq!(needs(&["-p", "b"]), set(&[]));
    assert_eq!(needs(&["-pa", "conformance"]), set(&[Service::Postgres, Service::Mariadb]));
    assert_eq!(needs(&["--package=c"]), set(&[Service::Pgbouncer]));
    assert_eq!(needs(&["--package", "b", "-p=c"]), set(&[Service::Pgbouncer]));
    assert_eq!(needs(&["-p", "b", "--", "-p", "a"]), set(&[]));
}

#[test]
fn a_pattern_of_packages_may_mean_any_of_them() {
    assert_eq!(needs(&["-p", "truthound-*"]), set(&Service::ALL));
}

#[test]
fn a_server_that_nobody_knows_is_an_error_that_names_crate_and_server() {
    let error = Metadata::parse(&BOTH.replace("\"pgbouncer\"", "\"oracle\"")).unwrap_err();
    assert!(error.contains("\"oracle\"") && error.contains("\"c\""), "{error}");
    assert!(error.contains("postgres, pgbouncer, mariadb"), "{error}");
}

#[test]
fn services_that_are_no_list_are_an_error() {
    let error = Metadata::parse(&BOTH.replace("[\"pgbouncer\"]", "\"pgbouncer\"")).unwrap_err();
    assert!(error.contains("list") && error.contains("\"c\""), "{error}");
}
