//! Gifts that nobody asked for: FLASH to vaults, lamports to accounts, before they exist too.

use flashback_core::units::Atoms;
use flashback_sdk::address;
use flashback_sdk::instruction::transfer;
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::cast::{CAST, purse};
use crate::stateful::economy::Economy;

/// Now and then somebody gives something.
pub fn happen(e: &mut Economy) {
    match e.random.below(60) {
        0 => give_flash(e),
        1 => give_lamports(e),
        _ => {}
    }
}

fn give_flash(e: &mut Economy) {
    let owners: Vec<_> = e.books.vault_owners().copied().collect();
    let Some(owner) = e.random.pick(&owners) else { return };
    let (giver, vault) = (e.stranger(), e.books.vault(&owner));
    let amount = e.random.magnitude(1_000_000);
    let (from, mint) = (purse(&giver), Chain::flash());
    let given = transfer(&giver, &from, &mint, &vault, Atoms(amount));
    let signer = CAST.keypair(&giver).expect("a giver");
    e.chain.send(&[given], &[&signer]).expect("a gift of FLASH");
    e.flash.give(vault, amount);
    e.refresh([from, vault]);
    e.assert_solvent(owner);
    e.story.push(format!("{vault} is given {amount} atoms"));
}

fn give_lamports(e: &mut Economy) {
    let mut all: Vec<Pubkey> = e.books.rent_payers().iter().map(|(at, _)| *at).collect();
    all.push(address::registry());
    // Where something is about to be made.
    let sla = address::sla(&CAST.consumers[1], e.numbers + 2);
    all.extend([sla, address::escrow(&sla)]);
    all.extend(CAST.oracles.iter().map(address::oracle));
    let to = e.random.one(&all);
    let lamports = e.chain.rent(0) + e.random.magnitude(20_000_000);
    e.chain.send_lamports(to, lamports);
    e.rent.give(to, lamports);
    e.refresh([to]);
    e.story.push(format!("{to} is given {lamports} lamports"));
}
