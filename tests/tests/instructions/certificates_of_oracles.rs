//! What becomes of an oracle in the registry when its certificate is amended or revoked.

use flashback_sdk::account::RegistryEntry;
use flashback_sdk::instruction::AmendCertificateArgs;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use solana_account::Account;
use solana_sdk::instruction::AccountMeta;

const KIND: SubjectKind = SubjectKind::Oracle;

fn until(expires_at: i64) -> AmendCertificateArgs {
    AmendCertificateArgs { level: 1, evidence_hash: [8; 32], expires_at }
}

/// The oracle of that number.
fn oracle(index: usize) -> Pubkey {
    key(&format!("oracle {index}"))
}

/// The registry's entries, with one oracle's changed.
fn entries_with(
    world: &World,
    authority: &Pubkey,
    change: impl FnOnce(&mut RegistryEntry),
) -> Vec<RegistryEntry> {
    let mut entries = world.registry().entries;
    let entry = entries.iter_mut().find(|entry| entry.oracle == *authority);
    change(entry.expect("a registered oracle"));
    entries
}

/// Every act on oracle 3's certificate.
const ACTS: [fn(&mut World) -> Attempt<'_>; 4] = [
    |world| world.certifier().amends(KIND, oracle(3), until(EXPIRY.0 - 5)),
    |world| world.deployer().amends(KIND, oracle(3), until(EXPIRY.0 - 5)),
    |world| world.certifier().revokes(KIND, oracle(3)),
    |world| world.deployer().revokes(KIND, oracle(3)),
];

#[test]
fn an_amendment_changes_the_oracles_entry_and_no_other() {
    let mut world = World::with_market();
    let now = world.chain.now().0;
    for expires_at in [EXPIRY.0 + 77, now + 1] {
        let expected = entries_with(&world, &oracle(3), |one| one.certified_until = expires_at);
        world.certifier().amends(KIND, oracle(3), until(expires_at)).succeeds();
        assert_eq!(world.registry().entries, expected);
    }
    let expected = entries_with(&world, &oracle(5), |one| one.certified_until = EXPIRY.0 - 9);
    world.deployer().amends(KIND, oracle(5), until(EXPIRY.0 - 9)).succeeds();
    assert_eq!(world.registry().entries, expected);
}

#[test]
fn a_revocation_has_the_oracle_drawn_no_more_from_that_slot_on() {
    let world = World::with_market();
    let slot = world.chain.slot();
    let expected = entries_with(&world, &oracle(3), |one| one.out_slot = slot);
    let revocations: [fn(&mut World) -> Attempt<'_>; 2] = [ACTS[2], ACTS[3]];
    for revoke in revocations {
        let mut world = world.clone();
        revoke(&mut world).succeeds();
        assert_eq!(world.registry().entries, expected);
        // It is in the registry still, until anyone takes it out.
        assert_eq!(world.oracle_account(&oracle(3)).joined, 1);
    }
}

#[test]
fn a_second_revocation_moves_nothing() {
    let mut world = World::with_market();
    world.certifier().revokes(KIND, oracle(3)).succeeds();
    let before = world.registry().entries;
    world.chain.wait_slots(5);
    world.certifier().certifies(KIND, oracle(3)).succeeds();
    world.deployer().revokes(KIND, oracle(3)).succeeds();
    assert_eq!(world.registry().entries, before);
}

#[test]
fn clearing_what_lapsed_leaves_the_entry_at_the_expiry() {
    let mut world = World::with_market();
    let soon = world.chain.now().0 + 10;
    world.certifier().amends(KIND, oracle(3), until(soon)).succeeds();
    world.chain.wait_until(Timestamp(soon + 2_592_000));
    let slot = world.chain.slot();
    let expected = entries_with(&world, &oracle(3), |one| one.out_slot = slot);
    assert!(expected.iter().any(|entry| entry.certified_until == soon));
    world.anyone().clears_certificate(KIND, &oracle(3)).succeeds();
    assert_eq!(world.registry().entries, expected);
}

#[test]
fn of_an_oracle_that_has_left_a_revocation_changes_nothing() {
    let mut market = World::with_market();
    market.oracle(3).leaves().succeeds();
    let left = market.registry().entries;
    market.chain.wait_slots(7);
    let revocations: [fn(&mut World) -> Attempt<'_>; 2] = [ACTS[2], ACTS[3]];
    for revoke in revocations {
        let mut world = market.clone();
        revoke(&mut world).succeeds();
        assert_eq!(world.registry().entries, left);
        // Nor does it put off when the entry goes.
        world.chain.wait_slots(1_000 - 7);
        world.anyone().evicts(&oracle(3)).succeeds();
        assert_eq!(world.oracle_account(&oracle(3)).joined, 0);
    }
}

#[test]
fn an_oracle_that_is_not_registered_is_fine() {
    let mut market = World::with_market();
    market.takes_leave(3);
    let registry = market.chain.account(&address::registry());
    for act in ACTS {
        let mut world = market.clone();
        act(&mut world).succeeds();
        assert_eq!(world.chain.account(&address::registry()), registry);
    }
}

#[test]
fn whoever_has_no_oracle_account_at_all_is_fine_too() {
    let mut world = World::with_market();
    world.certifier().certifies(KIND, key(CONSUMER)).succeeds();
    let registry = world.chain.account(&address::registry());
    world.certifier().amends(KIND, key(CONSUMER), until(EXPIRY.0 + 1)).succeeds();
    world.certifier().revokes(KIND, key(CONSUMER)).succeeds();
    assert_eq!(world.chain.account(&address::registry()), registry);
}

#[test]
fn the_registry_is_needed_whether_or_not_the_oracle_is_registered() {
    let mut market = World::with_market();
    for act in ACTS {
        let attempt = act(&mut market).with(address::PROGRAM, address::registry());
        attempt.is_refused(CoreError::RegistryAccountMissing);
    }
    market.takes_leave(3);
    for act in ACTS {
        let attempt = act(&mut market).with(address::PROGRAM, address::registry());
        attempt.is_refused(CoreError::RegistryAccountMissing);
    }
}

#[test]
fn other_registries_are_refused() {
    let mut world = World::with_market();
    let genuine = world.chain.account(&address::registry()).unwrap();
    let foreign = Account { owner: key("a stranger's program"), ..genuine.clone() };
    for act in ACTS {
        let attempt = act(&mut world).read_only(address::registry());
        attempt.is_refused(ErrorCode::ConstraintMut);
        let attempt = act(&mut world).with(oracle_account(), address::registry());
        attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
        let attempt = act(&mut world).with(key("copy"), address::registry());
        let attempt = attempt.putting(key("copy"), genuine.clone());
        attempt.is_refused(ErrorCode::ConstraintSeeds);
        let attempt = act(&mut world).with(key("copy"), address::registry());
        let attempt = attempt.putting(key("copy"), foreign.clone());
        attempt.is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
}

fn oracle_account() -> Pubkey {
    address::oracle(&oracle(3))
}

#[test]
fn an_oracles_certificate_as_something_else_does_not_count_there() {
    let mut world = World::with_market();
    let registry = world.chain.account(&address::registry());
    for kind in [SubjectKind::Provider, SubjectKind::Consumer] {
        world.certifier().certifies(kind, oracle(3)).succeeds();
        let shown = |meta: &mut AccountMeta| *meta = AccountMeta::new(address::registry(), false);
        let attempt = world.certifier().amends(kind, oracle(3), until(EXPIRY.0 - 5));
        attempt.at(4, shown).succeeds();
        world.certifier().revokes(kind, oracle(3)).at(5, shown).succeeds();
        assert_eq!(world.chain.account(&address::registry()), registry);
    }
}

#[test]
fn an_oracle_is_drawn_until_its_certificate_ends_and_again_once_it_is_renewed() {
    let mut world = World::with_market();
    let soon = world.chain.now().0 + 100;
    // Five of seven have to be eligible for three seats.
    for index in 0..3 {
        world.certifier().amends(KIND, oracle(index), until(soon)).succeeds();
    }
    world.chain.wait_until(Timestamp(soon - 1));
    let mut in_time = world.clone();
    in_time.consumer().reserves().succeeds();
    world.chain.wait_until(Timestamp(soon));
    world.consumer().reserves().is_refused(CoreError::OraclesTooFew);
    world.certifier().amends(KIND, oracle(1), until(EXPIRY.0)).succeeds();
    // As whoever joins, it takes part in draws that are fixed in a later slot.
    world.consumer().reserves().is_refused(CoreError::OraclesTooFew);
    world.chain.wait_slots(1);
    world.consumer().reserves().succeeds();
    world.wait_until_draw();
    let drawn = world.drawn();
    assert!(!drawn.contains(&oracle(0)) && !drawn.contains(&oracle(2)));
    world.anyone().seats(&drawn).succeeds();
}

#[test]
fn whose_certificate_is_revoked_is_drawn_no_more_at_once() {
    let mut world = World::with_market();
    for index in 0..2 {
        world.certifier().revokes(KIND, oracle(index)).succeeds();
    }
    let mut still = world.clone();
    still.consumer().reserves().succeeds();
    world.deployer().revokes(KIND, oracle(2)).succeeds();
    world.consumer().reserves().is_refused(CoreError::OraclesTooFew);
}

#[test]
fn anyone_takes_an_oracle_without_certificate_out_of_the_registry() {
    let mut world = World::with_market();
    world.anyone().evicts(&oracle(3)).is_refused(CoreError::OracleServes);
    world.certifier().revokes(KIND, oracle(3)).succeeds();
    let revoked = world.chain.slot();
    world.chain.wait_slots(40);
    world.anyone().evicts(&oracle(3)).succeeds();
    assert_eq!(world.oracle_account(&oracle(3)).joined, 2);
    // It has been drawn no more since it was revoked: the entry goes 1,000 slots after that.
    world.chain.wait_slots(revoked + 999 - world.chain.slot());
    world.anyone().evicts(&oracle(3)).is_refused(CoreError::DrawPending);
    world.chain.wait_slots(1);
    world.anyone().evicts(&oracle(3)).succeeds();
    assert_eq!(world.oracle_account(&oracle(3)).joined, 0);
    assert!(world.registry().entries.iter().all(|entry| entry.oracle != oracle(3)));
}

#[test]
fn an_oracle_serves_its_seats_to_the_end_without_a_certificate() {
    let mut world = World::with_active_sla();
    for (seat, authority) in world.sla().seats[..3].iter().enumerate() {
        match seat {
            0 => world.certifier().revokes(KIND, *authority).succeeds(),
            _ => {
                let soon = until(world.chain.now().0 + 1);
                world.certifier().amends(KIND, *authority, soon).succeeds()
            }
        };
    }
    let terms = world.terms();
    world.reports(0, [Some(met(&terms)); 3]);
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    let seats = world.sla().body.seats;
    assert!(seats.fees[..3].iter().all(|fee| *fee > 0), "{:?}", seats.fees);
    for seat in 0..3 {
        world.seat(seat).claims_fees().succeeds();
    }
}

#[test]
fn a_certificate_given_anew_counts_once_the_oracle_joins_anew() {
    let mut world = World::with_market();
    world.certifier().revokes(KIND, oracle(3)).succeeds();
    let revoked = world.registry().entries;
    world.certifier().certifies(KIND, oracle(3)).succeeds();
    assert_eq!(world.registry().entries, revoked, "it is drawn no more, whatever it is given");
    world.takes_leave(3);
    world.oracle(3).joins_registry().succeeds();
    let entries = world.registry().entries;
    let entry = entries.iter().find(|entry| entry.oracle == oracle(3)).unwrap();
    assert_eq!((entry.certified_until, entry.out_slot), (EXPIRY.0, 0));
    assert_eq!(entry.joined_slot, world.chain.slot());
}
