use flashback_core::unit::Maintenance;
use flashback_core::units::Seconds;
use flashback_sdk::instruction::{
    CreateUnitArgs, UpdateProviderArgs, UpdateUnitArgs, close_provider, remove_unit,
};
use flashback_tests::Attempt;
use flashback_tests::actors::{provider_details, same_unit};
use flashback_tests::prelude::*;

use super::Case;
use crate::security::crowd::{IDLE_PROVIDER, NEW_PROVIDER, SECOND_UNIT, registers};
use crate::security::stages::{closing_unit, contested};

pub fn cases() -> Vec<Case> {
    vec![
        ("register_provider", contested(), |world| registers(world, NEW_PROVIDER)),
        ("update_provider", contested(), |world| {
            let region = provider_details().region;
            let metadata_uri = "https://provider.example/other.json".to_owned();
            world.provider().updates(UpdateProviderArgs {
                payout: key(PAYOUT),
                region,
                metadata_uri,
            })
        }),
        ("set_operator", contested(), |world| {
            world.provider().names_operator(key(OPERATOR), EXPIRY)
        }),
        ("close_provider", contested(), |world| {
            let closed = close_provider(key(IDLE_PROVIDER), key(RENT_PAYER), key(STRANGER));
            Attempt::new(&mut world.chain, closed, vec![keypair(IDLE_PROVIDER)])
        }),
        ("create_unit", contested(), |world| {
            world.provider().lists(CreateUnitArgs { id: NUMBER + 7, ..listing() })
        }),
        ("update_unit", contested(), |world| {
            let endpoint_uri = format!("{}/{}", same_unit().endpoint_uri, "longer".repeat(9));
            world.provider().updates_unit(UpdateUnitArgs { endpoint_uri, ..same_unit() })
        }),
        ("boost_unit", contested(), |world| world.anyone().boosts_unit(Atoms(1_000_000))),
        ("announce_maintenance", contested(), |world| {
            let starts_at = world.chain.now().after(2 * 86_400).expect("a time");
            world.provider().announces(Maintenance { starts_at, secs: Seconds(60) })
        }),
        ("refresh_unit", contested(), |world| world.anyone().refreshes_unit()),
        ("close_unit", contested(), |world| world.provider().closes_unit()),
        ("remove_unit", closing_unit(), |world| {
            let removed = remove_unit(world.provider_address(), SECOND_UNIT, key(RENT_PAYER));
            Attempt::new(&mut world.chain, removed, vec![])
        }),
    ]
}
