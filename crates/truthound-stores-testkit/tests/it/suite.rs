//! Correct stores pass every case, whatever wraps them and whatever they cannot do.

use truthound_stores_testkit::conformance_tests;

use crate::places::{Memory, Mortal, fragile, in_pass_through, in_pointers, without_capabilities};

conformance_tests!(memory, Memory::default);
conformance_tests!(memory_that_can_fail, fragile);
conformance_tests!(memory_that_dies, Mortal::default);
conformance_tests!(pointers, in_pointers);
conformance_tests!(pass_through, in_pass_through);
conformance_tests!(without_capabilities, without_capabilities);
