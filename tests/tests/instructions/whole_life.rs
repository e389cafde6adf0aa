//! One life of an SLA in which every term counts, for tests that nothing from outside changes it.

use flashback_core::quality::Aggregate;
use flashback_core::sla::{SlaBody, SlaTerms};
use flashback_tests::prelude::*;

/// What somebody outside sees of the SLA and of what its people hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    pub body: Option<SlaBody>,
    pub purses: Vec<Atoms>,
    pub stakes: Vec<Atoms>,
    pub treasury: Atoms,
    pub supply: Atoms,
}

impl Seen {
    fn of(world: &World, seats: &[Pubkey]) -> Self {
        let chain = &world.chain;
        let people = [CONSUMER, PROVIDER, PAYOUT, STRANGER].map(key);
        let purses = people.iter().chain(seats);
        let provider = world.provider_address();
        let stakes = seats.iter().map(address::oracle).chain([provider]);
        Self {
            body: chain.account(&world.sla_address()).map(|_| world.sla().body),
            purses: purses
                .map(|owner| chain.tokens(&address::token_account(owner, &Chain::flash())))
                .collect(),
            stakes: stakes.map(|owner| chain.tokens(&address::stake_vault(&owner))).collect(),
            treasury: chain.tokens(&address::treasury()),
            supply: chain.supply(),
        }
    }
}

/// From Agreed to Ended: a window disputed and challenged, one breached (by the judgement of two seats, each by another
/// count), one unmeasured, one with a proven lie and few samples; then penalties and absences are collected.
pub fn live(world: &mut World) -> Seen {
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let terms = world.terms();
    contested(world);
    let met = met(&terms);
    let unreachable = Aggregate { probes_ok: met.probes_ok - 12, ..met };
    let failing = Aggregate { ops_ok: met.ops_ok - 15, ..met };
    world.reports(1, [Some(unreachable), Some(failing), Some(met)]);
    world.reports(2, [None, Some(met), None]);
    lied_about(world);
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    world.anyone().collects_penalty().succeeds();
    for seat in [0, 2] {
        world.anyone().collects_absence(seat).succeeds();
    }
    Seen::of(world, &seats(world))
}

/// From Ended to closed: released, everything withdrawn.
pub fn close(world: &mut World) -> Seen {
    let seats = seats(world);
    world.anyone().asserts_escrow_solvent().succeeds();
    world.anyone().releases().succeeds();
    world.provider().withdraws_earnings().succeeds();
    world.consumer().withdraws_refund().succeeds();
    for seat in 0..seats.len() {
        world.seat(seat).claims_fees().succeeds();
    }
    world.anyone().sweeps_fees().succeeds();
    world.anyone().closes().succeeds();
    Seen::of(world, &seats)
}

fn seats(world: &World) -> Vec<Pubkey> {
    world.sla().seats[..3].to_vec()
}

/// Window 0 is met; the consumer disputes it in vain, the stranger challenges a leaf, which is opened.
fn contested(world: &mut World) {
    world.wait_until_reports(0);
    for seat in 0..3 {
        let report = world.records(seat, 0, 0).report(0);
        world.seat(seat).submits(report).succeeds();
    }
    world.wait_until_challenges(0);
    world.consumer().disputes(0).succeeds();
    world.anyone().challenges(0, 1, 4).succeeds();
    let opening = world.records(1, 0, 0).opening(4);
    world.anyone().opens_leaf(0, 1, 4, opening).succeeds();
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
}

/// Enough samples by the default of `min_samples`, and no more.
fn few(terms: &SlaTerms) -> Aggregate {
    let (met, n) = (met(terms), 20);
    Aggregate { upload_count: n, upload_sum_kib_s: u64::from(n * terms.upload_kib_s), ..met }
}

/// In window 3, seat 0 submits what its records contradict, and the stranger proves it.
fn lied_about(world: &mut World) {
    world.wait_until_reports(3);
    let terms = world.terms();
    let half = Aggregate { probes_ok: terms.probes / 2, ..met(&terms) };
    let lie = world.records(0, 3, 0).with_aggregate(half);
    world.seat(0).submits(lie.report(3)).succeeds();
    for seat in 1..3 {
        world.seat(seat).reports(3, few(&terms)).succeeds();
    }
    world.anyone().proves_fraud(None, 0, lie.accusation(4)).succeeds();
}
