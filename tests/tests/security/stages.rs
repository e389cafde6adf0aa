//! The consumer's SLA at every stage, in the crowded market, with another one of the neighbour's and a second one of
//! its own at the same stage.

use std::sync::LazyLock;

use flashback_sdk::instruction::{AmendCertificateArgs, close_unit, join_registry};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use flashback_tests::records::Records;
use spl_token_interface::instruction as spl;

use super::beside::{NEIGHBOURS, NEIGHBOURS_PROPOSAL, PROPOSAL, SECOND, oracle_keypair};
use super::crowd::{SECOND_UNIT, market, once};

/// A seat whose challenged leaves are 0 and 1.
pub const CHALLENGED: u8 = 0;
/// A seat whose oracle leaves the registry.
pub const LEAVER: u8 = 1;
/// A seat whose submission contradicts its records.
pub const FRAUD: u8 = 2;

/// The draw can be held.
pub fn drawn() -> World {
    once!({
        let mut world = market();
        world.consumer().reserves_certified().succeeds();
        NEIGHBOURS.reserves(&mut world).succeeds();
        SECOND.reserves(&mut world).succeeds();
        world.wait_until_draw();
        world
    })
}

/// The draw's hash is lost.
pub fn lapsed() -> World {
    let mut world = drawn();
    world.chain.wait_slots(512);
    world
}

/// The committee is seated.
pub fn active() -> World {
    once!({
        let mut world = drawn();
        world.anyone().seats_committee().succeeds();
        NEIGHBOURS.seats_committee(&mut world).succeeds();
        SECOND.seats_committee(&mut world).succeeds();
        world
    })
}

/// Window 0 can be reported.
pub fn reporting() -> World {
    let mut world = active();
    world.wait_until_reports(0);
    world
}

/// Window 0 is reported, by one seat falsely, and can be contested.
pub fn contestable() -> World {
    once!({
        let mut world = reporting();
        for seat in [CHALLENGED, LEAVER] {
            let seat = usize::from(seat);
            let report = world.records(seat, 0, 0).report(0);
            world.seat(seat).submits(report).succeeds();
        }
        let report = forged(&world).report(0);
        world.seat(usize::from(FRAUD)).submits(report).succeeds();
        NEIGHBOURS.is_reported(&mut world, 0);
        SECOND.is_reported(&mut world, 0);
        world.wait_until_challenges(0);
        world
    })
}

/// Records of a failed probe under an aggregate without one.
fn forged(world: &World) -> Records {
    let records = world.records(usize::from(FRAUD), 0, 1);
    records.with_aggregate(met(&world.terms()))
}

/// What proves the forgery.
pub fn accusation() -> Vec<u8> {
    static PROOF: LazyLock<Vec<u8>> = LazyLock::new(|| forged(&contestable()).accusation(0));
    PROOF.clone()
}

/// What opens the first two leaves of the challenged seat.
pub fn opening(leaf: usize) -> Vec<u8> {
    static PROOFS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        let records = contestable().records(usize::from(CHALLENGED), 0, 0);
        [0, 1].map(|leaf| records.opening(leaf))
    });
    PROOFS[leaf].clone()
}

/// Window 0 can be settled.
pub fn settling() -> World {
    let mut world = contestable();
    world.wait_until_settleable(0);
    world
}

/// Window 0 is settled: points wait.
pub fn settled() -> World {
    let mut world = settling();
    world.anyone().settles().succeeds();
    NEIGHBOURS.settles(&mut world).succeeds();
    SECOND.settles(&mut world).succeeds();
    world
}

/// Window 0 is disputed by the consumer.
pub fn disputed() -> World {
    let mut world = contestable();
    world.consumer().disputes(0).succeeds();
    world
}

/// Window 0 is disputed by both parties, and two leaves are challenged.
pub fn contested() -> World {
    once!({
        let mut world = disputed();
        world.provider().disputes(0).succeeds();
        for leaf in [0, 1] {
            world.anyone().challenges(0, CHALLENGED, leaf).succeeds();
        }
        world
    })
}

/// The challenges were not answered.
pub fn unanswered() -> World {
    let mut world = contested();
    world.wait_secs(86_400);
    world
}

/// The disputes were not ruled on.
pub fn undecided() -> World {
    let mut world = contested();
    world.wait_secs(7 * 86_400);
    world
}

/// Contests are over: the round can be settled.
pub fn decided() -> World {
    once!(decide(contested()))
}

/// Every contest of window 0 ends.
fn decide(mut world: World) -> World {
    for party in [Party::Consumer, Party::Provider] {
        world.arbiter().rules(0, party, None).succeeds();
    }
    for leaf in [0, 1] {
        let opened = world.anyone().opens_leaf(0, CHALLENGED, leaf, opening(leaf as usize));
        opened.succeeds();
    }
    world.wait_until_settleable(0);
    world
}

/// A seat's oracle has left the registry, with the round of window 0 open.
pub fn left() -> World {
    let mut world = contested();
    world.seat(usize::from(LEAVER)).leaves().succeeds();
    world
}

/// The seat's redraw can be held.
pub fn armed() -> World {
    once!({
        let mut world = left();
        world.anyone().arms_redraw(LEAVER).succeeds();
        world.wait_until_draw();
        world
    })
}

/// Likewise, but in the challenge phase of window 1, so that the oracle has fees of window 0 to take along.
pub fn armed_later() -> World {
    once!({
        let mut world = settled();
        let terms = world.terms();
        world.reports(1, [Some(met(&terms)); 3]);
        world.wait_until_challenges(1);
        world.consumer().disputes(1).succeeds();
        world.seat(usize::from(LEAVER)).leaves().succeeds();
        world.anyone().arms_redraw(LEAVER).succeeds();
        world.wait_until_draw();
        world
    })
}

/// The seat is redrawn and the round settled: what was its former oracle's is still in it. That oracle is back in the
/// registry.
pub fn orphaned() -> World {
    once!({
        let mut world = armed();
        let leaver = world.sla().seats[usize::from(LEAVER)];
        world.anyone().redraws(Some(0)).succeeds();
        let mut world = decide(world);
        world.anyone().settles_round(0).succeeds();
        world.anyone().evicts(&leaver).succeeds();
        let joined = join_registry(key(RENT_PAYER), leaver);
        let signers = vec![keypair(RENT_PAYER), oracle_keypair(&leaver)];
        Attempt::new(&mut world.chain, joined, signers).succeeds();
        world
    })
}

/// It has ended, its windows met, breached, unmeasured and met, so that everybody is owed something.
pub fn ended() -> World {
    once!({
        let mut world = active();
        let terms = world.terms();
        world.reports(0, [Some(met(&terms)); 3]);
        world.reports(1, [Some(slow(&terms, 7)); 3]);
        world.reports(2, [None, Some(met(&terms)), None]);
        world.reports(3, [Some(met(&terms)), None, Some(met(&terms))]);
        world.wait_until_settleable(3);
        world.anyone().settles().succeeds();
        NEIGHBOURS.settles(&mut world).succeeds();
        SECOND.settles(&mut world).succeeds();
        world
    })
}

/// Penalties and absences are collected.
pub fn collected() -> World {
    once!({
        let mut world = ended();
        world.anyone().collects_penalty().succeeds();
        for seat in [0, 2] {
            world.anyone().collects_absence(seat).succeeds();
        }
        world
    })
}

/// Everything is withdrawn and given back.
pub fn emptied() -> World {
    once!({
        let mut world = collected();
        world.anyone().releases().succeeds();
        world.provider().withdraws_earnings().succeeds();
        world.consumer().withdraws_refund().succeeds();
        for seat in 0..3 {
            world.seat(seat).claims_fees().succeeds();
        }
        world.anyone().sweeps_fees().succeeds();
        world
    })
}

/// Released and forgotten for 30 days; the consumer has closed its token account meanwhile.
pub fn abandoned() -> World {
    once!({
        let mut world = collected();
        world.anyone().releases().succeeds();
        world.wait_secs(31 * 86_400);
        close_purse(&mut world);
        world
    })
}

fn close_purse(world: &mut World) {
    let (program, owner, from) = (&address::TOKEN_PROGRAM, key(CONSUMER), purse(CONSUMER));
    let rest = world.purse(CONSUMER).0;
    let moved = spl::transfer(program, &from, &purse(STRANGER), &owner, &[], rest);
    let closed = spl::close_account(program, &from, &key(STRANGER), &owner, &[]);
    for instruction in [moved, closed] {
        let instruction = instruction.expect("an instruction");
        Attempt::new(&mut world.chain, instruction, vec![keypair(CONSUMER)]).succeeds();
    }
}

/// The consumer and the neighbour have asked for something else than is offered.
pub fn proposed() -> World {
    once!({
        let mut world = contested();
        PROPOSAL.proposes(&mut world).succeeds();
        NEIGHBOURS_PROPOSAL.proposes(&mut world).succeeds();
        world
    })
}

/// The provider has not answered in time.
pub fn unaccepted() -> World {
    let mut world = proposed();
    world.wait_secs(86_400);
    world
}

/// Some of the first seat's stake has unbonded.
pub fn unbonded() -> World {
    once!({
        let mut world = contested();
        world.seat(0).unstakes(Atoms(5)).succeeds();
        world.wait_secs(30 * 86_400);
        world
    })
}

/// An oracle has left the registry so long ago that its entry can go.
pub fn gone() -> World {
    let mut world = contested();
    world.oracle(0).leaves().succeeds();
    world.chain.wait_slots(1_000);
    world
}

/// The certificate of a registered oracle has expired.
pub fn expired() -> World {
    let mut world = contested();
    let expires_at = world.chain.now().0 + 10;
    let amended = AmendCertificateArgs { level: 2, evidence_hash: [7; 32], expires_at };
    world.certifier().amends(SubjectKind::Oracle, key("oracle 0"), amended).succeeds();
    world.wait_secs(10);
    world
}

/// The provider's second unit is closing.
pub fn closing_unit() -> World {
    let mut world = contested();
    let closed = close_unit(key(PROVIDER), SECOND_UNIT);
    Attempt::new(&mut world.chain, closed, vec![keypair(PROVIDER)]).succeeds();
    world
}

/// The authority is offered to the stranger.
pub fn offered() -> World {
    let mut world = contested();
    world.deployer().offers_authority(key(STRANGER)).succeeds();
    world
}
