//! Wrong values of the global options.

use crate::common::{Machine, refused};

#[test]
fn wrong_values_of_global_options_are_refused() {
    let machine = Machine::offline();
    refused(
        &machine,
        &[
            ("provider show --url devnett", 2, "`devnett` is no URL"),
            ("provider show --url", 2, "a value is required"),
            ("provider show --output xml", 2, "invalid value 'xml'"),
            ("provider show --commitment final", 2, "invalid value 'final'"),
            ("provider stake 1 --nonce nobody", 2, "neither an address"),
            ("provider stake 1 --nonce-authority a.json", 2, "--nonce <ADDRESS>"),
            ("provider stake 1 --blockhash 0", 2, "`0` is no blockhash"),
            ("provider stake 1 --with-compute-unit-price -1", 2, "unexpected argument '-1'"),
            ("provider stake 1 --with-compute-unit-price 1.5", 2, "invalid digit"),
            ("provider stake 1 --with-memo=", 2, "a memo has 1 to 566 bytes"),
            ("provider stake 1 --dry-run --sign-only", 2, "cannot be used with"),
            (
                "provider stake 1 --keypair missing.json",
                2,
                "cannot read a keypair from missing.json",
            ),
            ("provider stake 1", 2, "cannot read a keypair from"),
            ("provider stake 1 --keypair -", 2, "standard input has no keypair"),
            ("provider stake 1 --config missing.yml", 2, "missing.yml"),
            (
                "provider show 11111111111111111111111111111111 --config missing.yml",
                2,
                "missing.yml",
            ),
        ],
    );
}
