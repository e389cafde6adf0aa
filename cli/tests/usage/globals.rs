//! Wrong values of the global options.

use serde_json::Value;
use solana_sdk::signature::Keypair;

use super::acting;
use crate::common::{Machine, Run, refused};

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
            ("--nonce-authority a.json provider stake 1", 2, "--nonce-authority needs --nonce"),
            ("--dry-run provider stake 1 --sign-only", 2, "exclude each other"),
            ("--no-wait provider stake 1 --dry-run", 2, "exclude each other"),
            ("--sign-only provider stake 1 --no-wait", 2, "exclude each other"),
            ("provider stake 1 --nonce-authority a.json", 2, "--nonce-authority needs --nonce"),
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
fn a_command_line_that_does_not_parse_is_told_as_it_was_asked_for() {
    let machine = Machine::offline();
    let by_variable = Machine::offline().with("FLASHBACK_OUTPUT", "json");
    let told = |run: Run| {
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
        let object: Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!(object["exit_code"], 2);
        let empty = ["name", "number", "logs", "signature"];
        assert!(empty.iter().all(|field| object[field].is_null()), "{object}");
        (object["error"].as_str().unwrap().to_owned(), run.stderr.lines().count())
    };
    let (error, lines) = told(machine.run(&["sla", "shwo", "--output", "json-compact"]));
    assert!(error.contains("unrecognized subcommand 'shwo'") && lines == 1, "{error}");
    let (error, lines) = told(by_variable.run(&["provider", "stake", "much"]));
    assert!(error.contains("amounts are FLASH") && lines > 1, "{error}");
    let (error, _) = told(by_variable.run(&["sla"]));
    assert!(error.contains("'flashback sla' requires a subcommand"), "{error}");
    // Asked for as text, by a flag that goes before the variable.
    let run = by_variable.run(&["sla", "shwo", "--output", "display"]);
    run.fails(2, "error: unrecognized subcommand 'shwo'");
    // Help and the version are texts for people, and no errors.
    for line in [&["--version"][..], &["sla", "--help"], &["help", "sla"]] {
        let run = by_variable.run(line).ok();
        assert!(run.stderr.is_empty() && run.stdout.contains("flashback"), "{run:?}");
    }
}

#[test]
fn lists_refuse_what_they_cannot_order_by_before_a_server_is_asked() {
    let machine = Machine::offline();
    let address = "So11111111111111111111111111111111111111112";
    for (list, column) in [
        ("provider list".to_owned(), "free_stake"),
        (format!("provider slas {address}"), "windows_settled"),
        (format!("unit list --provider {address}"), "unit_number"),
        ("unit search --any-consumer".to_owned(), "price_per_quality"),
        ("oracle list".to_owned(), "oracle_authority"),
        (format!("oracle slas {address}"), "oracle_fees"),
        ("certifier list".to_owned(), "highest_level"),
        (format!("sla list --consumer {address}"), "provider_authority"),
        (format!("dispute list {address}"), "contests_until"),
    ] {
        let refusal = format!("{list} --sort charm");
        let wrong = format!("{list} --limit some");
        let negative = format!("{list} --skip -1");
        let whole = format!("{list} --sort {column} --reverse --limit 10 --skip 20");
        refused(
            &machine,
            &[
                (&refusal, 2, column),
                (&wrong, 2, "invalid value 'some' for '--limit <COUNT>'"),
                (&negative, 2, "unexpected argument '-1'"),
                (&whole, 3, "cannot be reached"),
            ],
        );
    }
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

/// They would promise what does not happen.
#[test]
fn options_of_transactions_are_refused_by_commands_that_make_none() {
    let hash = "11111111111111111111111111111111";
    let machine = acting::machine();
    machine.write("scenario.json", "{}");
    for line in ["sla simulate scenario.json", "sla list", "provider show", "wallet", "events"] {
        for (flag, value) in [
            ("--with-memo", "x"),
            ("--with-compute-unit-price", "5"),
            ("--nonce", hash),
            ("--blockhash", hash),
            ("--no-wait", ""),
            ("--sign-only", ""),
            ("--dry-run", ""),
        ] {
            let said = format!("{flag} is of transactions, and this is none");
            refused(&machine, &[(&format!("{line} {flag} {value}"), 2, &said)]);
        }
        let line = format!("{line} --nonce {hash} --nonce-authority {hash}");
        refused(&machine, &[(&line, 2, "is of transactions, and this is none")]);
    }
    // What is always set is not meant for this command.
    let always = acting::machine().with("FLASHBACK_COMPUTE_UNIT_PRICE", "7");
    always.run(&["provider", "show"]).fails(3, "cannot be reached");
    let always = acting::machine().with("FLASHBACK_FEE_PAYER", "missing.json");
    always.run(&["provider", "show"]).fails(3, "cannot be reached");
}
