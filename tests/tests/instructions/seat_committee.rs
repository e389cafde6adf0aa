use flashback::events::CommitteeSeated;
use flashback_core::sla::SlaState;
use flashback_tests::prelude::*;
use solana_sdk::instruction::AccountMeta;

/// Accounts before the oracles'.
const FIXED: usize = 3;

fn ready() -> World {
    let mut world = World::with_agreed_sla();
    world.wait_until_draw();
    world
}

#[test]
fn anyone_seats_the_drawn_committee() {
    let mut world = ready();
    let drawn = world.drawn();
    let receipt = world.anyone().seats_committee().succeeds();

    let sla = world.sla();
    assert_eq!(sla.seats[..3], drawn[..]);
    assert_eq!(sla.seats[3..], [Pubkey::default(); 2]);
    assert_eq!(sla.body.progress.state(), Ok(SlaState::Active));
    assert_eq!(sla.body.seats.first_window[..3], [0; 3]);
    assert_eq!(sla.body.terms.start, world.chain.now().0 + 3_600);
    let cover = sla.body.terms.seat_cover().unwrap().total().unwrap();
    for authority in (0..ORACLES).map(|index| key(&format!("oracle {index}"))) {
        let oracle = world.oracle_account(&authority);
        let seated = drawn.contains(&authority);
        assert_eq!(oracle.seats, u32::from(seated));
        assert_eq!(oracle.stake.covered, if seated { cover.0 } else { 0 });
        let registry = world.registry();
        let entry = registry.entries.iter().find(|entry| entry.oracle == authority).unwrap();
        assert_eq!(entry.free_stake, oracle.stake.free().0);
    }
    let event = receipt.event::<CommitteeSeated>();
    assert_eq!((event.sla, event.seats), (world.sla_address(), sla.seats));
    assert_eq!((event.start, event.seat_cover), (sla.body.terms.start, cover.0));
}

#[test]
fn nobody_seats_before_the_draws_hash_exists() {
    let mut world = World::with_agreed_sla();
    let three: Vec<_> = world.registry().entries[..3].iter().map(|entry| entry.oracle).collect();
    world.anyone().seats(&three).is_refused(CoreError::DrawNotReady);
    let draw_slot = world.sla().body.progress.draw_slot;
    world.chain.wait_slots(draw_slot - world.chain.slot());
    // In the draw slot itself, its hash does not exist yet.
    world.anyone().seats(&three).is_refused(CoreError::DrawNotReady);
    world.chain.wait_slots(1);
    world.anyone().seats_committee().succeeds();
}

#[test]
fn nobody_seats_after_the_draws_hash_is_forgotten() {
    let mut world = ready();
    let drawn = world.drawn();
    world.chain.wait_slots(511);
    assert_eq!(world.drawn(), drawn, "the last moment");
    world.clone().anyone().seats(&drawn).succeeds();
    world.chain.wait_slots(1);
    world.anyone().seats(&drawn).is_refused(CoreError::DrawLapsed);
}

#[test]
fn another_committee_is_refused() {
    let mut world = ready();
    let drawn = world.drawn();
    let entries = world.registry().entries;
    let other = entries.iter().find(|entry| !drawn.contains(&entry.oracle)).unwrap().oracle;
    let committees = [
        vec![other, drawn[1], drawn[2]],
        vec![drawn[1], drawn[0], drawn[2]],
        vec![drawn[0], drawn[0], drawn[0]],
        vec![drawn[0], drawn[1]],
        vec![],
        vec![drawn[0], drawn[1], drawn[2], other],
    ];
    for committee in committees {
        world.anyone().seats(&committee).is_refused(CoreError::CommitteeMismatch);
    }
}

#[test]
fn twice_is_refused() {
    let mut world = ready();
    let drawn = world.drawn();
    world.anyone().seats(&drawn).succeeds();
    world.anyone().seats(&drawn).is_refused(CoreError::StateInvalid);
}

#[test]
fn other_accounts_are_no_oracles() {
    let mut world = ready();
    let unit = world.unit_address();
    let cases = [
        (unit, ErrorCode::AccountDiscriminatorMismatch),
        (purse(PROVIDER), ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (account, error) in cases {
        let attempt = world.anyone().seats_committee();
        attempt
            .remaining(FIXED, |oracles| oracles[1] = AccountMeta::new(account, false))
            .is_refused(error);
    }
}

#[test]
fn oracles_must_be_writable() {
    let mut world = ready();
    let attempt = world.anyone().seats_committee();
    attempt
        .remaining(FIXED, |oracles| oracles[1].is_writable = false)
        .is_refused(ErrorCode::AccountNotMutable);
}

#[test]
fn another_provider_or_registry_is_refused() {
    let mut world = ready();
    world.other_provider().registers().succeeds();
    let provider = world.provider_address();
    let attempt = world.anyone().seats_committee();
    attempt
        .with(address::provider(&key(OTHER_PROVIDER)), provider)
        .is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.anyone().seats_committee();
    attempt
        .with(address::config(), address::registry())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn what_is_written_is_writable() {
    let mut world = ready();
    for account in [world.sla_address(), address::registry()] {
        world.anyone().seats_committee().read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}
