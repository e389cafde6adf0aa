use flashback_core::quality::Aggregate;
use flashback_core::units::Atoms;
use flashback_sdk::instruction::{
    RegisterOracleArgs, StakeOwner, SubmitReportArgs, claim_oracle_fees, join_registry,
    register_oracle, stake, submit_report,
};

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
