use flashback_core::units::Atoms;
use flashback_sdk::address;
use flashback_sdk::instruction::{
    CloseSla, ReleaseSla, VaultOwner, assert_solvent, close_sla, collect_absence, collect_penalty,
    expire_sla, release_sla, seat_committee, settle, sweep_fees,
};
use solana_sdk::pubkey::Pubkey;

use super::attempt;
use crate::World;
use crate::attempt::Attempt;
use crate::chain::Chain;
use crate::names::{key, keypair};
use crate::world::{NUMBER, STRANGER, purse};

/// Whoever turns a crank: no instruction here asks for a signature.
pub struct Anyone<'w> {
    pub(crate) world: &'w mut World,
}

impl<'w> Anyone<'w> {
    /// Seats the drawn committee.
    pub fn seats_committee(self) -> Attempt<'w> {
        let drawn = self.world.drawn();
        self.seats(&drawn)
    }

    /// Seats some committee.
    pub fn seats(self, oracles: &[Pubkey]) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let instruction = seat_committee(self.world.sla_address(), provider, oracles);
        attempt(self.world, instruction, vec![])
    }

    /// Settles what is due.
    pub fn settles(self) -> Attempt<'w> {
        let instruction = settle(self.world.sla_address());
        attempt(self.world, instruction, vec![])
    }

    /// Sweeps the protocol's fees and burns what is to be burnt.
    pub fn sweeps_fees(self) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let instruction = sweep_fees(self.world.sla_address(), provider, Chain::flash());
        attempt(self.world, instruction, vec![])
    }

    /// Collects the provider's penalties.
    pub fn collects_penalty(self) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let instruction = collect_penalty(self.world.sla_address(), provider);
        attempt(self.world, instruction, vec![])
    }

    /// Collects the absences of a seat's oracle.
    pub fn collects_absence(self, seat: u8) -> Attempt<'w> {
        let authority = self.world.sla().seats[usize::from(seat)];
        self.collects_absence_from(seat, &authority)
    }

    /// Collects a seat's absences from some oracle.
    pub fn collects_absence_from(self, seat: u8, authority: &Pubkey) -> Attempt<'w> {
        let instruction = collect_absence(self.world.sla_address(), seat, authority);
        attempt(self.world, instruction, vec![])
    }

    /// Expires the SLA whose draw lapsed.
    pub fn expires(self) -> Attempt<'w> {
        let provider = self.world.provider_address();
        let instruction = expire_sla(self.world.sla_address(), provider, NUMBER);
        attempt(self.world, instruction, vec![])
    }

    /// Gives back what the ended SLA reserved, every seat too.
    pub fn releases(self) -> Attempt<'w> {
        let given = ReleaseSla::of(self.world.sla_address(), &self.world.sla());
        attempt(self.world, release_sla(&given), vec![])
    }

    /// Gives back what the ended SLA reserved, with the seats of these oracles.
    pub fn releases_seats(self, oracles: &[Pubkey]) -> Attempt<'w> {
        let given = ReleaseSla::of(self.world.sla_address(), &self.world.sla());
        let given = ReleaseSla { oracles: oracles.to_vec(), ..given };
        attempt(self.world, release_sla(&given), vec![])
    }

    /// Closes the SLA.
    pub fn closes(self) -> Attempt<'w> {
        let given = CloseSla::of(self.world.sla_address(), &self.world.sla());
        attempt(self.world, close_sla(given), vec![])
    }

    /// Has the chain check the escrow.
    pub fn asserts_escrow_solvent(self) -> Attempt<'w> {
        let instruction = assert_solvent(VaultOwner::Sla(self.world.sla_address()));
        attempt(self.world, instruction, vec![])
    }

    /// Has the chain check the stake vault of a Provider's or Oracle's address.
    pub fn asserts_stake_solvent(self, owner: Pubkey) -> Attempt<'w> {
        attempt(self.world, assert_solvent(VaultOwner::Stake(owner)), vec![])
    }

    /// Gives FLASH to a vault that owes nothing for it.
    pub fn donates(self, vault: Pubkey, amount: Atoms) -> Attempt<'w> {
        let (from, owner) = (purse(STRANGER), key(STRANGER));
        let instruction = spl_token_interface::instruction::transfer(
            &address::TOKEN_PROGRAM,
            &from,
            &vault,
            &owner,
            &[],
            amount.0,
        );
        attempt(self.world, instruction.expect("a transfer"), vec![keypair(STRANGER)])
    }
}
