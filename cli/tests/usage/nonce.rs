//! Wrong command lines of `flashback nonce`.

use crate::common::{Machine, refused};

#[test]
fn wrong_arguments_are_refused() {
    let machine = Machine::offline();
    refused(
        &machine,
        &[
            ("nonce", 2, "Usage: flashback nonce"),
            ("nonce create --authority nobody", 2, "`nobody` is neither an address"),
            ("nonce create", 2, "cannot read a keypair from"),
            ("nonce create more", 2, "unexpected argument 'more'"),
            ("nonce show", 2, "<ADDRESS>"),
            ("nonce show nobody", 2, "`nobody` is neither an address"),
            ("nonce authorize", 2, "<ACCOUNT>"),
            ("nonce authorize 11111111111111111111111111111111", 2, "<NEW_AUTHORITY>"),
            ("nonce authorize nobody 11111111111111111111111111111111", 2, "neither an address"),
            ("nonce authorize 11111111111111111111111111111111 nobody", 2, "neither an address"),
            (
                "nonce authorize 11111111111111111111111111111111 11111111111111111111111111111111",
                2,
                "cannot read a keypair from",
            ),
            ("nonce advance", 2, "<ACCOUNT>"),
            ("nonce advance nobody", 2, "`nobody` is neither an address"),
            ("nonce advance 11111111111111111111111111111111 1", 2, "unexpected argument '1'"),
            ("nonce advance 11111111111111111111111111111111", 2, "cannot read a keypair from"),
            ("nonce withdraw 11111111111111111111111111111111", 2, "<AMOUNT>"),
            ("nonce withdraw nobody 1", 2, "`nobody` is neither an address"),
            ("nonce withdraw 11111111111111111111111111111111 0", 2, "above zero"),
            ("nonce withdraw 11111111111111111111111111111111 0SOL", 2, "above zero"),
            ("nonce withdraw 11111111111111111111111111111111 much", 2, "as 0.5SOL"),
            ("nonce withdraw 11111111111111111111111111111111 1FLASH", 2, "as 0.5SOL"),
            (
                "nonce withdraw 11111111111111111111111111111111 0.0000000001",
                2,
                "too many decimals",
            ),
            (
                "nonce withdraw 11111111111111111111111111111111 1 --to nobody",
                2,
                "neither an address",
            ),
            ("nonce withdraw 11111111111111111111111111111111 1", 2, "cannot read a keypair from"),
        ],
    );
}
