use flashback_core::text::region;
use flashback_core::units::Atoms;
use flashback_sdk::address;
use flashback_sdk::instruction::{
    CreateUnitArgs, RegisterProviderArgs, StakeOwner, create_unit, register_provider, stake,
    withdraw_earnings,
};

use super::attempt;
use crate::World;
use crate::attempt::Attempt;
use crate::chain::Chain;
use crate::names::{key, keypair};
use crate::world::{PAYOUT, RENT_PAYER, listing, purse, rent_payer};

/// A provider.
pub struct ProviderActor<'w> {
    pub(crate) name: &'w str,
    pub(crate) world: &'w mut World,
}

impl<'w> ProviderActor<'w> {
    /// Registers.
    pub fn registers(self) -> Attempt<'w> {
        self.registers_with(details())
    }

    /// Registers with other details.
    pub fn registers_with(self, args: RegisterProviderArgs) -> Attempt<'w> {
        let instruction = register_provider(key(RENT_PAYER), key(self.name), Chain::flash(), args);
        attempt(self.world, instruction, vec![rent_payer(), keypair(self.name)])
    }

    /// Stakes from its own purse.
    pub fn stakes(self, amount: Atoms) -> Attempt<'w> {
        let owner = StakeOwner::Provider(key(self.name));
        let instruction = stake(key(self.name), purse(self.name), owner, amount);
        attempt(self.world, instruction, vec![keypair(self.name)])
    }

    /// Lists the unit of [`listing`].
    pub fn lists_unit(self) -> Attempt<'w> {
        self.lists(listing())
    }

    /// Lists some unit.
    pub fn lists(self, args: CreateUnitArgs) -> Attempt<'w> {
        let instruction = create_unit(key(RENT_PAYER), key(self.name), args);
        attempt(self.world, instruction, vec![rent_payer(), keypair(self.name)])
    }

    /// Withdraws what the SLA has earned, to its payout owner.
    pub fn withdraws_earnings(self) -> Attempt<'w> {
        let (provider, sla) = (address::provider(&key(self.name)), self.world.sla_address());
        let instruction = withdraw_earnings(key(self.name), provider, sla, purse(PAYOUT));
        attempt(self.world, instruction, vec![keypair(self.name)])
    }
}

/// A provider's details.
pub fn details() -> RegisterProviderArgs {
    RegisterProviderArgs {
        payout: key(PAYOUT),
        region: region("eu-central-1").expect("a region"),
        metadata_uri: "https://provider.example/about.json".to_owned(),
    }
}
