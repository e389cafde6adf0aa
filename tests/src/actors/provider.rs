use flashback_core::sla::Party;
use flashback_core::text::region;
use flashback_core::unit::Maintenance;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::address;
use flashback_sdk::instruction::{
    AcceptSla, CreateUnitArgs, OpenDispute, RegisterProviderArgs, StakeOwner, UpdateProviderArgs,
    UpdateUnitArgs, accept_sla, announce_maintenance, close_provider, close_unit, create_unit,
    open_dispute, register_provider, reject_sla, set_operator, stake, terminate_sla, unstake,
    update_provider, update_unit, withdraw_earnings, withdraw_stake,
};
use solana_sdk::pubkey::Pubkey;

use super::attempt;
use crate::World;
use crate::attempt::Attempt;
use crate::chain::Chain;
use crate::names::{key, keypair};
use crate::world::{NUMBER, PAYOUT, RENT_PAYER, listing, purse, rent_payer};

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

    /// Unstakes.
    pub fn unstakes(self, amount: Atoms) -> Attempt<'w> {
        let owner = StakeOwner::Provider(key(self.name));
        attempt(self.world, unstake(owner, amount), vec![keypair(self.name)])
    }

    /// Withdraws what has unbonded, to its purse.
    pub fn withdraws_stake(self) -> Attempt<'w> {
        let owner = StakeOwner::Provider(key(self.name));
        attempt(self.world, withdraw_stake(owner, purse(self.name)), vec![keypair(self.name)])
    }

    /// Changes its details.
    pub fn updates(self, args: UpdateProviderArgs) -> Attempt<'w> {
        attempt(self.world, update_provider(key(self.name), args), vec![keypair(self.name)])
    }

    /// Names the key of that name its operator until a time.
    pub fn names_operator(self, operator: Pubkey, until: Timestamp) -> Attempt<'w> {
        let named = set_operator(key(self.name), operator, until);
        attempt(self.world, named, vec![keypair(self.name)])
    }

    /// Closes its account.
    pub fn exits(self) -> Attempt<'w> {
        let closed = close_provider(key(self.name), key(RENT_PAYER), key(RENT_PAYER));
        attempt(self.world, closed, vec![keypair(self.name)])
    }

    /// Changes its unit.
    pub fn updates_unit(self, args: UpdateUnitArgs) -> Attempt<'w> {
        let updated = update_unit(key(RENT_PAYER), key(self.name), NUMBER, args);
        attempt(self.world, updated, vec![rent_payer(), keypair(self.name)])
    }

    /// Announces maintenance of its unit.
    pub fn announces(self, next: Maintenance) -> Attempt<'w> {
        let provider = address::provider(&key(self.name));
        let announced = announce_maintenance(key(self.name), provider, NUMBER, next);
        attempt(self.world, announced, vec![keypair(self.name)])
    }

    /// Closes its unit to new SLAs.
    pub fn closes_unit(self) -> Attempt<'w> {
        attempt(self.world, close_unit(key(self.name), NUMBER), vec![keypair(self.name)])
    }

    /// Accepts the proposed SLA.
    pub fn accepts(self) -> Attempt<'w> {
        let given = AcceptSla {
            signer: key(self.name),
            provider_authority: key(self.name),
            unit_id: NUMBER,
            sla: self.world.sla_address(),
            consumer_certificate: None,
        };
        attempt(self.world, accept_sla(given), vec![keypair(self.name)])
    }

    /// Rejects the proposed SLA.
    pub fn rejects(self) -> Attempt<'w> {
        let provider = address::provider(&key(self.name));
        let rejected = reject_sla(key(self.name), provider, self.world.sla_address());
        attempt(self.world, rejected, vec![keypair(self.name)])
    }

    /// Ends the SLA early, with notice.
    pub fn terminates(self) -> Attempt<'w> {
        let provider = address::provider(&key(self.name));
        let ended = terminate_sla(key(self.name), provider, self.world.sla_address());
        attempt(self.world, ended, vec![keypair(self.name)])
    }

    /// Disputes a window of the SLA.
    pub fn disputes(self, window: u16) -> Attempt<'w> {
        let given = OpenDispute {
            payer: key(RENT_PAYER),
            signer: key(self.name),
            signer_token: purse(self.name),
            party: Party::Provider,
            provider: address::provider(&key(self.name)),
            sla: self.world.sla_address(),
            window,
        };
        attempt(self.world, open_dispute(given), vec![rent_payer(), keypair(self.name)])
    }
}

/// What a unit's update says that changes nothing.
pub fn same_unit() -> UpdateUnitArgs {
    let CreateUnitArgs {
        capacity_gib,
        offer,
        protocols,
        consumer_level,
        auto_accept,
        endpoint_uri,
        ..
    } = listing();
    UpdateUnitArgs { capacity_gib, offer, protocols, consumer_level, auto_accept, endpoint_uri }
}

/// A provider's details.
pub fn details() -> RegisterProviderArgs {
    RegisterProviderArgs {
        payout: key(PAYOUT),
        region: region("eu-central-1").expect("a region"),
        metadata_uri: "https://provider.example/about.json".to_owned(),
    }
}
