use flashback::events::AuthorityOffered;
use flashback_tests::prelude::*;

use super::govern::{SETTINGS, config_bytes, config_with};

#[test]
fn the_authority_is_offered() {
    let mut world = World::initialized();
    let expected = config_with(&world, |config| config.pending_authority = key(STRANGER));
    let receipt = world.deployer().offers_authority(key(STRANGER)).succeeds();
    assert_eq!(world.config().pending_authority, key(STRANGER));
    assert_eq!(config_bytes(&world), expected, "and nothing else changed");
    let event = receipt.event::<AuthorityOffered>();
    assert_eq!(event.authority, key(DEPLOYER));
    assert_eq!((event.before, event.after), (Pubkey::default(), key(STRANGER)));
}

#[test]
fn an_offer_hands_nothing_over() {
    let mut world = World::initialized();
    world.deployer().offers_authority(key(STRANGER)).succeeds();
    for (name, set) in SETTINGS {
        println!("{name}");
        let attempt = set(&mut world).signed_by(keypair(STRANGER), key(DEPLOYER));
        attempt.is_refused(CoreError::Unauthorized);
        set(&mut world).succeeds();
    }
}

#[test]
fn an_offer_is_withdrawn_by_the_default_key() {
    let mut world = World::initialized();
    world.deployer().offers_authority(key(STRANGER)).succeeds();
    let receipt = world.deployer().offers_authority(Pubkey::default()).succeeds();
    let event = receipt.event::<AuthorityOffered>();
    assert_eq!((event.before, event.after), (key(STRANGER), Pubkey::default()));
    world.anyone().accepts_authority(STRANGER).is_refused(CoreError::AuthorityNotOffered);
}

#[test]
fn a_later_offer_takes_the_place_of_the_one_before() {
    let mut world = World::initialized();
    world.deployer().offers_authority(key(STRANGER)).succeeds();
    let receipt = world.deployer().offers_authority(key(CONSUMER)).succeeds();
    let event = receipt.event::<AuthorityOffered>();
    assert_eq!((event.before, event.after), (key(STRANGER), key(CONSUMER)));
    world.anyone().accepts_authority(STRANGER).is_refused(CoreError::AuthorityNotOffered);
    world.anyone().accepts_authority(CONSUMER).succeeds();
}
