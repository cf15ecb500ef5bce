use clap::error::ErrorKind;

use super::*;

fn parse_line(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn global_options_stand_before_and_after_the_command() {
    for line in ["x --store memory: --format csv list", "x list --store memory: --format csv"] {
        let cli = parse_line(line).unwrap();
        assert_eq!(cli.global.store.as_deref(), Some("memory:"), "{line}");
        assert_eq!(cli.global.format, Some(Format::Csv), "{line}");
    }
}

#[test]
fn wrong_values_are_refused_with_what_is_right() {
    for (line, hint) in [
        ("x list --limit -1", "0 or more"),
        ("x list --limit 1.5", "0 or more"),
        ("x list --offset -3", "0 or more"),
        ("x list --order-by colour", "run_time, data_asset or status"),
        ("x list --since yesterday", "7d"),
        ("x list --until 2026-13-01", "7d"),
        ("x list --tag environment", "name=value"),
        ("x list --tag =production", "name=value"),
        ("x list --format xml", "jsonl"),
        ("x list --collection ../etc", "a-z"),
        ("x stats --by month", "day"),
        ("x watch --interval 0", "10ms"),
        ("x watch --interval 5x", "500ms"),
        ("x watch --interval 61m", "1 hour"),
        ("x maintain --grace 0s", "1s or more"),
        ("x maintain --grace 7", "90s, 30m, 12h, 7d or 2w"),
        ("x maintain --grace 99999999999999999w", "90s"),
        ("x bench --records 0", "--records"),
        ("x bench --concurrency 100000", "--concurrency"),
        ("x bench --seconds 0", "--seconds"),
        ("x bench --size 5", "--size"),
    ] {
        let error = parse_line(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
        assert!(error.to_string().contains(hint), "{line}: {error}");
    }
}

#[test]
fn an_unknown_option_is_refused() {
    assert_eq!(parse_line("x list --assets a").unwrap_err().kind(), ErrorKind::UnknownArgument);
}

#[test]
fn store_and_config_are_settled_by_where_they_come_from() {
    use ValueSource::{CommandLine, EnvVariable};
    let both = || Global {
        store: Some("memory:".to_owned()),
        config: Some("stores.toml".into()),
        layers: Vec::new(),
        namespace: None,
        collection: None,
        format: None,
        names_store: false,
    };
    let mut global = both();
    global.settle(EnvVariable, CommandLine).unwrap();
    assert!(global.store.is_none() && global.config.is_some());
    let mut global = both();
    global.settle(CommandLine, EnvVariable).unwrap();
    assert!(global.store.is_some() && global.config.is_none());
    both().settle(CommandLine, CommandLine).unwrap_err();
    both().settle(EnvVariable, EnvVariable).unwrap_err();
    let mut global = Global { store: Some(String::new()), ..both() };
    global.settle(EnvVariable, EnvVariable).unwrap();
    assert!(global.store.is_none(), "an empty variable is none");
}
