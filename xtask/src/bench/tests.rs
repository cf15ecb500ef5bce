//! Which calls are refused.

use super::*;

fn read(args: &[&str]) -> Outcome<Options> {
    parse(&args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>())
}

#[test]
fn a_part_of_a_run_does_not_take_the_place_of_a_whole_one() {
    for part in [["--only", "get"], ["--documents", "1000"]] {
        let [option, value] = part;
        assert!(read(&[option, value]).is_ok());
        assert!(matches!(read(&["--write", option, value]), Err(Failure::Usage(_))));
    }
    assert!(read(&["filesystem", "--quick", "--write"]).unwrap().quick);
    assert_eq!((read(&[]).unwrap().what, read(&["catalog"]).unwrap().what), ("filesystem", "catalog"));
}

#[test]
fn only_the_database_store_needs_servers_and_features() {
    assert_eq!(servers(read(&["database", "--quick"]).unwrap().what), [Service::Postgres, Service::Mariadb]);
    assert_eq!(features("database"), ["postgres", "mysql", "sqlite"]);
    for what in MEASURED.into_iter().filter(|what| *what != "database") {
        assert!(servers(what).is_empty() && features(what).is_empty(), "{what}");
    }
}

#[test]
fn a_misspelt_option_or_one_without_its_value_is_refused() {
    for args in [&["--fast"][..], &["databases"], &["--folder"]] {
        let Err(Failure::Usage(message)) = read(args) else { panic!("accepted {args:?}") };
        assert!(message.contains(args[0]), "{message}");
    }
}
