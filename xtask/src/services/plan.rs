//! Decides which servers are started, and which are used where they are.

use std::collections::BTreeSet;

use super::service::Service;
use crate::metadata::Metadata;

/// What is to be done for tests that want servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Those to be started, in this order.
    pub(crate) start: Vec<Service>,
    /// Those whose variable is set already: it stays as it is, whatever is started.
    pub(crate) given: Vec<Service>,
}

impl Plan {
    /// Makes the plan for these servers; `is_set` tells which environment variables have a value.
    pub(crate) fn new(wanted: &BTreeSet<Service>, is_set: impl Fn(&str) -> bool) -> Self {
        let (given, mut start): (Vec<Service>, Vec<Service>) =
            wanted.iter().partition(|service| is_set(service.variable()));
        // Who may log in at somebody's own PostgreSQL, nobody knows here: a PgBouncer gets one of its own.
        if start.contains(&Service::Pgbouncer) && !start.contains(&Service::Postgres) {
            start.insert(0, Service::Postgres);
        }
        Self { start, given }
    }

    /// Tells whether tests are to learn where the started server of this kind is.
    pub(crate) fn announces(&self, service: Service) -> bool {
        self.start.contains(&service) && !self.given.contains(&service)
    }
}

/// The servers that the tests need which these arguments for the test runner select.
pub(crate) fn needed(metadata: &Metadata, args: &[String]) -> BTreeSet<Service> {
    let named = packages(args);
    let all = named.is_empty()
        // A specification of another form, such as a pattern, may select anything.
        || named.iter().any(|name| metadata.package(name).is_err());
    let packages = metadata.packages.iter();
    let tested = packages.filter(|package| all || named.contains(&package.name.as_str()));
    tested.flat_map(|package| package.services.iter().copied()).collect()
}

/// The packages that arguments for cargo name.
pub(crate) fn packages(args: &[String]) -> Vec<&str> {
    let mut named = Vec::new();
    let mut args = args.iter().map(String::as_str).take_while(|&arg| arg != "--");
    while let Some(arg) = args.next() {
        if arg == "--package" || arg == "-p" {
            named.extend(args.next());
        } else if let Some(name) = arg.strip_prefix("--package=") {
            named.push(name);
        } else if let Some(name) = arg.strip_prefix("-p").filter(|name| !name.is_empty()) {
            named.push(name.trim_start_matches('='));
        }
    }
    named
}

#[cfg(test)]
mod tests;
