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
fn a_misspelt_option_or_one_without_its_value_is_refused() {
    for args in [&["--fast"][..], &["database"], &["--folder"]] {
        let Err(Failure::Usage(message)) = read(args) else { panic!("accepted {args:?}") };
        assert!(message.contains(args[0]), "{message}");
    }
}
