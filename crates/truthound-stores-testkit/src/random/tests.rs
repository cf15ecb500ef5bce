//! Seeds are written into tests and reports: the sequence behind one must never change.

use super::*;

#[test]
fn the_sequence_is_that_of_the_reference_implementation() {
    // The first outputs of splitmix64.c for the seed 1234567, as published on Rosetta Code.
    let mut random = SeededRandom::new(1_234_567);
    let drawn: Vec<u64> = (0..3).map(|_| random.next_u64()).collect();
    assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
}

#[test]
fn bounds_are_kept_at_both_ends() {
    let mut random = SeededRandom::new(3);
    let drawn: Vec<u64> = (0..200).map(|_| random.between(5, 7)).collect();
    assert!(drawn.iter().all(|number| (5..=7).contains(number)));
    assert!([5, 6, 7].iter().all(|number| drawn.contains(number)));
    assert_eq!(random.below(0), 0);
}
