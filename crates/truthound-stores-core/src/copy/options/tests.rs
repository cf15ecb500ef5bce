//! Options that make no sense are refused by name.

use super::*;

#[test]
fn a_number_out_of_its_bounds_is_refused_by_name() {
    CopyOptions::new().validate().unwrap();
    let wrong = [
        (CopyOptions::new().with_concurrency(0), "concurrency is 0"),
        (CopyOptions::new().with_concurrency(1025), "concurrency is 1025"),
        (CopyOptions::new().with_batch_documents(0), "batch_documents is 0"),
        (CopyOptions::new().with_batch_documents(10_001), "batch_documents is 10001"),
        (CopyOptions::new().with_batch_bytes(0), "batch_bytes is 0"),
    ];
    for (options, says) in wrong {
        let error = options.validate().unwrap_err();
        assert!(error.message().starts_with(says), "{error}");
    }
}

#[test]
fn policies_are_read_by_their_names() {
    for choice in OnConflict::ALL {
        assert_eq!(choice.to_string().parse::<OnConflict>().unwrap(), choice);
    }
    let error = "merge".parse::<OnConflict>().unwrap_err();
    assert!(error.message().contains("\"merge\"") && error.message().contains("refuse"), "{error}");
}
