//! The protocol holds, whoever meets whom.

use crate::holds;
use crate::scenarios::ALL;

#[test]
fn all() {
    for s in ALL { holds(&s()); }
}
