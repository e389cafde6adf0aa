//! Who is drawn.

use flashback_core::hash::{Sha256, SoftwareSha256};
use flashback_core::units::DAY;
use flashback_sdk::instruction::AmendCertificateArgs;

use super::*;

/// The hash of the draw's slot, in the SlotHashes sysvar: a count (8 bytes), then slot (8) and hash (32) of each.
fn draw_hash(world: &World) -> [u8; 32] {
    let draw_slot = world.sla().body.progress.draw_slot.to_le_bytes();
    let sysvar = world.chain.account(&solana_sdk::sysvar::slot_hashes::ID).unwrap().data;
    let mut entries = sysvar[8..].chunks(40);
    let entry = entries.find(|entry| entry[..8] == draw_slot).unwrap();
    entry[8..].try_into().unwrap()
}

/// Those of the oracles whose tickets are the lowest, lowest first, worked out here from the tickets alone.
fn lowest(world: &World, oracles: impl IntoIterator<Item = Pubkey>) -> Vec<Pubkey> {
    let (hash, number) = (draw_hash(world), world.sla().body.progress.draw_number.to_le_bytes());
    let sla = world.sla_address();
    let mut tickets: Vec<_> = oracles
        .into_iter()
        .map(|oracle| {
            let parts: [&[u8]; 4] = [&hash, sla.as_ref(), &number, oracle.as_ref()];
            (SoftwareSha256::hash(&parts), oracle)
        })
        .collect();
    tickets.sort();
    tickets.into_iter().map(|(_, oracle)| oracle).collect()
}

/// The oracles without a seat.
fn spares(world: &World) -> Vec<Pubkey> {
    let seats = world.sla().seats;
    let all = (0..ORACLES).map(|index| key(&oracle_name(index)));
    all.filter(|oracle| !seats.contains(oracle)).collect()
}

/// Has all spares but that many leave the registry; returns those that stay.
fn keep_spares(world: &mut World, count: usize) -> Vec<Pubkey> {
    let mut spares = spares(world);
    for gone in spares.split_off(count) {
        world.oracle(number(&gone)).leaves().succeeds();
    }
    spares
}

#[test]
fn the_lowest_ticket_wins_in_every_draw() {
    // Who is to be replaced stands in the registry still, as do the others seated.
    let mut world = missed();
    let spares = spares(&world);
    let mut winners = vec![];
    world.anyone().settles().succeeds();
    for slots in 1..=12 {
        let mut world = world.clone();
        world.chain.wait_slots(slots);
        arm(&mut world, 1);
        let winner = lowest(&world, spares.clone())[0];
        for other in world.registry().entries.iter().map(|entry| entry.oracle) {
            if other != winner {
                let attempt = redraw(&mut world, &[(1, other)], None);
                attempt.is_refused(CoreError::CommitteeMismatch);
            }
        }
        redraw(&mut world, &[(1, winner)], None).succeeds();
        winners.push(winner);
    }
    winners.sort();
    winners.dedup();
    assert!(winners.len() > 1, "twelve draws choose more than one of four");
}

#[test]
fn who_is_seated_is_not_drawn() {
    let mut world = missed();
    let seats = world.sla().seats;
    keep_spares(&mut world, 0);
    arm(&mut world, 1);
    // Neither those who serve nor who is to be replaced.
    for seated in &seats[..3] {
        let attempt = redraw(&mut world, &[(1, *seated)], None);
        attempt.is_refused(CoreError::OraclesTooFew);
    }
}

#[test]
fn the_parties_are_not_drawn() {
    let mut world = World::with_market();
    world.add_oracle_named(CONSUMER);
    world.add_oracle_named(PROVIDER);
    world.chain.wait_slots(1);
    let mut request = reservation().request;
    request.windows = 8;
    world.consumer().reserves_with(ProposeSlaArgs { request, ..reservation() }).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world.seat(1).leaves().succeeds();
    let gone = spares(&world)[0];
    keep_spares(&mut world, 0);
    arm(&mut world, 1);
    for party in [CONSUMER, PROVIDER] {
        let attempt = redraw(&mut world, &[(1, key(party))], None);
        attempt.is_refused(CoreError::OraclesTooFew);
    }
    // A party keeps nobody else out.
    returns(&mut world, &gone);
    passes(&mut world, 0, &[1]);
    arm(&mut world, 1);
    world.anyone().redraws(None).succeeds();
    assert_eq!(world.sla().seats[1], gone);
}

#[test]
fn who_joined_when_the_draw_was_armed_or_later_is_not_drawn() {
    let mut world = left();
    keep_spares(&mut world, 0);
    world.add_oracle(ORACLES);
    let one = key(&oracle_name(ORACLES));

    // It joined in the slot before: drawn. In the same slot: not.
    let mut before = world.clone();
    before.chain.wait_slots(1);
    arm(&mut before, 1);
    before.anyone().redraws(None).succeeds();
    assert_eq!(before.sla().seats[1], one);
    arm(&mut world, 1);
    redraw(&mut world, &[(1, one)], None).is_refused(CoreError::OraclesTooFew);
}

#[test]
fn who_joins_once_the_hash_can_be_known_changes_nothing() {
    let mut world = drawn();
    let winner = world.newcomers()[0];
    // As many as it takes for one of them to have a lower ticket.
    for index in ORACLES..ORACLES + 8 {
        world.add_oracle(index);
    }
    let joined = (ORACLES..ORACLES + 8).map(|index| key(&oracle_name(index)));
    let best = lowest(&world, joined.chain([winner]))[0];
    assert_ne!(best, winner, "a lower ticket has come too late");
    redraw(&mut world, &[(1, best)], None).is_refused(CoreError::CommitteeMismatch);
    world.anyone().redraws(None).succeeds();
    assert_eq!(world.sla().seats[1], winner);
}

#[test]
fn whose_certificate_has_expired_when_a_draw_is_fixed_is_not_drawn() {
    let mut world = left();
    let [one] = keep_spares(&mut world, 1)[..] else { panic!("one spare") };
    let expires_at = world.chain.now().0 + 100;
    let until = AmendCertificateArgs { level: 1, evidence_hash: [7; 32], expires_at };
    world.certifier().amends(SubjectKind::Oracle, one, until).succeeds();
    world.wait(Timestamp(expires_at - 1));
    let mut late = world.clone();
    // Valid when the draw is fixed: that it ends before the draw is held moves no seat.
    arm(&mut world, 1);
    world.wait(Timestamp(expires_at + 60));
    redraw(&mut world, &[(1, one)], None).succeeds();
    late.wait(Timestamp(expires_at));
    arm(&mut late, 1);
    redraw(&mut late, &[(1, one)], None).is_refused(CoreError::OraclesTooFew);
}

#[test]
fn who_leaves_in_the_slot_in_which_the_draw_is_armed_is_not_drawn() {
    let mut world = left();
    let [one] = keep_spares(&mut world, 1)[..] else { panic!("one spare") };
    world.oracle(number(&one)).leaves().succeeds();
    arm(&mut world, 1);
    redraw(&mut world, &[(1, one)], None).is_refused(CoreError::OraclesTooFew);
}

/// Whose drawn newcomer leaves, or is taken out, before the seat is redrawn: it stays drawn, and leaves the seat vacant.
fn stays_drawn(leaves: fn(&mut World, &Pubkey)) {
    let mut world = drawn();
    let ranked = lowest(&world, spares(&world));
    leaves(&mut world, &ranked[0]);
    assert_eq!(world.newcomers(), ranked[..1]);
    redraw(&mut world, &[(1, ranked[1])], None).is_refused(CoreError::CommitteeMismatch);
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.after, event.first_window), (Pubkey::default(), VACANT));
    let oracle = world.oracle_account(&ranked[0]);
    assert_eq!((oracle.stake.covered, oracle.seats), (0, 0));
    assert!(oracle.stake.bonded > COVER, "it could have covered the seat");
    is_in_step(&mut world);
}

#[test]
fn who_leaves_later_moves_the_seat_to_nobody() {
    stays_drawn(|world, oracle| {
        world.oracle(number(oracle)).leaves().succeeds();
    });
}

#[test]
fn who_is_taken_out_later_moves_the_seat_to_nobody() {
    stays_drawn(|world, oracle| {
        world.certifier().revokes(SubjectKind::Oracle, *oracle).succeeds();
        world.anyone().evicts(oracle).succeeds();
    });
    stays_drawn(|world, oracle| {
        world.oracle(number(oracle)).unstakes(Atoms(STAKE.0 / 2 + 1)).succeeds();
        world.anyone().evicts(oracle).succeeds();
    });
}

#[test]
fn whose_certificate_was_revoked_before_is_not_drawn() {
    let mut world = left();
    let [one] = keep_spares(&mut world, 1)[..] else { panic!("one spare") };
    world.certifier().revokes(SubjectKind::Oracle, one).succeeds();
    arm(&mut world, 1);
    redraw(&mut world, &[(1, one)], None).is_refused(CoreError::OraclesTooFew);
}

#[test]
fn with_nobody_to_draw_the_sla_runs_on_and_is_drawn_later() {
    let mut world = left();
    let spares = spares(&world);
    keep_spares(&mut world, 0);
    arm(&mut world, 1);
    redraw(&mut world, &[(1, spares[0])], None).is_refused(CoreError::OraclesTooFew);
    passes(&mut world, 0, &[1]);
    world.anyone().settles().succeeds();
    assert_eq!(world.sla().body.progress.met, 1);
    returns(&mut world, &spares[0]);
    world.wait_secs(u64::from(DAY) / 8);
    arm(&mut world, 1);
    world.anyone().redraws(None).succeeds();
    assert_eq!(world.sla().seats[1], spares[0]);
    is_in_step(&mut world);
}
