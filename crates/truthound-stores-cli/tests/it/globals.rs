//! The global options: where they stand, and how they, the environment and the defaults give way to each other.

use crate::harness::{Ended, Place, result};

fn ids(ended: Ended) -> String {
    ended.ok().lines().collect::<Vec<_>>().join(" ")
}

/// A folder with four stores, each of which holds one document that has the store's name.
fn stores() -> Place {
    let place = Place::new();
    for (name, store) in [
        ("default", ""),
        ("option", "--store option"),
        ("variable", "--store variable"),
        ("config", "--store config"),
    ] {
        let document = result(name, "a", "2026-01-01", "success");
        assert_eq!(place.run_with(&format!("save - {store}"), document.as_bytes()).ok(), format!("{name}\n"));
    }
    place.write("stores.toml", "[store]\nurl = \"file:config\"\n");
    place
}

#[test]
fn options_beat_the_environment_which_beats_the_default() {
    let place = stores();
    let list = |line: &str, store: &str, config: &str| {
        let mut command = place.command(line.split_whitespace());
        command
            .args(["--format", "ids"])
            .env("TRUTHOUND_STORE", store)
            .env("TRUTHOUND_STORES_CONFIG", config);
        Ended::from(command.output().unwrap())
    };
    assert_eq!(ids(place.run("list --format ids")), "default");
    assert_eq!(ids(list("list", "", "")), "default");
    assert_eq!(ids(list("list", "variable", "")), "variable");
    assert_eq!(ids(list("list", "", "stores.toml")), "config");
    assert_eq!(ids(list("list --store option", "variable", "")), "option");
    assert_eq!(ids(list("list --store option", "", "stores.toml")), "option");
    assert_eq!(ids(list("list --store option", "variable", "stores.toml")), "option");
    assert_eq!(ids(list("list --config stores.toml", "variable", "")), "config");
    list("list", "variable", "stores.toml").fails(2, "TRUTHOUND_STORES_CONFIG");
}

#[test]
fn a_configuration_file_in_the_folder_counts_only_if_it_is_named() {
    let place = stores();
    place.write("truthound-stores.toml", "[store]\nurl = \"file:config\"\n");
    assert_eq!(ids(place.run("list --format ids")), "default");
}

#[test]
fn global_options_stand_before_and_after_the_command() {
    let place = stores();
    for line in [
        "--store option --format ids --namespace default list",
        "list --store option --format ids --namespace default",
        "--format ids list --store file:option",
        "--store=file:./option list --format=ids --collection=results",
    ] {
        assert_eq!(ids(place.run(line)), "option", "{line}");
    }
}

#[test]
fn a_configuration_file_reads_the_environment() {
    let place = stores();
    place.write("env.toml", "[store]\nurl = \"file:${WHERE_IT_IS}\"\n");
    let mut command = place.command(["list", "--config", "env.toml", "--format", "ids"]);
    assert_eq!(ids(Ended::from(command.env("WHERE_IT_IS", "config").output().unwrap())), "config");
    let mut command = place.command(["list", "--config", "env.toml"]);
    Ended::from(command.env_remove("WHERE_IT_IS").output().unwrap()).fails(2, "WHERE_IT_IS");
}

#[test]
fn the_namespace_applies_to_a_configuration_file_too() {
    let place = stores();
    let document = result("nightly", "a", "2026-01-01", "success");
    place.run_with("save - --store config --namespace other", document.as_bytes()).ok();
    assert_eq!(ids(place.run("--config stores.toml --namespace other list --format ids")), "nightly");
}

#[test]
fn help_and_version_are_printed_to_stdout() {
    let place = Place::new();
    assert_eq!(place.run("--version").ok(), format!("truthound-stores {}\n", env!("CARGO_PKG_VERSION")));
    let help = place.run("--help").ok();
    for command in [
        "demo", "save", "get", "exists", "delete", "query", "list", "count", "latest", "history", "failures",
        "stats", "trend", "diff", "watch", "verify", "reindex", "maintain", "doctor", "bench", "backends",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is missing");
        assert!(place.run(&format!("{command} --help")).ok().contains("Usage: "), "{command}");
    }
    assert!(help.contains("Exit codes") && help.contains("TRUTHOUND_STORE"));
}

#[test]
fn backends_are_listed_with_their_urls() {
    let place = Place::new();
    let text = place.run("backends").ok();
    let names: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|backend| backend["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["filesystem", "database", "memory"]);
    assert!(text.contains("memory:") && text.contains("file:"));
    assert!(place.run("backends --format table").ok().starts_with("NAME"));
    let all: Vec<serde_json::Value> =
        serde_json::from_str(&place.run("backends --format json").ok()).unwrap();
    assert_eq!(all.len(), 3);
}

/// A configuration could only be tried out by a command that used the store.
#[test]
fn a_configuration_is_checked_without_using_the_store() {
    let place = Place::new();
    place.write("good.toml", "[store]\nurl = \"file:data?namespace=prod\"\ndurability = \"os\"\n");
    let text = place.run("--config good.toml config check --format jsonl").ok();
    let expected =
        "{\"file\":\"good.toml\",\"backend\":\"filesystem\",\"location\":\"data/prod/validations\"}\n";
    assert_eq!(text, expected);
    assert!(!place.path("data").exists());
    place.write("bad.toml", "[store]\nurl = \"file:data\"\ndurabilty = \"os\"\n");
    place.run("config check --config bad.toml").fails(2, "did you mean \"durability\"?");
    place.run("config check").fails(2, "--config FILE");
}

#[test]
fn a_shell_gets_a_script_that_knows_the_commands() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&format!("completions {shell}")).ok();
        assert!(script.contains("truthound-stores") && script.contains("maintain"), "{shell}");
    }
    assert_eq!(place.run("completions tcsh").code, 2);
}
