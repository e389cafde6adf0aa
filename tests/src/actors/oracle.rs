use flashback_core::quality::Aggregate;
use flashback_core::units::Atoms;
use flashback_sdk::instruction::{
    RegisterOracleArgs, StakeOwner, SubmitReportArgs, claim_oracle_fees, close_oracle,
    join_registry, leave_registry, register_oracle, stake, submit_many, submit_report, unstake,
    update_oracle, withdraw_stake,
};
use solana_sdk::pubkey::Pubkey;

use super::attempt;
use crate::World;
use crate::attempt::Attempt;
use crate::chain::Chain;
use crate::names::{key, keypair};
use crate::world::{RENT_PAYER, purse, rent_payer};

/// An oracle.
pub struct OracleActor<'w> {
    pub(crate) name: String,
    pub(crate) world: &'w mut World,
}

impl<'w> OracleActor<'w> {
    /// Registers.
    pub fn registers(self) -> Attempt<'w> {
        self.registers_with(details())
    }

    /// Registers with other details.
    pub fn registers_with(self, args: RegisterOracleArgs) -> Attempt<'w> {
        let instruction = register_oracle(key(RENT_PAYER), key(&self.name), Chain::flash(), args);
        attempt(self.world, instruction, vec![rent_payer(), keypair(&self.name)])
    }

    /// Stakes from its own purse.
    pub fn stakes(self, amount: Atoms) -> Attempt<'w> {
        let owner = StakeOwner::Oracle(key(&self.name));
        let instruction = stake(key(&self.name), purse(&self.name), owner, amount);
        attempt(self.world, instruction, vec![keypair(&self.name)])
    }

    /// Enters the registry.
    pub fn joins_registry(self) -> Attempt<'w> {
        let instruction = join_registry(key(RENT_PAYER), key(&self.name));
        attempt(self.world, instruction, vec![rent_payer(), keypair(&self.name)])
    }

    /// Reports a window of the SLA.
    pub fn reports(self, window: u16, aggregate: Aggregate) -> Attempt<'w> {
        let args = SubmitReportArgs { window, aggregate, root: [9; 32] };
        let instruction = submit_report(key(&self.name), self.world.sla_address(), args);
        attempt(self.world, instruction, vec![keypair(&self.name)])
    }

    /// Submits a report of the SLA, whatever root it has.
    pub fn submits(self, report: SubmitReportArgs) -> Attempt<'w> {
        let instruction = submit_report(key(&self.name), self.world.sla_address(), report);
        attempt(self.world, instruction, vec![keypair(&self.name)])
    }

    /// Submits reports of several SLAs, by address.
    pub fn submits_many(self, reports: &[(Pubkey, SubmitReportArgs)]) -> Attempt<'w> {
        let instruction = submit_many(key(&self.name), reports);
        attempt(self.world, instruction, vec![keypair(&self.name)])
    }

    /// Unstakes.
    pub fn unstakes(self, amount: Atoms) -> Attempt<'w> {
        let owner = StakeOwner::Oracle(key(&self.name));
        attempt(self.world, unstake(owner, amount), vec![keypair(&self.name)])
    }

    /// Withdraws what has unbonded, to its purse.
    pub fn withdraws_stake(self) -> Attempt<'w> {
        let owner = StakeOwner::Oracle(key(&self.name));
        let withdrawn = withdraw_stake(owner, purse(&self.name));
        attempt(self.world, withdrawn, vec![keypair(&self.name)])
    }

    /// Changes its details.
    pub fn updates(self, args: RegisterOracleArgs) -> Attempt<'w> {
        attempt(self.world, update_oracle(key(&self.name), args), vec![keypair(&self.name)])
    }

    /// Leaves the registry.
    pub fn leaves(self) -> Attempt<'w> {
        let left = leave_registry(key(&self.name), &key(&self.name), key(RENT_PAYER));
        attempt(self.world, left, vec![keypair(&self.name)])
    }

    /// Closes its account.
    pub fn exits(self) -> Attempt<'w> {
        let closed = close_oracle(key(&self.name), key(RENT_PAYER), key(RENT_PAYER));
        attempt(self.world, closed, vec![keypair(&self.name)])
    }

    /// Claims the fees of its seat, to its purse.
    pub fn claims_fees(self) -> Attempt<'w> {
        let authority = key(&self.name);
        let seat = self.world.sla().seats.iter().position(|seat| *seat == authority);
        self.claims_fees_of(seat.expect("a seat"))
    }

    /// Claims the fees of some seat, to its purse.
    pub fn claims_fees_of(self, seat: usize) -> Attempt<'w> {
        let seat = u8::try_from(seat).expect("a seat's number");
        let (authority, sla) = (key(&self.name), self.world.sla_address());
        let instruction = claim_oracle_fees(authority, sla, seat, purse(&self.name));
        attempt(self.world, instruction, vec![keypair(&self.name)])
    }
}

/// An oracle's details.
pub fn details() -> RegisterOracleArgs {
    RegisterOracleArgs { x25519: [5; 32], records_url: "https://oracle.example/records".to_owned() }
}
