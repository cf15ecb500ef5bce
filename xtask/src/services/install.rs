//! Installs servers that are not here, by the system's own package client.

use std::process::Command;

use super::programs;
use super::service::Service;
use crate::run;

/// How far installing may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Install {
    /// Nothing is installed.
    Never,
    /// Only where that needs no other rights than those that this program has: a test run must not use `sudo` unasked.
    IfRoot,
    /// With `sudo`, if it asks for no password.
    WithSudo,
}

/// Installs what lacks of these; gives those that cannot be had, each with the reason and what would help.
pub(crate) fn install(services: &[Service], install: Install) -> Vec<(Service, String)> {
    let lacking =
        || services.iter().copied().filter(|&service| !programs::is_here(service)).collect::<Vec<_>>();
    let missing = lacking();
    if missing.is_empty() {
        return Vec::new();
    }
    let outcome = apt_get(install).and_then(|apt_get| with(&apt_get, &missing));
    lacking()
        .into_iter()
        .map(|service| {
            let reason =
                outcome.as_ref().err().map_or("its package was installed, but has no server", String::as_str);
            (service, format!("not installed: {reason}"))
        })
        .collect()
}

fn with(apt_get: &[&str], services: &[Service]) -> Result<(), String> {
    let packages: Vec<&str> = services.iter().map(|service| service.package()).collect();
    eprintln!("installing {} by apt-get", packages.join(", "));
    run::capture(&mut command(apt_get, &["update", "--quiet"]))?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(packages);
    run::capture(&mut command(apt_get, &arguments)).map(drop)
}

fn command(apt_get: &[&str], arguments: &[&str]) -> Command {
    // `env` stands behind `sudo`, which would drop what this process sets.
    let mut words = apt_get.iter().chain(&["-o", "DPkg::Lock::Timeout=300"]).chain(arguments);
    let mut command = Command::new(words.next().copied().unwrap_or("apt-get"));
    command.args(words).stdin(std::process::Stdio::null());
    command
}

/// The words that start the package client.
fn apt_get(install: Install) -> Result<Vec<&'static str>, String> {
    let answers = |words: &[&str]| {
        let (program, arguments) = words.split_first().unwrap_or((&"false", &[]));
        run::answers(Command::new(program).args(arguments))
    };
    // The standard library does not tell whose process this is.
    let is_root = run::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    how(install, is_root, answers(&["apt-get", "--version"]), || answers(&["sudo", "-n", "true"]))
}

fn how(
    install: Install,
    is_root: bool,
    has_apt_get: bool,
    may_sudo: impl FnOnce() -> bool,
) -> Result<Vec<&'static str>, String> {
    let client = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    if install == Install::Never {
        return Err("installing was not wanted; `cargo xtask services install` does it".to_owned());
    }
    if !has_apt_get {
        return Err(
            "there is no apt-get here: install it by hand, or set its variable to one that runs".to_owned()
        );
    }
    if is_root {
        return Ok(client.to_vec());
    }
    if install == Install::IfRoot {
        return Err("installing needs root; `cargo xtask services install` does it by sudo".to_owned());
    }
    if !may_sudo() {
        return Err("installing needs root, and sudo asks for a password: install it by hand".to_owned());
    }
    Ok(["sudo", "-n"].into_iter().chain(client).collect())
}

#[cfg(test)]
mod tests;
