//! `flashback nonce authorize` and `advance`.

use flashback_localnet::{Localnet, LocalnetConfig};
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms};

use crate::common::Machine;

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_account_changes_hands_and_value() {
    let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
    let machine = Machine::at(chain.rpc_url());
    let flash = Atoms(100 * ATOMS_PER_FLASH);
    let [alice, bob] = [
        chain.deployment().actor("alice", flash).await.unwrap(),
        chain.deployment().actor("bob", flash).await.unwrap(),
    ];
    let (alices, bobs) =
        (machine.keypair("alice.json", &alice.keypair), machine.keypair("bob.json", &bob.keypair));
    let (alice, bob) = (alice.key().to_string(), bob.key().to_string());
    let created = machine.json(&["nonce", "create", "-k", &alices]);
    let nonce = created["nonce_account"].as_str().unwrap();
    let value = || machine.json(&["nonce", "show", nonce])["nonce"].clone();

    // What is signed with a value is void once there is another one.
    let register = ["provider", "register", "--region", "eu-west-3", "--sign-only", "-k", &alices];
    let signed = machine.json(&[&register[..], &["--nonce", nonce]].concat());
    let advance = ["nonce", "advance", nonce];
    machine.run(&[&advance[..], &["-k", &bobs, "--yes"]].concat()).fails(4, "may advance");
    machine.run(&[&advance[..], &["-k", &alices]].concat()).fails(2, "give --yes");
    let before = value();
    machine.json(&[&advance[..], &["-k", &alices, "--dry-run"]].concat());
    assert_eq!(value(), before, "a dry run changes nothing");
    let advanced = machine.json(&[&advance[..], &["-k", &alices, "--yes"]].concat());
    assert_eq!(advanced["nonce_before"], before);
    assert_eq!(advanced["nonce_after"], value());
    assert_ne!(value(), before);
    let late = machine.run(&["transaction", "send", &signed.to_string()]);
    assert_eq!(late.code, 4, "{late:?}");
    machine.run(&["provider", "show", &alice]).fails(4, "there is no Provider");

    let authorize = |to: &str, key: &str| {
        let line = ["nonce", "authorize", nonce, to, "-k", key, "--yes", "--output", "json"];
        machine.run(&line)
    };
    authorize(&bob, &bobs).fails(4, "may give away");
    authorize(&alice, &alices).fails(4, "is the authority of this nonce account already");
    machine.run(&["nonce", "authorize", nonce, &bob, "-k", &alices]).fails(2, "give --yes");
    let given = authorize(&bob, &alices).json();
    assert_eq!(given["nonce_authority_before"], alice);
    assert_eq!(given["nonce_authority_after"], bob);
    assert_eq!(machine.json(&["nonce", "show", nonce])["nonce_authority"], bob);
    authorize(&bob, &alices).fails(4, "may give away");
    let shown = machine.json(&["transaction", "show", given["signatures"][0].as_str().unwrap()]);
    let last = shown["arguments"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["argument"], &last["value"]), (&"new_authority".into(), &bob.into()));
    // The new one uses it.
    machine.json(&["nonce", "withdraw", nonce, "all", "-k", &bobs, "--yes"]);
}
