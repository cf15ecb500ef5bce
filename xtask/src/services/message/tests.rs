//! Messages survive the way through a pipe.

use super::*;

#[test]
fn every_message_is_read_as_it_was_written() {
    let url = "postgres://test:secret@127.0.0.1:15000/postgres".to_owned();
    let messages = [
        Message::Runs { service: Service::Postgres, version: "15.18".to_owned(), url },
        Message::Lacks { service: Service::Mariadb, reason: "it said nothing".to_owned() },
        Message::End,
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
    for line in ["", "runs", "runs\tpostgres\t15", "lacks\toracle\tmoney", "begin"] {
        assert!(Message::parse(line).is_err(), "{line:?}");
    }
}
