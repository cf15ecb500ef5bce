//! A store is ill and well again after as many checks as are configured, and is checked when it is time to.

use super::super::HealthCheckConfig;
use super::*;

fn machine(failures: u32, recoveries: u32) -> Machine {
    let config =
        HealthCheckConfig::new().with_failure_threshold(failures).with_recovery_threshold(recoveries);
    Machine::new(config.terms().unwrap())
}

/// Makes a check that ends at a second.
fn check(machine: &mut Machine, good: bool, second: u64) {
    let number = machine.begin();
    machine.end(number, good, Timestamp::UNIX_EPOCH, Duration::from_secs(second), Duration::ZERO);
}

/// The states after each of a row of checks.
fn states(failures: u32, recoveries: u32, checks: &[bool]) -> Vec<HealthState> {
    let mut machine = machine(failures, recoveries);
    let after = |good: &bool| {
        check(&mut machine, *good, 0);
        machine.state()
    };
    checks.iter().map(after).collect()
}

#[test]
fn states_follow_the_thresholds() {
    use HealthState::{Healthy, Unhealthy, Unknown};
    assert_eq!(states(1, 1, &[true, false, true]), [Healthy, Unhealthy, Healthy]);
    assert_eq!(states(3, 1, &[false, false, false]), [Unknown, Unknown, Unhealthy]);
    assert_eq!(
        states(2, 1, &[true, false, true, false, false]),
        [Healthy, Healthy, Healthy, Healthy, Unhealthy]
    );
    assert_eq!(
        states(1, 3, &[false, true, true, false, true, true, true]),
        [Unhealthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Healthy]
    );
    assert_eq!(states(1, 3, &[true]), [Healthy], "a store that was not ill needs not recover");
}

#[test]
fn a_check_is_due_at_first_and_an_interval_after_the_last_one_ended() {
    let mut machine = machine(1, 1);
    assert!(machine.is_due(Duration::ZERO));
    check(&mut machine, true, 10);
    assert!(!machine.is_due(Duration::from_millis(39_999)));
    assert!(machine.is_due(Duration::from_secs(40)));
}

/// A check that was under way when somebody asked may have looked before the store failed.
#[test]
fn only_a_check_that_began_later_answers_who_asks() {
    let mut machine = machine(1, 1);
    let under_way = machine.begin();
    let asked = machine.begun();
    machine.end(under_way, true, Timestamp::UNIX_EPOCH, Duration::ZERO, Duration::ZERO);
    assert!(!machine.has_ended_since(asked));
    let dropped = machine.begin();
    assert!(!machine.has_ended_since(asked), "check {dropped} was dropped");
    check(&mut machine, true, 0);
    assert!(machine.has_ended_since(asked));
}
