//! Messages survive the way through a pipe.

use super::*;

#[test]
fn every_message_is_read_as_it_was_written() {
    let url = "postgres://test:secret@127.0.0.1:15000/postgres".to_owned();
    let messages = [
        Message::Runs { service: Service::Postgres, version: "15.18".to_owned(), url },
        Message::Lacks { service: Service::Mariadb, reason: "it said nothing".to_owned() },
        Message::End,
        Message::Done,
        Message::Failed { reason: "it is not running".to_owned() },
    ];
    for message in messages {
        assert_eq!(Message::parse(&message.line()), Ok(message));
    }
}

#[test]
fn a_reason_of_several_lines_stays_one_message() {
    let reason = "ended with 1:\n\tno room\n".to_owned();
    let line = Message::Lacks { service: Service::Mariadb, reason }.line();
    assert_eq!(line, "lacks\tmariadb\tended with 1: no room");
}

#[test]
fn anything_else_is_refused() {
    for line in ["", "runs", "runs\tpostgres\t15", "lacks\toracle\tmoney", "begin", "failed"] {
        assert!(Message::parse(line).is_err(), "{line:?}");
    }
}

#[test]
fn a_wish_names_what_is_to_be_done_and_to_whom() {
    assert_eq!(Wish::parse("kill postgres\n"), Ok(Wish::Kill(Service::Postgres)));
    assert_eq!(Wish::parse("stop mariadb"), Ok(Wish::Stop(Service::Mariadb)));
    assert_eq!(Wish::parse("start pgbouncer"), Ok(Wish::Start(Service::Pgbouncer)));
    for line in ["", "kill", "kill oracle", "restart postgres"] {
        assert!(Wish::parse(line).is_err(), "{line:?}");
    }
}
