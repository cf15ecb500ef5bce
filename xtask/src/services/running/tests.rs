//! What is said of servers, and what tests learn of them.

use super::*;

fn runs(service: Service, url: &str) -> Message {
    Message::Runs { service, version: "15.18".to_owned(), url: url.to_owned() }
}

#[test]
fn tests_learn_of_what_started_but_not_of_what_stands_behind_it() {
    let wanted = [Service::Postgres, Service::Pgbouncer].into_iter().collect();
    let plan = Plan::new(&wanted, |name| name == "TRUTHOUND_TEST_POSTGRES_URL");
    let mut found = Found { program: None, ..Found::new(&plan) };
    assert!(!found.add(runs(Service::Postgres, "postgres://behind"), &plan));
    assert!(!found.add(runs(Service::Pgbouncer, "postgres://pool"), &plan));
    assert!(found.add(Message::End, &plan));
    let variables: Vec<_> = found.variables().collect();
    assert_eq!(variables, [("TRUTHOUND_TEST_PGBOUNCER_URL", "postgres://pool")]);
    let summary = found.summary().unwrap();
    assert_eq!(summary, "servers: pgbouncer 15.18, postgres as TRUTHOUND_TEST_POSTGRES_URL says; lacking: 0");
}

#[test]
fn a_server_that_cannot_be_had_is_named_with_the_reason() {
    let plan = Plan::new(&[Service::Mariadb].into_iter().collect(), |_| false);
    let mut found = Found::default();
    found.add(Message::Lacks { service: Service::Mariadb, reason: "no room".to_owned() }, &plan);
    assert_eq!(found.summary().unwrap(), "servers: none; lacking: 1 (mariadb: no room)");
}

#[test]
fn nothing_is_said_where_nothing_was_wanted() {
    assert_eq!(Found::default().summary(), None);
    let running = start(&Plan::default(), Install::Never, Care::Quick).unwrap();
    assert_eq!(running.found, Found::default());
}

#[test]
fn a_keeper_that_does_not_come_up_leaves_all_lacking_and_the_rest_as_it_is() {
    let wanted = [Service::Postgres, Service::Mariadb].into_iter().collect();
    let plan = Plan::new(&wanted, |name| name == "TRUTHOUND_TEST_POSTGRES_URL");
    let running = Running::lacking(&plan, "no room");
    assert_eq!(running.found.variables().count(), 0);
    assert_eq!(
        running.found.summary().unwrap(),
        "servers: postgres as TRUTHOUND_TEST_POSTGRES_URL says; lacking: 1 (mariadb: no room)"
    );
}
