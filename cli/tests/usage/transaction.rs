//! `flashback transaction` without a server: what is shown and signed, and what is refused.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flashback_sdk::core::units::Atoms;
use flashback_sdk::instruction::{self as build, StakeOwner};
use solana_sdk::hash::Hash;
use solana_sdk::instruction::Instruction;
use solana_sdk::message::{AddressLookupTableAccount, VersionedMessage, v0};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signature, Signer};
use solana_sdk::transaction::VersionedTransaction;

use crate::common::{Machine, NOWHERE};

fn unsigned(
    payer: &Pubkey,
    instructions: &[Instruction],
    tables: &[AddressLookupTableAccount],
) -> String {
    let message =
        v0::Message::try_compile(payer, instructions, tables, Hash::new_unique()).unwrap();
    let message = VersionedMessage::V0(message);
    let signers = usize::from(message.header().num_required_signatures);
    let transaction =
        VersionedTransaction { signatures: vec![Signature::default(); signers], message };
    BASE64_STANDARD.encode(bincode::serialize(&transaction).unwrap())
}

/// A stake that a key adds, and another pays the fee of.
fn stake(payer: &Pubkey, key: &Pubkey) -> String {
    let tokens = Pubkey::new_unique();
    let stake = build::stake(*key, tokens, StakeOwner::Provider(*key), Atoms(1_500_000));
    unsigned(payer, &[stake], &[])
}

/// Whether the stake's amount is told as 1.5 FLASH; the unit may stand above it.
fn in_flash(text: &str) -> bool {
    text.contains("FLASH") && text.contains(" 1.5\n") && !text.contains("1500000")
}

#[test]
fn people_see_an_alias_beside_its_address_and_programs_the_address_alone() {
    let machine = Machine::offline();
    let (payer, key) = (Keypair::new().pubkey(), Keypair::new().pubkey());
    let transaction = stake(&payer, &key);
    machine.run(&["config", "alias", "treasurer", &payer.to_string()]).ok();
    let text = machine.run(&["transaction", "show", &transaction]).ok().stdout;
    let named = format!("{payer} (treasurer)");
    // As a fact, and in a table.
    assert!(text.matches(&named).count() >= 2 && !text.contains(&format!("{key} (")), "{text}");
    let shown = machine.json(&["transaction", "show", &transaction]);
    assert_eq!(shown["fee_payer"], payer.to_string());
    assert!(!shown.to_string().contains("treasurer"), "{shown}");
}

#[test]
fn a_signer_sees_what_it_signs() {
    let machine = Machine::offline();
    let (payer, key) = (Keypair::new(), Keypair::new());
    let transaction = stake(&payer.pubkey(), &key.pubkey());
    let shown = machine.json(&["transaction", "show", &transaction]);
    assert_eq!(shown["fee_payer"], payer.pubkey().to_string());
    assert_eq!(shown["fee_at_most"], 10_000);
    assert_eq!(shown["instructions"][0]["program"], "Flashback");
    assert_eq!(shown["instructions"][0]["instruction"], "stake");
    assert_eq!(shown["arguments"][0]["argument"], "amount");
    assert_eq!(shown["arguments"][0]["value"], 1_500_000);
    let accounts = shown["accounts"].as_array().unwrap();
    assert_eq!(accounts[0]["account"], "authority");
    assert_eq!(accounts[0]["address"], key.pubkey().to_string());
    assert_eq!(accounts[0]["access"], "signs");
    assert_eq!(accounts[5]["account"], "registry");
    assert_eq!(accounts[5]["address"], serde_json::Value::Null);
    let signers = shown["signers"].as_array().unwrap();
    assert_eq!(signers.len(), 2);
    assert!(signers.iter().all(|signer| signer["signature"] == "missing"));
    let text = machine.run(&["transaction", "show", &transaction]).ok().stdout;
    assert!(in_flash(&text), "{text}");
}

#[test]
fn amounts_of_other_programs_have_their_units() {
    let machine = Machine::offline();
    let [payer, to, mint] = [(); 3].map(|()| Pubkey::new_unique());
    let sol = solana_system_interface::instruction::transfer(&payer, &to, 1_500_000_000);
    let tokens = build::transfer(&payer, &to, &mint, &to, Atoms(2_500_000));
    let transaction = unsigned(&payer, &[sol, tokens], &[]);
    let shown = machine.json(&["transaction", "show", &transaction]);
    assert_eq!(shown["arguments"][0]["value"], 1_500_000_000);
    assert_eq!(shown["arguments"][1]["value"], 2_500_000);
    let text = machine.run(&["transaction", "show", &transaction]).ok().stdout;
    // Which mint is that of FLASH, only a chain can say.
    assert!(text.contains("1.5 SOL") && text.contains("2.5 of the mint's tokens"), "{text}");
}

#[test]
fn what_cannot_be_decoded_is_shown_as_it_is() {
    let machine = Machine::offline();
    let (payer, stranger, account) =
        (Pubkey::new_unique(), Pubkey::new_unique(), Pubkey::new_unique());
    let metas = vec![solana_sdk::instruction::AccountMeta::new(account, false)];
    let strange = Instruction::new_with_bytes(stranger, &[0xab, 0xcd], metas);
    let shown = machine.json(&[
        "transaction",
        "show",
        &unsigned(&payer, std::slice::from_ref(&strange), &[]),
    ]);
    assert_eq!(shown["instructions"][0]["program"], stranger.to_string());
    assert_eq!(shown["instructions"][0]["instruction"], "not decoded");
    assert_eq!(shown["arguments"][0]["value"], "abcd");
    assert_eq!(shown["accounts"][0]["address"], account.to_string());
    assert_eq!(shown["accounts"][0]["access"], "written");

    let other = Pubkey::new_unique();
    let table = AddressLookupTableAccount { key: other, addresses: vec![payer, account] };
    let shown = machine.json(&["transaction", "show", &unsigned(&payer, &[strange], &[table])]);
    assert_eq!(shown["accounts"][0]["address"], format!("entry 1 of table {other}"));
}

#[test]
fn it_goes_from_signer_to_signer() {
    let machine = Machine::offline();
    let (payer, key) = (Keypair::new(), Keypair::new());
    let transaction = stake(&payer.pubkey(), &key.pubkey());
    machine.keypair("payer.json", &payer);
    machine.keypair("key.json", &key);
    let line = ["transaction", "sign", &transaction, "-k", "key.json"];
    machine.run(&line).fails(2, "nobody is here to be asked: give --yes");

    let line = ["transaction", "sign", &transaction, "-k", "key.json", "-y", "--output", "json"];
    let run = machine.run(&line).ok();
    assert!(run.stderr.contains("stake") && in_flash(&run.stderr), "{}", run.stderr);
    let once = run.json();
    let message = BASE64_STANDARD.decode(once["message"].as_str().unwrap()).unwrap();
    let whole = BASE64_STANDARD.decode(once["transaction"].as_str().unwrap()).unwrap();
    assert!(whole.ends_with(&message), "the message follows the signatures");
    use flashback_core::hash::{Sha256, SoftwareSha256};
    let hash = Hash::new_from_array(SoftwareSha256::hash(&[&message])).to_string();
    assert_eq!(once["message_hash"], hash);
    assert_eq!(machine.json(&["transaction", "show", &transaction])["message_hash"], hash);
    assert_eq!(once["still_to_sign"][0], payer.pubkey().to_string());
    assert_eq!(once["signed_by"][0]["signer"], key.pubkey().to_string());
    let once = once["transaction"].as_str().unwrap();
    machine.run(&["transaction", "send", once]).fails(2, &payer.pubkey().to_string());
    let line = ["transaction", "sign", once, "-k", "key.json", "-y"];
    machine.run(&line).fails(2, "has signed this transaction already");

    // The other signature is made elsewhere, and only typed here.
    let bytes = BASE64_STANDARD.decode(once).unwrap();
    let decoded: VersionedTransaction = bincode::deserialize(&bytes).unwrap();
    let signature = payer.sign_message(&decoded.message.serialize());
    let given = format!("{}={signature}", payer.pubkey());
    let both = machine.json(&["transaction", "sign", once, "--signer", &given]);
    assert_eq!(both["still_to_sign"].as_array().unwrap().len(), 0);
    // It is complete: only the server is missing.
    let run = machine.run_with_input(&["transaction", "send", "-"], &both.to_string());
    run.fails(3, "cannot be reached");
}

#[test]
fn wrong_transactions_and_signatures_are_refused() {
    let machine = Machine::offline();
    let (payer, key, stranger) = (Keypair::new(), Keypair::new(), Keypair::new());
    let good = stake(&payer.pubkey(), &key.pubkey());
    machine.keypair("stranger.json", &stranger);
    machine.keypair("key.json", &key);
    let bad = Signature::from([7; 64]);
    let [own, other] = [key.pubkey(), stranger.pubkey()].map(|key| format!("{key}={bad}"));
    let no_signature = format!("{}=abc", key.pubkey());
    let of_nobody = format!("nobody={bad}");
    for verb in ["show", "sign", "send"] {
        let group = ["transaction", verb];
        for (transaction, message) in [
            ("", "this is no transaction in base 64"),
            ("abc", "this is no transaction in base 64"),
            ("AQ==", "this is no transaction in base 64"),
            ("{}", "no text `transaction`"),
            ("{\"transaction\":7}", "no text `transaction`"),
            ("{", "neither base 64 nor JSON"),
            ("-", "this is no transaction in base 64"),
        ] {
            machine.run(&[&group[..], &[transaction]].concat()).fails(2, message);
        }
        machine.run(&group).fails(2, "<TRANSACTION>");
        machine
            .run(&[&group[..], &[&good, "more"]].concat())
            .fails(2, "unexpected argument 'more'");
        for (flags, message) in [
            (["--with-memo", "a"], "--with-memo changes nothing"),
            (["--nonce", "11111111111111111111111111111111"], "--nonce changes nothing"),
            (["--blockhash", "11111111111111111111111111111111"], "--blockhash changes nothing"),
            (["--fee-payer", "key.json"], "--fee-payer changes nothing"),
            (["--with-compute-unit-price", "7"], "--with-compute-unit-price changes nothing"),
            (["--fee-payer", "key.json"], "give --fee-payer to the command that makes it"),
        ] {
            machine.run(&[&group[..], &[&good], &flags[..]].concat()).fails(2, message);
        }
        // What is always set is not meant for this transaction.
        let always = Machine::offline().with("FLASHBACK_COMPUTE_UNIT_PRICE", "7");
        let run = always.run(&[&group[..], &[&good, "-k", "missing.json"]].concat());
        assert!(!run.stderr.contains("changes nothing"), "{}", run.stderr);
    }
    let key_text = key.pubkey().to_string();
    for (line, message) in [
        (vec![], "<ADDRESS>"),
        (vec!["nobody"], "`nobody` is neither an address"),
        (vec![&key_text, "--limit", "0"], "0 is not in 1.."),
        (vec![&key_text, "--limit", "many"], "invalid digit"),
        (vec![&key_text, "--before", "abc"], "`abc` is no signature"),
        (vec![&key_text, "--until", "abc"], "`abc` is no signature"),
        (vec![&key_text, "--nonce", &key_text], "--nonce changes nothing"),
    ] {
        machine.run(&[&["transaction", "history"][..], &line].concat()).fails(2, message);
    }
    let signature = bad.to_string();
    for line in [
        vec!["show", &signature],
        vec!["history", &key_text, "--before", &signature, "--until", &signature, "--limit", "3"],
    ] {
        machine.run(&[&["transaction"][..], &line].concat()).fails(3, "cannot be reached");
    }
    let piped = machine.run_with_input(&["transaction", "show", "-"], &format!("{signature}\n"));
    piped.fails(3, "cannot be reached");
    for (flags, message) in [
        (vec!["-k", "stranger.json", "-y"], "does not need the signature of"),
        (vec!["-k", "missing.json", "-y"], "cannot read a keypair from missing.json"),
        (vec!["-k", "key.json", "--dry-run"], "--dry-run signs nothing"),
        (vec!["--signer", "abc"], "`abc` is no ADDRESS=SIGNATURE"),
        (vec!["--signer", &no_signature], "`abc` is no signature"),
        (vec!["--signer", &of_nobody], "`nobody` is neither an address"),
        (vec!["--signer", &own], "is not of this message"),
        (vec!["--signer", &other], "does not need the signature of"),
    ] {
        let line = [&["transaction", "sign", &good][..], &flags].concat();
        machine.run(&line).fails(2, message);
    }
    let line = ["transaction", "sign", &good, "-y", "-k", &key.pubkey().to_string()];
    machine.run(&line).fails(2, "is only an address here");
    let line = ["transaction", "send", &good, "--url", NOWHERE];
    machine.run(&line).fails(2, "the signatures of these are missing");
}
