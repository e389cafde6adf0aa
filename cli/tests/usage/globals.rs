//! Wrong values of the global options.

use solana_sdk::signature::Keypair;

use super::acting;
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

#[test]
fn wrong_variables_are_refused() {
    for (variable, value, message) in [
        ("FLASHBACK_URL", "devnett", "FLASHBACK_URL: `devnett` is no URL"),
        ("FLASHBACK_URL", "", "FLASHBACK_URL: `` is no URL"),
        ("FLASHBACK_WS_URL", "http://a", "FLASHBACK_WS_URL: `http://a` is no websocket"),
        ("FLASHBACK_KEYPAIR", "missing.json", "FLASHBACK_KEYPAIR: cannot read a keypair from"),
        ("FLASHBACK_FEE_PAYER", "missing.json", "FLASHBACK_FEE_PAYER: cannot read a keypair from"),
        ("FLASHBACK_COMMITMENT", "final", "invalid value 'final'"),
        ("FLASHBACK_OUTPUT", "xml", "invalid value 'xml'"),
        ("FLASHBACK_COMPUTE_UNIT_PRICE", "much", "invalid value 'much'"),
        ("FLASHBACK_CONFIG", "missing.yml", "missing.yml"),
        ("FLASHBACK_OVERLAY", "missing.yml", "missing.yml"),
    ] {
        let machine = Machine::offline().with(variable, value);
        machine.keypair(".config/solana/id.json", &Keypair::new());
        machine.run(&["provider", "stake", "1"]).fails(2, message);
    }
}

#[test]
fn every_signer_is_looked_for_before_anything_is_asked() {
    let machine = Machine::offline();
    machine.keypair(".config/solana/id.json", &Keypair::new());
    let nonce = "11111111111111111111111111111111";
    for (flags, message) in [
        (vec!["--fee-payer", "nobody"], "--fee-payer: cannot read a keypair from nobody"),
        (vec!["--fee-payer", "prompt:"], "--fee-payer: a seed phrase is typed at a terminal"),
        (
            vec!["--nonce", nonce, "--nonce-authority", "nobody"],
            "--nonce-authority: cannot read a keypair from nobody",
        ),
        (vec!["--nonce", nonce, "--blockhash", nonce], "cannot be used with"),
    ] {
        machine.run(&[&["provider", "stake", "1"][..], &flags].concat()).fails(2, message);
    }
    machine.run(&["provider", "stake", "1"]).fails(3, "cannot be reached");
}

#[test]
fn what_an_address_cannot_sign_is_not_sent() {
    let machine = acting::machine();
    let only = "is only an address here: name its signer";
    for flags in [&[][..], &["--no-wait"], &["--yes"]] {
        let line = [&["treasury", "check"][..], flags].concat();
        machine.run(&line).fails(2, only);
        machine.run(&line).fails(2, "use --sign-only");
    }
    let key = machine.keypair("key.json", &Keypair::new());
    // Who pays can sign, and who acts does not have to.
    machine.run(&["treasury", "check", "--fee-payer", &key]).fails(3, "cannot be reached");
    machine.run(&["treasury", "check", "-k", &key]).fails(3, "cannot be reached");
    let address = acting::KEY;
    machine.run(&["treasury", "check", "-k", &key, "--fee-payer", address]).fails(2, only);
    let nonce = ["--nonce", address, "--nonce-authority", address];
    machine.run(&[&["treasury", "check", "-k", &key][..], &nonce].concat()).fails(2, only);
    for flag in ["--dry-run", "--sign-only"] {
        machine.run(&["treasury", "check", flag]).fails(3, "cannot be reached");
    }
}
