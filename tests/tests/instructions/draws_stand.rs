//! Once a draw's hash can be known, nothing that anybody does moves a seat to another oracle: who is drawn and does not
//! serve any more leaves its seat vacant.

use flashback::events::{CommitteeSeated, RedrawArmed, SlaExpired};
use flashback_core::sla::VACANT;
use flashback_sdk::instruction::{AmendCertificateArgs, ProposeSlaArgs};
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;

const KIND: SubjectKind = SubjectKind::Oracle;

/// The number of an oracle of this world.
fn number(authority: &Pubkey) -> usize {
    (0..ORACLES).find(|index| key(&oracle_name(*index)) == *authority).unwrap()
}

/// An SLA of so many seats whose draw's hash is known, and whom it gives.
fn ready(seats: u8) -> (World, Vec<Pubkey>) {
    let mut world = World::with_market();
    let mut request = reservation().request;
    request.seats = seats;
    world.consumer().reserves_with(ProposeSlaArgs { request, ..reservation() }).succeeds();
    world.wait_until_draw();
    let drawn = world.drawn();
    (world, drawn)
}

/// Every way out of the registry.
const WAYS: [fn(&mut World, &Pubkey); 4] = [
    |world, oracle| {
        world.oracle(number(oracle)).leaves().succeeds();
    },
    |world, oracle| {
        world.oracle(number(oracle)).unstakes(Atoms(STAKE.0 / 2 + 1)).succeeds();
        world.anyone().evicts(oracle).succeeds();
    },
    |world, oracle| {
        world.certifier().revokes(KIND, *oracle).succeeds();
        world.anyone().evicts(oracle).succeeds();
    },
    |world, oracle| {
        world.deployer().revokes(KIND, *oracle).succeeds();
        world.oracle(number(oracle)).leaves().succeeds();
    },
];

/// Checks that the committee is seated as it was drawn, but for the seats that stay vacant.
fn is_seated_without(world: &mut World, drawn: &[Pubkey], vacant: &[usize]) {
    assert_eq!(world.drawn(), drawn, "nobody is drawn in another's place");
    let event = world.anyone().seats_committee().succeeds().event::<CommitteeSeated>();
    let mut seats = [Pubkey::default(); 5];
    for (seat, authority) in drawn.iter().enumerate() {
        let serves = !vacant.contains(&seat);
        if serves {
            seats[seat] = *authority;
        }
        let first = world.sla().body.seats.first_window[seat];
        assert_eq!(first, if serves { 0 } else { VACANT });
        let oracle = world.oracle_account(authority);
        let covered = if serves { event.seat_cover } else { 0 };
        assert_eq!((oracle.seats, oracle.stake.covered), (u32::from(serves), covered));
    }
    assert_eq!((world.sla().seats, event.seats), (seats, seats));
}

#[test]
fn a_drawn_oracle_that_leaves_leaves_its_seat_vacant() {
    let (world, drawn) = ready(3);
    for leave in WAYS {
        for seat in 0..3 {
            let mut world = world.clone();
            leave(&mut world, &drawn[seat]);
            is_seated_without(&mut world, &drawn, &[seat]);
        }
    }
}

#[test]
fn nobody_takes_its_place() {
    let (world, drawn) = ready(3);
    let entries = world.registry().entries;
    let spares: Vec<_> = entries.iter().map(|entry| entry.oracle).collect();
    for leave in WAYS {
        let mut world = world.clone();
        leave(&mut world, &drawn[0]);
        for spare in spares.iter().filter(|spare| !drawn.contains(spare)) {
            for committee in [[*spare, drawn[1], drawn[2]], [drawn[1], drawn[2], *spare]] {
                world.anyone().seats(&committee).is_refused(CoreError::CommitteeMismatch);
            }
        }
    }
}

#[test]
fn whoever_is_not_drawn_may_leave() {
    let (world, drawn) = ready(3);
    let entries = world.registry().entries;
    for leave in WAYS {
        let mut world = world.clone();
        let spares = entries.iter().map(|entry| entry.oracle).filter(|one| !drawn.contains(one));
        for spare in spares {
            leave(&mut world, &spare);
        }
        is_seated_without(&mut world, &drawn, &[]);
    }
}

#[test]
fn of_five_seats_two_may_be_left_vacant_and_three_start_nothing() {
    let (mut world, drawn) = ready(5);
    for (leave, seat) in [(WAYS[0], 4), (WAYS[2], 0)] {
        leave(&mut world, &drawn[seat]);
    }
    is_seated_without(&mut world.clone(), &drawn, &[0, 4]);
    WAYS[1](&mut world, &drawn[2]);
    world.anyone().seats(&drawn).is_refused(CoreError::OraclesTooFew);
}

#[test]
fn whoever_takes_a_majority_out_gains_no_other_committee() {
    let (mut world, drawn) = ready(3);
    for oracle in &drawn[..2] {
        WAYS[2](&mut world, oracle);
    }
    world.anyone().seats(&drawn).is_refused(CoreError::OraclesTooFew);
    world.chain.wait_slots(512);
    world.anyone().seats(&drawn).is_refused(CoreError::DrawLapsed);
    // The SLA never began: it costs nobody anything.
    let event = world.anyone().expires().succeeds().event::<SlaExpired>();
    assert_eq!(event.refund, world.quote().deposit.0);
}

#[test]
fn a_revocation_alone_moves_no_seat_of_others() {
    for seat in 0..3 {
        let (mut world, drawn) = ready(3);
        world.certifier().revokes(KIND, drawn[seat]).succeeds();
        assert_eq!(world.drawn(), drawn);
        world.anyone().seats_committee().succeeds();
        for other in (0..3).filter(|other| *other != seat) {
            assert_eq!(world.sla().seats[other], drawn[other]);
        }
    }
}

#[test]
fn neither_does_a_certificate_that_ends_meanwhile() {
    // A certifier, or who waits for the second of an expiry, would else have two draws to choose from.
    let (mut world, drawn) = ready(3);
    let expires_at = world.chain.now().0 + 1;
    let ends = AmendCertificateArgs { level: 1, evidence_hash: [7; 32], expires_at };
    world.certifier().amends(KIND, drawn[0], ends).succeeds();
    world.wait(Timestamp(expires_at));
    world.anyone().seats(&drawn).succeeds();
    assert_eq!(world.sla().seats[1..3], drawn[1..3]);
}

#[test]
fn who_left_in_the_slot_of_the_draw_is_not_drawn_and_who_left_in_the_next_is() {
    let (_, drawn) = ready(3);
    let leaver = number(&drawn[1]);
    let mut before = World::with_agreed_sla();
    before.oracle(leaver).leaves().succeeds();
    let mut after = World::with_agreed_sla();
    after.chain.wait_slots(1);
    after.oracle(leaver).leaves().succeeds();
    for world in [&mut before, &mut after] {
        world.wait_until_draw();
    }
    // One that is not drawn is passed over, and the others keep their order.
    let committee = before.drawn();
    assert_eq!(committee[..2], [drawn[0], drawn[2]]);
    is_seated_without(&mut before, &committee, &[]);
    is_seated_without(&mut after, &drawn, &[1]);
}

#[test]
fn its_entry_is_there_as_long_as_an_older_draw_can_be_held() {
    let (_, drawn) = ready(3);
    let mut world = World::with_agreed_sla();
    // It left in the slot after the draw was fixed, at the earliest.
    world.chain.wait_slots(1);
    world.oracle(number(&drawn[1])).leaves().succeeds();
    let left = world.chain.slot();
    let draw_slot = world.sla().body.progress.draw_slot;
    world.chain.wait_slots(draw_slot + 512 - left);
    is_seated_without(&mut world.clone(), &drawn, &[1]);
    world.anyone().evicts(&drawn[1]).is_refused(CoreError::DrawPending);
    world.chain.wait_slots(1);
    world.anyone().seats(&drawn).is_refused(CoreError::DrawLapsed);
    world.chain.wait_slots(left + 999 - world.chain.slot());
    world.anyone().evicts(&drawn[1]).is_refused(CoreError::DrawPending);
    world.chain.wait_slots(1);
    world.anyone().evicts(&drawn[1]).succeeds();
    assert_eq!(world.oracle_account(&drawn[1]).joined, 0);
}

#[test]
fn a_seat_left_vacant_is_redrawn_and_never_to_who_left() {
    let (mut world, drawn) = ready(3);
    WAYS[0](&mut world, &drawn[1]);
    world.anyone().seats_committee().succeeds();
    for slots in 1..=20 {
        let mut world = world.clone();
        world.chain.wait_slots(slots);
        world.anyone().arms_redraw(1).succeeds();
        world.wait_until_draw();
        assert_ne!(world.newcomers(), drawn[1..2]);
    }
    world.anyone().arms_redraw(1).succeeds();
    world.wait_until_draw();
    let newcomer = world.newcomers()[0];
    world.anyone().redraws(None).succeeds();
    assert_eq!(world.sla().seats[..3], [drawn[0], newcomer, drawn[2]]);
}

#[test]
fn no_redraw_is_tried_again_while_two_contests_keep_it_from_being_held() {
    let mut world = World::with_contestable_window();
    world.seat(1).leaves().succeeds();
    // In the last second in which window 0 can be contested, for a day.
    world.wait(Timestamp(world.terms().settles_at(0).unwrap().0 - 1));
    world.anyone().challenges(0, 0, 0).succeeds();
    world.anyone().arms_redraw(1).succeeds();
    // Nobody holds the draw, and its hash is forgotten.
    let report = met(&world.terms());
    world.reports(1, [Some(report); 3]);
    world.wait_until_challenges(1);
    world.anyone().challenges(1, 0, 0).succeeds();
    assert_eq!(world.sla().body.progress.open_rounds, 2);
    world.anyone().arms_redraw(1).is_refused(CoreError::RoundOpen);
    // Of seat 0's holder it depends when one of them ends; only then is there another draw.
    let opening = world.records(0, 0, 0).opening(0);
    world.anyone().opens_leaf(0, 0, 0, opening).succeeds();
    world.anyone().settles_round(0).succeeds();
    let slot = world.chain.slot();
    let event = world.anyone().arms_redraw(1).succeeds().event::<RedrawArmed>();
    assert_eq!((event.draw_number, event.draw_slot), (2, slot + 8));
}
