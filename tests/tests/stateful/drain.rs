//! The end: whatever was left standing ends, pays out, and closes, by everybody's own doing or by anyone's.
//!
//! Nothing new begins. What somebody may do it either does at once or leaves for whoever comes after the grace period:
//! both have to lead to nothing being left. Where a rule says that something can be done, it must succeed.

mod closing;
mod sla;

use flashback_core::units::Atoms;
use flashback_sdk::instruction::transfer;
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use super::cast::{CAST, purse};
use super::checks::{rent, tokens};
use super::economy::{Act, Economy};
use super::time::{far_moments, near_moments};

/// More rounds than a drain can take.
const ROUNDS: usize = 3_000;

/// Brings everything to its end.
///
/// # Panics
/// If something can never end, or anything is left.
pub fn drain(e: &mut Economy) {
    for round in 0.. {
        assert!(round < ROUNDS, "no end: {}", left(e));
        let done = e.done;
        sla::crank_all(e);
        closing::crank_all(e);
        if e.books.rent_payers().is_empty() && e.books.registry().entries.is_empty() {
            break;
        }
        if e.done == done {
            let moments = near_moments(e).into_iter().chain(far_moments(e));
            let next = moments.min().unwrap_or_else(|| panic!("stuck for good: {}", left(e)));
            e.wait_until(next);
        }
    }
    pay_loans_back(e);
    assert_own_vaults_solvent(e);
    tokens::check_drained(e);
    rent::check_drained(e);
}

/// Whether an SLA's owners look after it, or leave it to others.
pub fn is_abandoned(at: &Pubkey) -> bool {
    at.to_bytes()[5] % 3 == 1
}

/// What keeps a drain from ending.
fn left(e: &Economy) -> String {
    let kept = e.books.rent_payers();
    let lines = kept.iter().map(|(at, payer)| format!("\n{at}, paid for by {payer}"));
    let slas = e.books.slas.iter().map(|(at, sla)| format!("\n{at}: {:?}", sla.body));
    lines.chain(slas).collect()
}

/// Consumers' token accounts that were made for them are emptied and closed, for who lent their rent.
fn pay_loans_back(e: &mut Economy) {
    use spl_token_interface::{ID, instruction::close_account};
    for (account, lender) in e.rent.loans() {
        let owner = e.books.tokens[&account].owner;
        let (to, amount) = (purse(&owner), e.books.flash(&account));
        let moved = transfer(&owner, &account, &Chain::flash(), &to, Atoms(amount));
        let closed = close_account(&ID, &account, &lender, &owner, &[]).expect("a closing");
        let signer = CAST.keypair(&owner).expect("a consumer");
        e.chain.send(&[moved, closed], &[&signer]).expect("a loan paid back");
        e.rent.repaid(&account);
        e.refresh([account, lender, to]);
    }
}

/// The treasury and the reward vault are all that is left to be checked.
fn assert_own_vaults_solvent(e: &mut Economy) {
    use flashback_sdk::instruction::{VaultOwner, assert_solvent};
    for owner in [VaultOwner::Treasury, VaultOwner::Rewards] {
        e.must(Act::new(assert_solvent(owner)));
    }
}
