//! Wrong command lines of `flashback wallet`.

use super::acting::machine;
use crate::common::{Machine, refused};

#[test]
fn wrong_arguments_are_refused() {
    refused(
        &machine(),
        &[
            ("wallet nobody", 2, "`nobody` is neither an address"),
            ("wallet 11111111111111111111111111111111 more", 2, "unexpected argument 'more'"),
            ("wallet -k missing.json", 2, "cannot read a keypair from missing.json"),
            ("wallet", 3, "cannot be reached"),
            ("wallet 11111111111111111111111111111111", 3, "cannot be reached"),
        ],
    );
    // Another's takes no key.
    let machine = Machine::offline();
    machine.run(&["wallet"]).fails(2, "cannot read a keypair from");
    machine.run(&["wallet", "11111111111111111111111111111111"]).fails(3, "cannot be reached");
}
