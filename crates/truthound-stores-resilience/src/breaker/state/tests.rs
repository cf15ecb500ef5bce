//! R-DB-3: the breaker opens, half-opens, closes, and cannot get stuck.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { failures: 3, successes: 2, timeout: Duration::from_mins(1), probes: 2 };

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A breaker that opened at second 0.
fn open(limits: Limits) -> Machine {
    let mut machine = Machine::new(limits);
    for _ in 0..limits.failures {
        let ticket = machine.ask(at(0)).unwrap();
        machine.tell(ticket, Signal::Failure, at(0));
    }
    assert_eq!(machine.status(at(0)).state, BreakerState::Open);
    machine
}

fn state(machine: &Machine, seconds: u64) -> BreakerState {
    machine.status(at(seconds)).state
}

#[test]
fn it_opens_at_the_threshold_of_failures_in_a_row_and_not_before() {
    use Signal::{Failure, Neutral, Success};
    for (signals, expected) in [
        (vec![Failure, Failure], BreakerState::Closed),
        (vec![Failure, Failure, Failure], BreakerState::Open),
        (vec![Failure, Failure, Success, Failure, Failure], BreakerState::Closed),
        (vec![Failure, Failure, Neutral, Failure], BreakerState::Open),
        (vec![Neutral; 9], BreakerState::Closed),
    ] {
        let mut machine = Machine::new(LIMITS);
        for &signal in &signals {
            let ticket = machine.ask(at(0)).unwrap();
            machine.tell(ticket, signal, at(0));
        }
        assert_eq!(state(&machine, 0), expected, "{signals:?}");
    }
}

#[test]
fn an_open_breaker_refuses_until_its_timeout_has_passed() {
    let mut machine = open(LIMITS);
    let refusal = machine.ask(at(59)).unwrap_err();
    assert_eq!(refusal, Refusal { state: BreakerState::Open, retry_after: at(1) });
    assert_eq!((state(&machine, 59), state(&machine, 60)), (BreakerState::Open, BreakerState::HalfOpen));
    assert!(machine.ask(at(60)).is_ok());
    let status = machine.status(at(60));
    assert_eq!((status.allowed, status.refused, status.failed, status.opened), (4, 1, 3, 1));
}

#[test]
fn a_half_open_breaker_lets_exactly_so_many_through() {
    for (probes, successes, expected) in [(1, 1, 1), (3, 3, 3), (3, 1, 3), (2, 5, 2)] {
        let mut machine = open(Limits { successes, probes, ..LIMITS });
        let through = (0..10).filter(|_| machine.ask(at(60)).is_ok()).count();
        assert_eq!(through, expected, "{probes} at a time, {successes} needed");
        let refusal = machine.ask(at(60)).unwrap_err();
        assert_eq!(refusal, Refusal { state: BreakerState::HalfOpen, retry_after: SOON });
    }
}

/// With the defaults, which need as many successes as they let through, no fourth call strains a store that is not known to be back.
#[test]
fn successes_let_no_more_through_than_are_needed() {
    let mut machine = open(Limits { probes: 3, successes: 3, ..LIMITS });
    let tickets: Vec<Ticket> = (0..3).map(|_| machine.ask(at(60)).unwrap()).collect();
    for &ticket in &tickets[..2] {
        machine.tell(ticket, Signal::Success, at(61));
        assert!(machine.ask(at(61)).is_err());
    }
    machine.tell(tickets[2], Signal::Success, at(62));
    assert_eq!(state(&machine, 62), BreakerState::Closed);
}

#[test]
fn more_successes_than_places_are_found_one_after_the_other() {
    let mut machine = open(Limits { probes: 1, successes: 3, ..LIMITS });
    for _ in 0..3 {
        let ticket = machine.ask(at(60)).unwrap();
        assert!(machine.ask(at(60)).is_err(), "one at a time");
        machine.tell(ticket, Signal::Success, at(60));
    }
    assert_eq!(state(&machine, 60), BreakerState::Closed);
}

#[test]
fn a_failed_probe_opens_it_again_for_the_whole_timeout() {
    let mut machine = open(LIMITS);
    let (first, second) = (machine.ask(at(60)).unwrap(), machine.ask(at(60)).unwrap());
    machine.tell(first, Signal::Success, at(70));
    assert!(machine.tell(second, Signal::Failure, at(75)));
    assert_eq!(machine.ask(at(80)).unwrap_err().retry_after, at(55));
    assert_eq!(machine.status(at(80)).opened, 2);
    machine.ask(at(135)).unwrap();
}

#[test]
fn a_probe_that_came_to_nothing_gives_its_place_back() {
    let mut machine = open(Limits { probes: 1, ..LIMITS });
    let dropped = machine.ask(at(60)).unwrap();
    machine.tell(dropped, Signal::Neutral, at(61));
    assert_eq!(machine.status(at(61)).probes, 0);
    machine.ask(at(61)).unwrap();
}

/// Probes that hang for ever once kept all places: the breaker refused every call, long after the store was back.
#[test]
fn places_of_probes_that_never_return_are_given_away() {
    let mut machine = open(LIMITS);
    let lost = [machine.ask(at(60)).unwrap(), machine.ask(at(70)).unwrap()];
    assert!(machine.ask(at(129)).is_err());
    let found = [machine.ask(at(130)).unwrap(), machine.ask(at(130)).unwrap()];
    assert!(machine.ask(at(130)).is_err());
    // What comes of the lost ones after all, changes nothing.
    assert!(!machine.tell(lost[0], Signal::Failure, at(131)));
    for ticket in found {
        machine.tell(ticket, Signal::Success, at(131));
    }
    assert_eq!(state(&machine, 131), BreakerState::Closed);
}

#[test]
fn calls_of_an_earlier_state_change_nothing() {
    let mut machine = Machine::new(LIMITS);
    let early: Vec<Ticket> = (0..6).map(|_| machine.ask(at(0)).unwrap()).collect();
    for &ticket in &early[..3] {
        machine.tell(ticket, Signal::Failure, at(1));
    }
    assert!(!machine.tell(early[3], Signal::Success, at(2)), "a success from before does not close it");
    assert!(
        !machine.tell(early[4], Signal::Failure, at(50)),
        "a failure from before does not keep it open longer"
    );
    machine.ask(at(61)).unwrap();
    assert!(!machine.tell(early[5], Signal::Failure, at(62)), "nor does it open it again");
    assert_eq!(state(&machine, 62), BreakerState::HalfOpen);
}

#[derive(Clone, Debug)]
enum Deed {
    Ask,
    Tell(usize, Signal),
    Wait(u64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let signal = prop_oneof![Just(Signal::Success), Just(Signal::Failure), Just(Signal::Neutral)];
    let deed = prop_oneof![
        3 => Just(Deed::Ask),
        3 => (0..8_usize, signal).prop_map(|(which, signal)| Deed::Tell(which, signal)),
        1 => (0..90_u64).prop_map(Deed::Wait),
    ];
    vec(deed, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happened before: once the store is back for good, the breaker closes.
    #[test]
    fn it_never_gets_stuck(
        deeds in deeds(),
        failures in 1..4_u32,
        successes in 1..5_u32,
        probes in 1..4_u32,
    ) {
        let limits = Limits { failures, successes, probes, timeout: at(60) };
        let (mut machine, mut now, mut tickets) = (Machine::new(limits), 0, Vec::new());
        for deed in deeds {
            match deed {
                Deed::Ask => tickets.extend(machine.ask(at(now))),
                Deed::Tell(which, signal) if !tickets.is_empty() => {
                    let ticket = tickets.swap_remove(which % tickets.len());
                    machine.tell(ticket, signal, at(now));
                }
                Deed::Tell(..) => {}
                Deed::Wait(seconds) => now += seconds,
            }
            prop_assert!(machine.status(at(now)).probes <= probes);
        }
        // The tickets that are left are never heard of again.
        now += 60;
        for _ in 0..successes {
            let ticket = machine.ask(at(now));
            prop_assert!(ticket.is_ok(), "refused although its timeout has passed: {machine:?}");
            machine.tell(ticket.unwrap(), Signal::Success, at(now));
            now += 60;
        }
        prop_assert!(machine.ask(at(now)).is_ok());
    }
}
